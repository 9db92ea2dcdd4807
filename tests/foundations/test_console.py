import os
import subprocess
import sys
from pathlib import Path

HUB = [sys.executable, "-m", "hub.cli.main"]


def hub(*words: str, encoding: str = "utf-8", home: Path) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a console of some encoding."""
    environment = os.environ | {"PYTHONIOENCODING": encoding, "HUB_LANG": "zh", "HUB_HOME": str(home)}
    return subprocess.run([*HUB, *words], env=environment, capture_output=True, check=False)


def test_a_gbk_console_shows_chinese_and_survives_what_it_lacks(tmp_path: Path) -> None:
    """A character outside GBK becomes a question mark; it never ends a run."""
    (tmp_path / "hub.toml").write_text('[keys]\nhub = "\N{CHECK MARK}\u4dae"\n', encoding="utf-8")
    done = hub("config", "show", encoding="gbk", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    told = done.stdout.decode("gbk")
    assert "keys.hub = ??" in told
    assert "中枢密钥" in told


def test_a_reader_who_goes_away_is_no_error(tmp_path: Path) -> None:
    """`hub config show | head -1` says nothing on standard error, and ends as a shell reports a closed pipe."""
    environment = os.environ | {"HUB_HOME": str(tmp_path)}
    reading, writing = os.pipe()
    os.close(reading)
    with subprocess.Popen([*HUB, "config", "show"], stdout=writing, stderr=subprocess.PIPE, env=environment) as child:
        os.close(writing)
        assert child.communicate()[1] == b""
    assert child.returncode == 141


def test_errors_go_to_standard_error_and_answers_to_standard_output(tmp_path: Path) -> None:
    """A pipe gets answers only; the exit code tells whether there is one."""
    (tmp_path / "hub.toml").write_text("[serve]\nprot = 1\n")
    done = hub("config", "show", home=tmp_path)
    assert (done.returncode, done.stdout) == (3, b"")
    assert "最接近的是:serve.port" in done.stderr.decode()
