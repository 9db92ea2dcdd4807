"""The undisturbed run that the others are compared with: made once, and never written to."""

import pytest

from tests.e2e.rig import Model


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Sixty persons: history and three live steps, with the stations' answers."""
    return Model(tmp_path_factory.mktemp("model"), 60, 4)
