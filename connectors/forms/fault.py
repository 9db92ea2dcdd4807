"""How a form says no, before the column is known."""


class Fault(Exception):
    """`code` is HUB-C1xx; `place` names what the text needs, never a value. Never leaves `connectors.forms`."""

    def __init__(self, code: str, **place: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.place = place
