import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.cli.main import run
from hub.config import ATTRIBUTES, VARIABLES, Settings, load, nearest, write
from hub.core.errors import DataError, UsageError
from hub.core.format import check_format
from hub.core.url import has_password, mask, placed_under, with_password
from hub.texts import phrases


def refused(code: str, home: Path, toml: str = "", environment: dict[str, str] | None = None, **place: str) -> None:
    """Assert that these settings end in this DataError at this place."""
    home.joinpath("hub.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load(home, environment or {})
    assert caught.value.code == code
    assert {name: caught.value.place[name] for name in place} == place


def test_flags_win_over_the_environment_over_the_file_over_defaults(tmp_path: Path) -> None:
    """Each layer wins over the ones before it, and the settings remember which won."""
    (tmp_path / "hub.toml").write_text(
        "format = 1\n[serve]\nport = 1\nhost = 'a'\npause_ms = 20\n[hub]\ngo_live = 2026-03-01\n"
    )
    found = load(tmp_path, {"HUB_SERVE_PORT": "2", "HUB_SERVE_HOST": "b", "PATH": "/bin"}, {"serve.port": "3"})
    assert (found.serve_port, found.serve_host, found.serve_pause_ms, found.persons) == (3, "b", 20, 8)
    assert found.go_live == 20_513
    assert found.shown()["hub.go_live"] == "2026-03-01"
    origins = [found.origins[f"serve.{name}"] for name in ("port", "host", "pause_ms")]
    assert [*origins, found.origins["partitions.persons"]] == ["flag", "environment", "file", "default"]


def test_an_unknown_setting_is_refused_with_the_nearest(tmp_path: Path) -> None:
    """A mistyped setting is never silently without effect: file, environment and flag each name the nearest."""
    refused("HUB-G133", tmp_path, "[serve]\nprot = 1\n", key="serve.prot", nearest="serve.port")
    refused("HUB-G133", tmp_path, "fromat = 1\n", key="fromat")
    refused("HUB-G133", tmp_path, "", {"HUB_LOG_ULR": "x"}, key="HUB_LOG_ULR", nearest="HUB_LOG_URL")
    with pytest.raises(UsageError) as caught:
        load(tmp_path, {}, {"log.ulr": "x"})
    assert (caught.value.code, caught.value.place["nearest"]) == ("HUB-G204", "log.url")
    assert nearest("zzz").split(", ") == list(ATTRIBUTES)
    assert load(tmp_path, {"HUB_LANG": "zh", "HUB_HOME": "x", "HUB_REQUIRE": "all", "HUB_LOG_PASSWORD": "p"})


@pytest.mark.parametrize(
    "toml", ["[serve]\nport = 70000", "[serve]\nport = '1x'", "[serve]\nport = true", "[log]\nurl = 1",
             "[log]\nask_password = 'maybe'", "[hub]\ngo_live = 2026", "[hub]\ngo_live = '2026-02-30'", "hub = 3"],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused_and_not_repeated(toml: str, tmp_path: Path) -> None:
    """A wrong kind or a number outside its limits stops the start; the message names the setting, not the value."""
    (tmp_path / "hub.toml").write_text(toml)
    with pytest.raises(DataError) as caught:
        load(tmp_path, {})
    assert caught.value.code in ("HUB-G134", "HUB-G133")
    assert not {"70000", "1x", "maybe", "2026-02-30"} & {str(place) for place in caught.value.place.values()}
    with pytest.raises(UsageError, match="HUB-G205"):
        load(tmp_path / "none", {}, {"serve.port": "70000"})


def test_a_file_that_is_no_toml_or_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    """The program reads no configuration that it cannot understand."""
    refused("HUB-G132", tmp_path, "[serve\n", file="hub.toml")
    refused("HUB-G130", tmp_path, "format = 2\n", what="hub.toml")
    refused("HUB-G131", tmp_path, "format = 'new'\n", what="hub.toml")


def a_newer_format_is_refused(check: Callable[[int, int, str], bool]) -> None:
    """The law: an older format is brought up, an equal one taken, a newer one refused with exit 3."""
    assert check(1, 2, "spool") is True
    assert check(2, 2, "spool") is False
    refusals = []
    try:
        check(3, 2, "spool")
    except DataError as error:
        refusals.append((error.code, error.exit_code))
    assert refusals == [("HUB-G130", 3)]


def test_a_newer_format_is_refused_and_a_check_of_equality_alone_is_caught() -> None:
    """Format numbers guard every state file against an older program; a mutant that only compares is caught."""
    a_newer_format_is_refused(check_format)
    with pytest.raises(AssertionError):
        a_newer_format_is_refused(lambda found, known, what: found != known)


def test_passwords_come_from_environment_file_or_prompt_only(tmp_path: Path) -> None:
    """A password in hub.toml is refused; one from the environment, a file or a person gets into the URL."""
    refused("HUB-G135", tmp_path, "[log]\nurl = 'postgresql://hub:hunter2@db/log'\n", key="log.url")
    (tmp_path / "hub.toml").write_text("[log]\nurl = 'postgresql://hub@db/log'\npassword_file = 'pw'\n")
    assert load(tmp_path, {"HUB_LOG_PASSWORD": "a b"}).database("log") == "postgresql://hub:a%20b@db/log"
    with pytest.raises(DataError, match="HUB-G136"):
        load(tmp_path, {}).database("log")
    (tmp_path / "pw").write_text("p@ss\n")
    assert load(tmp_path, {}).database("log") == "postgresql://hub:p%40ss@db/log"
    asked = load(tmp_path, {"HUB_LOG_PASSWORD_FILE": "", "HUB_LOG_ASK_PASSWORD": "true"})
    assert asked.database("log", lambda name: f"for {name}") == "postgresql://hub:for%20log@db/log"
    with pytest.raises(DataError, match="HUB-G136"):
        asked.database("log")


def never_shown(settings: Settings) -> None:
    """The law: no form of showing settings has the password."""
    assert "hunter2" not in json.dumps(settings.shown())
    assert "hunter2" not in repr(settings)


def test_settings_never_show_a_password(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`hub config show` masks passwords, and a mutant that shows the field as it is gets caught."""
    environment = {"HUB_LOG_URL": "postgresql://hub:hunter2@db/log", "HUB_VAULT_PASSWORD": "hunter2"}
    never_shown(load(tmp_path, environment))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        for form in ([], ["--json"]):
            assert run(["config", "show", "--home", str(tmp_path), *form]) == 0
            shown = capsys.readouterr().out
            assert "hunter2" not in shown
            assert "******" in shown
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hub.config.mask", str)
        with pytest.raises(AssertionError):
            never_shown(load(tmp_path, environment))


@given(st.text("abc:@/?&=%", max_size=12).filter(lambda text: "@" not in text and len(text) > 2))
def test_what_has_a_password_is_masked_until_it_has_none(secret: str) -> None:
    """Masking takes out whatever was found as a password, and nothing of it is left."""
    url = with_password("postgresql://hub@db/log", secret)
    assert has_password(url)
    assert mask(url) == "postgresql://hub:******@db/log"
    for plain in ("postgresql://hub@db/log", "sqlite:///a@b:c", "2026-01-01 12:00"):
        assert not has_password(plain)
        assert mask(plain) == plain


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://hub:hunter2/and/more@db/log",
        "postgresql://hub:hunter2@hunter2@db/log",
        "postgresql://hub@db/log?sslmode=require&sslpassword=hunter2",
        "mssql+pyodbc:///?odbc_connect=DRIVER%3DX%3BPWD%3Dhunter2%3BUID%3Dhub",
        "https://hub:hunter2@localhost/api",
    ],
)
def test_a_password_is_masked_wherever_a_driver_takes_it_from(url: str) -> None:
    """Slashes in a password, names that drivers have for it and encoded ODBC settings: found, and masked."""
    assert has_password(url)
    assert "hunter2" not in mask(url)
    assert mask(url).replace("******", "").count("*") == 0


def test_a_relative_sqlite_file_lies_in_the_installation() -> None:
    """Where a command is started does not decide which database it opens."""
    assert placed_under("sqlite:///hub/log.db", "/srv/x") == "sqlite:////srv/x/hub/log.db"
    for whole in ("sqlite:////data/log.db", "sqlite://", "sqlite:///:memory:", "postgresql://hub@db/log"):
        assert placed_under(whole, "/srv/x") == whole
    assert load(Path("/srv/x"), {}).database("vault") == "sqlite:////srv/x/vault/vault.db"


def test_what_was_written_is_what_is_read(tmp_path: Path) -> None:
    """`write` and `load` agree on every kind of value; a second writing never overwrites."""
    write(
        tmp_path / "new",
        {"hub.go_live": "2026-03-01", "log.url": 'sqlite:///a"\\b.db', "serve.port": 9, "log.ask_password": True},
    )
    found = load(tmp_path / "new", {})
    assert (found.go_live, found.log_url, found.serve_port, found.log_ask_password) == (
        20_513,
        'sqlite:///a"\\b.db',
        9,
        True,
    )
    with pytest.raises(DataError, match="HUB-G137"):
        write(tmp_path / "new", {})
    with pytest.raises(DataError, match="HUB-G135"):
        write(tmp_path / "other", {"log.url": "postgresql://hub:hunter2@db/log"})


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_setting_says_what_it_means(lang: str) -> None:
    """Each setting has its meaning in both languages, and no meaning is of a setting that is gone."""
    meanings = {key.removeprefix("config.") for key in phrases(lang) if key.startswith("config.")}
    assert meanings == set(ATTRIBUTES) == set(VARIABLES.values())


def test_a_flag_without_equals_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """`--set` wants KEY=VALUE, and takes it for this run."""
    assert run(["config", "show", "--set", "serve.port"]) == 2
    assert "HUB-G206" in capsys.readouterr().err
    assert run(["config", "show", "--json", "--set", "serve.port=9"]) == 0
    rows = {row["key"]: row for row in json.loads(capsys.readouterr().out)}
    assert (rows["serve.port"]["value"], rows["serve.port"]["origin"]) == (9, "flag")


def test_a_profile_that_there_is_not_is_told_before_the_hub_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`hub config show` shows what is set, and ends as `hub serve` would; `hub doctor` names it, too."""
    assert run(["init", "--home", str(tmp_path)]) == 0
    wrong = ["--home", str(tmp_path), "--set", "hub.profile=nowhere"]
    for words in (["config", "show"], ["config", "show", "--json"], ["doctor"]):
        capsys.readouterr()
        assert run([*words, *wrong]) == 3, words
        found = "".join(capsys.readouterr())
        assert "nowhere" in found
        assert "HUB-P350" in found
    assert run(["config", "show", "--home", str(tmp_path), "--set", "hub.profile=governing"]) == 0
