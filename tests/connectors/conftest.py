"""What these tests share."""

from tests.typed import typed

__all__ = ["typed"]
