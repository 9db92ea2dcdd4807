"""Runs of several connectors, one after another: what is wrong with one holds up no other."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import click

from connectors.edge import NOWHERE, Edge
from connectors.mapping.file import load_mapping
from connectors.rows.tokens import KeyedTokens
from connectors.run.receipt import Receipt
from connectors.run.run import run
from hub import founding, wiring
from hub.cli.main import tell
from hub.cli.options import print_json
from hub.cli.runs import as_document, reads_answers, to_carry, told
from hub.cli.sheets import write_receipt
from hub.config import Settings
from hub.core.errors import DataError, HubError, Unreachable
from hub.texts import language, text, ui

_AWAY: Final = frozenset(("HUB-C206", "HUB-C208"))
"""The file is not there, or somebody has it open: it is being replaced, or its drive is away."""

WORST_FIRST: Final = (4, 1, 3, 6, 5, 7, 2)


def registration(edge: Edge) -> str:
    """What whoever keeps the hub types to register a connector."""
    spec, keys = edge.spec, edge.keys
    area = "AREA" if spec.area == NOWHERE else spec.area  # who types it is asked, and the hub refuses the word
    values = {"agency": spec.agency, "publisher": spec.publisher, "area": area}
    values |= {"key": keys.public("agency").hex(), "key-check": KeyedTokens(keys).check()}
    with suppress(DataError):  # a draft that lacks something has no rhythm yet
        values |= {"rhythm": rhythm} if (rhythm := load_mapping(edge.folder).rhythm) else {}
    return f"hub agency add {spec.connector} " + " ".join(f"--{option} {value}" for option, value in values.items())


def how_it_is_known(settings: Settings, edge: Edge) -> list[str]:
    """How the hub comes to know a connector that has a mapping now: by what its keeper types, or, of an agency that
    joined, by the answer that was carried there."""
    if not founding.is_hub(settings):
        return [ui("connector.by_answer", language())]
    return [ui("connector.register", language()), f"  {registration(edge)}"]


class Rounds:
    """Connectors that are run again and again; one that needs a person is told of and left out from then on."""

    def __init__(
        self, settings: Settings, names: Sequence[str], as_json: bool, patient: bool, receipts: Path | None = None
    ) -> None:
        """Without names, all. A patient round waits out what does not answer. With a folder, each run leaves a receipt.

        DataError HUB-C324 for an unknown one.
        """
        self._receipts = receipts
        self._settings, self._json, self._patient = settings, as_json, patient
        known = wiring.edge_names(settings)
        if unknown := next((name for name in names if name not in known), None):
            wiring.open_edge(settings, unknown)  # raises
        self.names = list(names or known)
        self._many = not patient and len(names) != 1
        self._codes: set[int] = set()

    @property
    def exit_code(self) -> int:
        """That of the worst that happened; 0 when every run was done."""
        return next((code for code in WORST_FIRST if code in self._codes), 0)

    def round(self, **options: Any) -> None:
        """Each connector once, as its folder is now."""
        documents = []
        for name in list(self.names):
            try:
                documents.append(self._one(wiring.open_edge(self._settings, name), options))
            except HubError as error:
                waits = self._patient and (isinstance(error, Unreachable) or error.code in _AWAY)
                self._tell(name, error)
                if not waits:
                    self._codes.add(error.exit_code)
                    self.names.remove(name)
        if self._json and self._many:
            print_json(documents)

    def _one(self, edge: Edge, options: dict[str, Any]) -> dict[str, Any]:
        log, system = wiring.edge_log(self._settings, edge), wiring.system_of(self._settings)
        receipt = Receipt() if self._receipts else None
        try:
            report = run(edge, log, system, receipt=receipt, **options)
        finally:
            log.close()
        if receipt is not None and self._receipts:
            self._write(receipt, self._receipts, edge, system.today())
        document = as_document(report)
        if not self._json:
            lines = told(report, language(), reads_answers(edge, report))
            click.echo("\n".join([*lines, *to_carry(edge, [report], language())]))
        elif not self._many:
            print_json(document)
        if not wiring.is_registered(self._settings, edge):
            missing = text("HUB-C332", language(), connector=edge.spec.connector, agency=edge.spec.agency)
            click.echo(f"  HUB-C332  {missing.reason}\n    {missing.fix}\n    {registration(edge)}", err=True)
        return document

    def _write(self, receipt: Receipt, folder: Path, edge: Edge, today: int) -> None:
        """Leave the receipt of a run; one that cannot be written is told and holds nothing up."""
        try:
            path = write_receipt(receipt, folder, edge, today)
            click.echo(ui("receipt.written", language(), path=str(path)), err=self._json)
        except DataError as error:
            self._tell(edge.spec.connector, error)
            self._codes.add(error.exit_code)

    def _tell(self, name: str, error: HubError) -> None:
        if not self._json:
            click.echo(name, err=True)
        tell(error, self._json, name)
