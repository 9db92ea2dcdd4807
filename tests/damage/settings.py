"""What people write: the mapping, its code tables, the connector's and the installation's settings."""

import os

from tests.damage.catalogue import Damage, Do
from tests.damage.rows import CODES
from tests.damage.world import World

CONCLUSION = "codes/conclusion.csv"
MAP = "mapping.toml"


def edit(old: str, new: str, file: str = MAP) -> Do:
    """Change a text in a file of the connector."""
    return lambda world: world.edit(old, new, file)


def raw(data: bytes, file: str = MAP) -> Do:
    """Write these bytes."""
    return lambda world: (world.edge / file).write_bytes(data)


def top(data: bytes) -> Do:
    """Write these bytes into hub.toml."""
    return lambda world: (world.home / "hub.toml").write_bytes(data)


def _mapping(name: str, code: str, do: Do, /, **where: str | int) -> Damage:
    return Damage(f"mapping: {name}", code, do, where=where)


def _codes(name: str, code: str, text: str | bytes, /, **where: str | int) -> Damage:
    data = text.encode() if isinstance(text, str) else text
    return Damage(f"code table: {name}", code, raw(data, CONCLUSION), where={"file": CONCLUSION, **where})


def _loop(world: World) -> None:
    path = world.edge / CONCLUSION
    path.unlink()
    path.symlink_to(path)


def _pipe(world: World) -> None:
    path = world.edge / CONCLUSION
    path.unlink()
    os.mkfifo(path)


MAPPINGS = [
    _mapping("gone", "HUB-C240", lambda world: (world.edge / MAP).unlink(), file=MAP),
    _mapping("no byte in it", "HUB-C243", raw(b""), setting="[[event]]"),
    _mapping("no TOML", "HUB-C240", raw(b"[source\nkind = csv"), file=MAP),
    _mapping("GB18030", "HUB-C240", raw('id = "评估"'.encode("gb18030")), file=MAP),
    _mapping("UTF-16", "HUB-C240", raw('id = "a"'.encode("utf-16")), file=MAP),
    _mapping("nought bytes", "HUB-C240", raw(bytes(2_000)), file=MAP),
    _mapping("a setting twice", "HUB-C240", edit("version = 1", "version = 1\nversion = 2"), file=MAP),
    _mapping("lists, 100,000 deep", "HUB-C240", edit("version = 1", "version = " + "[" * 100_000), file=MAP),
    _mapping("tables, 5,000 deep", "HUB-C241", edit("version = 1", ".".join("a" * 5_000) + " = 1"), name="a"),
    _mapping("a number of 5,000 digits", "HUB-C240", edit("version = 1", "version = " + "9" * 5_000), file=MAP),
    _mapping(
        "a setting that is not", "HUB-C241", edit("on_vanish", "on_vanished"), name="on_vanished", nearest="on_vanish"
    ),
    _mapping("a text for a number", "HUB-C242", edit("version = 1", 'version = "eins"'), setting="version"),
    _mapping("a number for a table", "HUB-C242", edit("[source]", "source = 1\n[source2]"), setting="source")._replace(
        code="HUB-C241", where={"name": "source2"}
    ),
    _mapping("a list for an event", "HUB-C240", edit('[[event]]\ntype = "health', '[event]\ntype = "health')),
    _mapping(
        "an event type that is not",
        "HUB-C255",
        edit("health.DischargeAssessed", "health.DischargeAsessed"),
        nearest="health.DischargeAssessed",
    ),
    _mapping("a field that is not", "HUB-C256", edit("\nrisk =", "\nrisc ="), field="risc", nearest="risk"),
    _mapping("a field that lacks", "HUB-C257", edit("suitable =", "#"), field="suitable"),
    _mapping(
        "a rule that is not", "HUB-C254", edit('when = ["site"]', 'when = ["sites"]'), rule="sites", nearest="site"
    ),
    _mapping("a rule of another kind", "HUB-C241", edit('op = "not_empty"', 'op = "is_full"'), name="is_full"),
    _mapping(
        "a date that is none in a rule",
        "HUB-C266",
        edit('column = "机构"\nop = "not_empty"', 'column = "日期"\nop = "before"\nvalue = "2026-02-30"'),
        rule="site",
    ),
    _mapping("no key", "HUB-C243", edit('key = ["编号"]', "key = []"), setting="key"),
    _mapping(
        "a column of the key that is not", "HUB-C202", edit('key = ["编号"]', 'key = ["行号ID"]'), column="行号ID"
    ),
    _mapping("an area that is none", "HUB-C493", edit('area = "区划"', 'area = { constant = "99" }')),
    _mapping(
        "one number for all rows",
        "HUB-C243",
        edit('resident_id = "证件号码"', 'resident_id = { column = "证件号码", default = "x" }'),
    ),
    _mapping(
        "a person in a role that is not", "HUB-C241", edit("[person.guardian]", "[person.gardian]"), nearest="guardian"
    ),
    _mapping(
        "a person that lacks", "HUB-C258", edit('"patient", "guardian"', '"patient", "relative"'), role="relative"
    ),
    _mapping(
        "a reference that is a person's number",
        "HUB-C267",
        edit('when = ["site"]', 'when = ["site"]\nrefs = { offer = "证件号码" }'),
        column="证件号码",
    ),
    _mapping("a form that is not", "HUB-C264", edit('kind = "uscc"', 'kind = "usci"'), nearest="uscc"),
    _mapping(
        "a form that does not fit", "HUB-C263", edit('risk = "风险"', 'risk = { column = "风险", kind = "name" }')
    ),
    _mapping(
        "two events of one name",
        "HUB-C251",
        edit('type = "stations.OfferAccepted"', 'type = "stations.OfferAccepted"\nname = "health.DischargeAssessed"'),
    ),
    _mapping("a kind of source that is not", "HUB-C230", edit('kind = "csv"', 'kind = "dbf"'), setting="kind"),
    _mapping(
        "an alias with a path in it", "HUB-C232", edit('alias = "visits"', 'alias = "../visits"'), setting="alias"
    ),
    _mapping(
        "a setting of the source that is not",
        "HUB-C231",
        edit('alias = "visits"', 'alias = "visits"\nencodng = "utf-8"'),
        nearest="encoding",
    ),
    _mapping("no path", "HUB-C233", edit("path =", "#"), setting="path"),
    _mapping("another key than before", "HUB-C326", edit('key = ["编号"]', 'key = ["证件号码"]'))._replace(lived=True),
    _mapping("a code table that is not", "HUB-C252", edit(CONCLUSION, "codes/nothing.csv"), file="codes/nothing.csv"),
    _mapping("a code table that is a link to itself", "HUB-C252", _loop, file=CONCLUSION),
    _mapping("a code table that is a pipe", "HUB-C252", _pipe, file=CONCLUSION),
    _mapping("a code table that is a device", "HUB-C252", edit(CONCLUSION, "/dev/zero"), file="/dev/zero"),
    _mapping("a code table with a nought in its name", "HUB-C252", edit(CONCLUSION, "a\\u0000b")),
    _codes("a value with two meanings", "HUB-C250", CODES + "适 合,false\n", line=4),
    _codes("one column", "HUB-C250", "值\n适合\n", line=2),
    _codes("no encoding that fits", "HUB-C250", b"a,b\n\xff\xff,1\n"),
    _codes("a quotation that never closes", "HUB-C250", 'a,b\n"适合,true\n'),
    _codes("a workbook under its name", "HUB-C250", b"PK\x03\x04" + bytes(range(128, 256)) * 9),
    _codes("a code that is none of the list", "HUB-C261", "值,代码\n适合,maybe\n"),
]

EDGE = "edge.toml"
HUB = [
    Damage("edge.toml: gone", "HUB-C324", lambda world: (world.edge / EDGE).unlink()),
    Damage("edge.toml: no TOML", "HUB-C320", raw(b"connector = \n", EDGE), where={"file": EDGE}),
    Damage("edge.toml: lists, 100,000 deep", "HUB-C320", raw(b"a = " + b"[" * 100_000, EDGE), where={"file": EDGE}),
    Damage(
        "edge.toml: a setting that is not",
        "HUB-C321",
        edit("publisher", "publsher", EDGE),
        where={"nearest": "publisher"},
    ),
    Damage(
        "edge.toml: a key of the hub that is cut",
        "HUB-C322",
        edit('hub_public = "', 'hub_public = "zz', EDGE),
        where={"setting": "hub_public"},
    ),
    Damage(
        "edge.toml: a day of going live that is none",
        "HUB-C320",
        edit("go_live = 2026-04-27", "go_live = 2026-02-30", EDGE),
    ),
    Damage("edge.toml: of a newer program", "HUB-G130", edit("format = 1", "format = 99", EDGE), where={"found": 99}),
    Damage("edge.toml: a format that is none", "HUB-G131", edit("format = 1", 'format = "1"', EDGE)),
    Damage("hub.toml: gone", "HUB-G139", lambda world: (world.home / "hub.toml").unlink(), where={"file": "hub.toml"}),
    Damage("hub.toml: no TOML", "HUB-G132", top(b"[hub\n"), where={"file": "hub.toml"}),
    Damage(
        "hub.toml: GB18030", "HUB-G132", top('[hub]\nprofile = "国家"'.encode("gb18030")), where={"file": "hub.toml"}
    ),
    Damage("hub.toml: lists, 100,000 deep", "HUB-G132", top(b"a = " + b"[" * 100_000), where={"file": "hub.toml"}),
    Damage("hub.toml: a setting that is not", "HUB-G133", top(b"[serve]\nprot = 1\n"), where={"nearest": "serve.port"}),
    Damage("hub.toml: a value that is none", "HUB-G134", top(b'[serve]\nport = "many"\n'), where={"key": "serve.port"}),
    Damage("hub.toml: of a newer program", "HUB-G130", top(b"format = 99\n"), where={"found": 99}),
    Damage(
        "hub.toml: a day that is none",
        "HUB-G134",
        top(b'[hub]\nclock_day = "2026-02-30"\n'),
        where={"key": "hub.clock_day"},
    ),
    Damage(
        "hub.toml: a password in an address",
        "HUB-G135",
        top(b'[store]\nurl = "postgresql://u:verysecretword@h/d"\n'),
        where={"key": "store.url"},
        planted=("verysecretword",),
    ),
]

SETTINGS: list[Damage] = [*MAPPINGS, *HUB]
