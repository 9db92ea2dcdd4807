"""`hub topics`: topics of a log on Kafka as code. Nothing is changed but by `apply`; nothing is ever deleted."""

from contextlib import closing
from pathlib import Path

import click

from hub import founding, wiring
from hub.cli.options import home_option, json_option, print_json, set_option, settings_of
from hub.config import Settings
from hub.core.errors import DataError, IntegrityError
from hub.ports.topics import Difference, Topics
from hub.texts import language, ui

single_node_option = click.option(
    "--single-node",
    is_flag=True,
    help="One replica is enough: for trials, where the loss of a machine may lose records.",
)

hub_user_option = click.option(
    "--hub-user",
    default="",
    metavar="NAME",
    help="On secured brokers: the user of the hub's programs, where log.url is another one's, such as yours.",
)


@click.group("topics")
def group() -> None:
    """The topics of a log on Kafka: what they should be, and what of that they are not."""


@group.command()
@home_option
@set_option
@single_node_option
@hub_user_option
@json_option
def plan(home: Path, flags: tuple[str, ...], single_node: bool, hub_user: str, as_json: bool) -> None:
    """What `apply` would do, and what is left to be done by hand. Changes nothing."""
    with closing(_topics(home, flags, single_node, hub_user)) as topics:
        _show(topics.differences(), as_json)


@group.command()
@home_option
@set_option
@single_node_option
@hub_user_option
@json_option
def apply(home: Path, flags: tuple[str, ...], single_node: bool, hub_user: str, as_json: bool) -> None:
    """Make the topics that lack and set configurations right; then look again, as `check` does."""
    with closing(_topics(home, flags, single_node, hub_user)) as topics:
        found = topics.differences()
        _refuse_history(found)
        topics.apply(found)
        left = topics.differences()
    if as_json:
        print_json({"done": [_row(each) for each in found if each not in left], "left": [_row(each) for each in left]})
    else:
        lang = language()
        for each in found:
            if each not in left:
                click.echo(f"{ui('topics.done', lang)}  {_line(each, lang)}")
        _show(left, as_json)
    _refuse(left)


@group.command()
@home_option
@set_option
@single_node_option
@hub_user_option
@json_option
def check(home: Path, flags: tuple[str, ...], single_node: bool, hub_user: str, as_json: bool) -> None:
    """Refuse topics that may lose, reorder or misdate records: exit 3, or 4 when a topic is not the one it was."""
    with closing(_topics(home, flags, single_node, hub_user)) as topics:
        found = topics.differences()
    _show(found, as_json)
    _refuse(found)


def _topics(home: Path, flags: tuple[str, ...], single_node: bool, hub_user: str) -> Topics:
    settings = settings_of(home, flags)
    url, days = settings.database("log"), _kept_days(settings)
    return wiring.topics_as_code(url, founding.topics_of(settings), days, single_node, hub_user)


def _kept_days(settings: Settings) -> int:
    """How long ingress is kept, 0 for ever. Raises DataError HUB-L563 where it may be gone when intake is back."""
    days, outage, backup = settings.log_ingress_days, settings.log_outage_days, settings.log_backup_days
    if 0 < days < outage + backup:
        raise DataError("HUB-L563", days=days, outage=outage, backup=backup, needed=outage + backup)
    return days


def _show(found: list[Difference], as_json: bool) -> None:
    if as_json:
        print_json([_row(each) for each in found])
        return
    lang = language()
    for each in found:
        click.echo(f"{ui('topics.by_hand' if each.by_hand else 'topics.to_do', lang)}  {_line(each, lang)}")
    if not found:
        click.echo(ui("topics.as_wanted", lang))


def _row(each: Difference) -> dict[str, object]:
    return each._asdict()


def _line(each: Difference, lang: str) -> str:
    return ui(f"topics.{each.what}", lang, topic=each.topic, found=each.found, wanted=each.wanted)


def _refuse(found: list[Difference]) -> None:
    """Raise DataError HUB-L110 for topics that a hub must not work with, or what `_refuse_history` raises."""
    _refuse_history(found)
    refused = sum(each.refused for each in found)
    if refused:
        raise DataError("HUB-L110", differences=refused)


def _refuse_history(found: list[Difference]) -> None:
    """Raise IntegrityError HUB-L404 or HUB-L405 for a topic that is not what it was: no program mends that."""
    for each in found:
        if each.what == "again":
            raise IntegrityError("HUB-L404", topic=each.topic)
        if each.what == "beginning":
            raise IntegrityError("HUB-L405", topic=each.topic, offset=int(each.found))
