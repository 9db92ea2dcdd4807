"""Workbooks that were brought to a connector: `hub connector take`, and what is told of the runs that read them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from connectors.edge import Edge
from connectors.run.receipt import Receipt
from connectors.run.report import RunReport
from hub import wiring
from hub.cli.options import home_option, json_option, print_json, settings_of, unlock_option
from hub.cli.rounds import registration
from hub.cli.runs import as_document, reads_answers, to_carry, told
from hub.cli.sheets import write_receipt
from hub.config import Settings
from hub.sites.desk import take
from hub.texts import language, text, ui


@click.command("take")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--receipts",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Leave a workbook there that says of every row what became of it.",
)
@unlock_option
@home_option
@json_option
def take_(name: str, file: Path, receipts: Path | None, home: Path, as_json: bool) -> None:
    """Bring a file to a connector that reads a folder, and run it; what it says adds to what is known."""
    settings = settings_of(home)
    edge, receipt = wiring.open_edge(settings, name), Receipt()
    tell_runs(settings, edge, take(settings, edge, file, receipt), receipt, receipts, as_json, {})


def tell_runs(
    settings: Settings, edge: Edge, reports: Sequence[RunReport], receipt: Receipt, folder: Path | None, as_json: bool,
    more: Mapping[str, Any],
) -> None:  # fmt: skip
    """The sums of the runs that a file took, its receipt, and how to register a connector that is not."""
    lang = language()
    if as_json:
        print_json({"runs": [as_document(report) for report in reports], **more})
    else:
        lines = [line for report in reports for line in told(report, lang, reads_answers(edge, report))]
        click.echo("\n".join([*lines, *to_carry(edge, reports, lang)]))
    if folder is not None:
        path = write_receipt(receipt, folder, edge, wiring.system_of(settings).today())
        click.echo(ui("receipt.written", lang, path=str(path)), err=as_json)
    if not wiring.is_registered(settings, edge):
        missing = text("HUB-C332", lang, connector=edge.spec.connector, agency=edge.spec.agency)
        click.echo(f"  HUB-C332  {missing.reason}\n    {missing.fix}\n    {registration(edge)}", err=True)
