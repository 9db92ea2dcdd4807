"""Files put back from a backup, older or newer than the rest: each ends as law 12 says."""

import shutil
from pathlib import Path

import pytest

from hub.core.errors import DataError, IntegrityError
from tests.e2e.laws import law_at_rest, law_invariants, law_rows_are_the_fold
from tests.e2e.rig import Home, Model, facts, put_back

pytestmark = pytest.mark.slow

LOG, VIEWS, INTAKE, VAULT = "hub/log.db", "hub/views.db", "hub/intake.db", "vault/vault.db"
CONNECTOR = "civil-affairs-steps"
SPOOL = f"edges/{CONNECTOR}/spool.db"


@pytest.fixture
def home(model: Model, tmp_path: Path) -> Home:
    """An installation after its third step; the agencies' sources go on."""
    return model.after(3, tmp_path / "home")


@pytest.fixture
def older(model: Model) -> Path:
    """The same installation, one step younger."""
    return model.folder / "after-2"


def law_as_if_nothing_had_been(home: Home) -> None:
    """The rest of the steps ends with the model's facts, decisions included, its rows, and every law."""
    while home.done < len(home.model.steps):
        home.step()
    assert home.facts() == facts(home.model.home)
    assert home.rows() == Home(home.model.home, home.model, home.done).rows()
    law_at_rest(home)


def stops(home: Home, code: str) -> None:
    """Whoever follows the logs stops with exit 4 and this code, and leaves every log as it was."""
    before = (home.folder / LOG).read_bytes()
    for _ in range(2):
        with pytest.raises(IntegrityError) as stop:
            home.drain()
        assert (stop.value.code, stop.value.exit_code) == (code, 4)
    home.call("serve", "--no-connectors", "--set", "serve.port=0", expect=4)
    assert (home.folder / LOG).read_bytes() == before


def refuses(home: Home, code: str) -> None:
    """The connector stops with exit 4 and this code before it reads a row, as often as it is run."""
    before = home.facts()
    for _ in range(2):
        with pytest.raises(IntegrityError) as stop:
            home.feed([CONNECTOR])
        assert (stop.value.code, stop.value.exit_code) == (code, 4)
    assert code in home.call("connector", "run", CONNECTOR, expect=4).stderr
    home.drain()
    assert home.facts() == before


def test_an_older_spool_is_known(home: Home, older: Path) -> None:
    """Intake answered frames that a restored spool never made: exit 4; begun anew, rows stay true."""
    put_back(SPOOL, older, home.folder)
    refuses(home, "HUB-C401")
    home.call("connector", "run", CONNECTOR, "--begin-anew", "restored")
    home.drain()
    law_rows_are_the_fold(home)
    law_invariants(home)


def test_a_lost_spool_is_known(home: Home) -> None:
    """A spool that is empty does not begin again by itself where intake had taken frames."""
    (home.folder / SPOOL).unlink()
    refuses(home, "HUB-C407")


def test_a_spool_lost_before_intake_answered_is_no_fork(home: Home) -> None:
    """Frames that wait for intake stop the empty spool; begun anew it follows them, and intake takes both."""
    home.grow()
    home.feed([CONNECTOR])
    for path in home.folder.glob(f"{SPOOL}*"):
        path.unlink()
    with pytest.raises(IntegrityError) as stop:
        home.feed([CONNECTOR])
    assert (stop.value.code, stop.value.exit_code) == ("HUB-C407", 4)
    home.call("connector", "run", CONNECTOR, "--begin-anew", "replaced")
    home.drain()
    home.feed([CONNECTOR])
    law_rows_are_the_fold(home)
    law_invariants(home)


def test_a_copied_spool_is_known(home: Home, older: Path, tmp_path: Path) -> None:
    """Of two copies of a spool that both read on, the one whose frames intake did not take stops with exit 4."""

    class Cut(Exception):
        pass

    def cut(hop: str) -> None:
        if hop == "committed":
            raise Cut

    other = Home(tmp_path / "other", home.model, home.done)
    shutil.copytree(home.folder, other.folder)
    put_back(LOG, older, other.folder)
    put_back(SPOOL, older, other.folder)
    with pytest.raises(Cut):
        other.feed([CONNECTOR], hop=cut)
    put_back(SPOOL, other.folder, home.folder)
    refuses(home, "HUB-C402")


def test_frames_of_two_spools_are_a_fork(home: Home, older: Path) -> None:
    """A restored spool that sent before intake had answered is found out by intake: exit 4, nothing is there twice."""
    home.grow()
    at_rest = Path(home.folder, SPOOL)
    saved = at_rest.read_bytes()
    home.feed([CONNECTOR])
    for ending in ("-wal", "-shm"):
        Path(f"{at_rest}{ending}").unlink(missing_ok=True)
    at_rest.write_bytes(saved)
    home.feed([CONNECTOR])
    before = home.facts()
    with pytest.raises(IntegrityError) as stop:
        home.drain()
    assert (stop.value.code, stop.value.exit_code) == ("HUB-I421", 4)
    assert home.facts() >= before


def test_older_views_only_lag(home: Home, older: Path) -> None:
    """Views that are older than the log catch up to the same rows and decide nothing again."""
    put_back(VIEWS, older, home.folder)
    before = home.facts()
    home.drain()
    assert home.facts() == before
    law_as_if_nothing_had_been(home)


def test_lost_views_come_back(home: Home) -> None:
    """Without any views all are made again from the log, and nothing is decided twice."""
    put_back(VIEWS, home.folder / "nothing", home.folder)
    before = home.facts()
    home.drain()
    assert home.facts() == before
    law_as_if_nothing_had_been(home)


def test_newer_views_stop(model: Model, home: Home, older: Path) -> None:
    """Views that saw more than the log holds: exit 4."""
    for name in (LOG, INTAKE, VAULT):
        put_back(name, older, home.folder)
    stops(home, "HUB-P421")


def test_an_older_log_stops_everybody(home: Home, older: Path) -> None:
    """A log that lost its end stops intake and connectors with exit 4."""
    put_back(LOG, older, home.folder)
    stops(home, "HUB-I433")
    with pytest.raises(IntegrityError) as stop:
        home.feed([CONNECTOR])
    assert stop.value.code == "HUB-C406"


def test_a_hub_that_was_put_back_whole_stops_edges_that_are_ahead(home: Home, older: Path) -> None:
    """A log that lost frames it had acknowledged is told by their connector: exit 4; begun anew, rows stay true."""
    for name in (LOG, INTAKE, VAULT, VIEWS):
        put_back(name, older, home.folder)
    refuses(home, "HUB-C406")
    home.grow()
    with pytest.raises(IntegrityError) as stop:
        home.feed()
    assert stop.value.code == "HUB-C406"
    home.call("connector", "run", CONNECTOR, "--begin-anew", "moved")
    home.drain()
    law_rows_are_the_fold(home)
    law_invariants(home)


def test_a_log_whose_file_was_cut_stops(home: Home) -> None:
    """A log file that is damaged in the middle is told from a log that does not answer: exit 4."""
    path = home.folder / LOG
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])
    home.call("serve", "--no-connectors", "--set", "serve.port=0", expect=4)


def test_another_log_stops_everybody(home: Home, tmp_path: Path) -> None:
    """A copy of the log is another log, though it holds the same: whoever knew the first stops with exit 4."""
    home.call("log", "copy", str(home.folder / LOG), str(tmp_path / "log.db"), home=False)
    put_back("log.db", tmp_path, home.folder / "hub")
    stops(home, "HUB-I430")
    with pytest.raises(IntegrityError) as stop:
        home.feed([CONNECTOR])
    assert stop.value.code == "HUB-C406"


def test_an_older_vault_stops(home: Home, older: Path) -> None:
    """A vault that forgot persons whom intake had resolved would name them anew: exit 4."""
    put_back(VAULT, older, home.folder)
    stops(home, "HUB-I434")


def test_an_older_vault_with_its_intake_stops(home: Home, older: Path) -> None:
    """It does not help that intake's store is as old: the outcomes know."""
    put_back(VAULT, older, home.folder)
    put_back(INTAKE, older, home.folder)
    stops(home, "HUB-I434")


def test_an_older_intake_goes_on(home: Home, older: Path) -> None:
    """Intake takes from the outcomes what its store forgot, and no fact is appended again."""
    put_back(INTAKE, older, home.folder)
    before = home.facts()
    home.drain()
    assert home.facts() == before
    law_as_if_nothing_had_been(home)


def test_an_older_intake_that_meets_new_frames_goes_on(home: Home, older: Path) -> None:
    """The same, when the next frames have come before anybody looked."""
    put_back(INTAKE, older, home.folder)
    law_as_if_nothing_had_been(home)


def test_the_law_sees_a_difference(home: Home) -> None:
    """A step that one connector missed is not as if nothing had been."""
    home.grow()
    with pytest.raises((AssertionError, DataError)):
        law_as_if_nothing_had_been(home)
