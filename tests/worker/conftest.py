"""The brokers of the tests of Kafka, and the undisturbed embedded run that the others are compared with."""

import pytest

from tests.e2e.rig import Model
from tests.kafka.conftest import broker, brokers, names
from tests.postgres.conftest import server

__all__ = ["broker", "brokers", "model", "names", "server"]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Sixty persons: history and two live steps."""
    return Model(tmp_path_factory.mktemp("model"), 60, 3)
