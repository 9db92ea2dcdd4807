"""The demo on a real broker: the log is another, by configuration, and everything that comes of it is the same."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from hub import founding, wiring
from hub.config import FILE
from hub.core.errors import IntegrityError
from hub.demo.play import Play
from hub.flow.copy import copy_log
from hub.installation import Installation
from tests.e2e.laws import law_at_rest
from tests.e2e.rig import TODAY, Home, Model
from tests.e2e.rig import facts as facts_in
from tests.kafka.broker import Broker

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The embedded run: sixty persons, history and two live steps."""
    return Model(tmp_path_factory.mktemp("model"), 60, 3)


def test_the_demo_on_kafka_ends_with_the_same_facts(
    model: Model, broker: Broker, names: Iterator[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixty persons on a real broker: the embedded run's facts, rows = fold(log), all sums; another log is refused."""
    home = model.twin(tmp_path / "home")
    with (home.folder / FILE).open("a", encoding="utf-8") as file:
        file.write(f'\n[log]\nurl = "{broker.url}/{next(names)}"\n')
    (home.folder / "hub" / "log.db").unlink()

    play = Play(home.folder, 60, TODAY, lambda line: None, "en")
    steps = play.steps()[: len(model.steps)]
    assert steps == model.steps
    assert sum(play.play(step) for step in steps) > 1000

    assert not (home.folder / "hub" / "log.db").exists()
    with closing(wiring.open_log(home.settings.database("log"), make=False)) as log:
        with closing(wiring.open_log(f"sqlite:///{tmp_path}/copy.db")) as copy:
            copy_log(log, copy)
        assert set(log.topics()) > {"persons", "markets"}
    monkeypatch.setenv("HUB_LOG_URL", f"sqlite:///{tmp_path}/copy.db")
    on_kafka = facts_in(home.folder)
    monkeypatch.delenv("HUB_LOG_URL")
    assert on_kafka == facts_in(model.home)
    law_at_rest(Home(home.folder, model, len(steps)))

    settings = replace(home.settings, log_url=f"{broker.url}/{next(names)}")
    for make in founding.STEPS:
        make(settings)
    with Installation(settings) as other, pytest.raises(IntegrityError, match="HUB-P420"):
        other.follower().drain(5000)
