"""An installation that has no Kafka needs none of its libraries."""

import subprocess
import sys

BLOCKED = "import sys; sys.modules.update(dict.fromkeys(('kafka', 'crc32c')))\n"


def _python(code: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", BLOCKED + code], capture_output=True, text=True, timeout=60)


def test_the_program_starts_without_kafka() -> None:
    """Everything but a log on Kafka works where the extra is not installed; a log on Kafka says what to install."""
    done = _python(
        "import hub.installation, hub.cli.topics, connectors.run.run\n"
        "from hub import wiring\n"
        "from hub.core.errors import DataError\n"
        "try:\n"
        "    wiring.open_log('kafka://127.0.0.1')\n"
        "except DataError as error:\n"
        "    print(error)\n"
    )
    assert (done.returncode, done.stdout) == (0, "HUB-L109\n"), done.stderr
