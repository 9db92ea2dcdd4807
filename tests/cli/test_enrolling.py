"""Enrolling by files that are carried by hand: what was invited is registered, by whom it was meant for, once."""

import csv
import json
import re
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from connectors.rows.tokens import key_check
from hub import wiring
from hub.cli.main import WORDS
from hub.cli.options import THE_HUBS
from hub.config import load
from hub.core.invitation import (
    Answer,
    Invitation,
    Terms,
    digits,
    pack_enrolment,
    unpack_answer,
    unpack_invitation,
)
from hub.enrolling import write_file
from hub.installation import REGISTRY
from hub.intake.intake import Intake
from tests.connectors.rig import COLUMNS, MAPPING, row
from tests.studio.client import done, saved
from tests.studio.rows import HEADER, written
from tests.studio.served import Served
from tests.typed import Hub, typist

TODAY, LATER = "2026-05-27", "2026-06-20"


class Enrolment:
    """A hub, an agency's machine where nothing is yet, and the keeper of the county's key."""

    def __init__(self, folder: Path, type: Hub) -> None:
        self.folder, self.type = folder, type
        self.hub, self.edge = folder / "hub", folder / "Kreis 长春" / "edge"
        self.county = folder / "keeper" / "K_edge.key"
        keeper = wiring.keys_in(self.county.parent)
        keeper.make("secret", "K_edge")
        self.key_check = key_check(keeper)
        self.invitation, self.answer = folder / "hospital.invitation", folder / "hospital.answer"
        assert type("init", "--home", str(self.hub))[0] == 0

    def invite(self, *words: str, to: Path | None = None, hub: Path | None = None) -> tuple[int, str, str]:
        """As the hub's keeper types it."""
        asked = ["hospital", "--publisher", "health", "--area", "220102", "--key-check", self.key_check]
        where = ["--to", str(to or self.invitation), "--home", str(hub or self.hub)]
        return self.type("agency", "invite", *asked, *where, *words)

    def join(
        self, edge: Path | None = None, to: Path | None = None, county: Path | None = None
    ) -> tuple[int, str, str]:
        """As the agency's engineer types it, who was told the digits of the invitation that lies there."""
        where = ["--home", str(edge or self.edge), "--answer", str(to or self.answer)]
        key = ["--county-key", str(county or self.county)]
        return self.type("connector", "join", str(self.invitation), "--check", self.digits(), *key, *where)

    def accept(self, answer: Path | None = None, hub: Path | None = None) -> tuple[int, str, str]:
        """As the hub's keeper types it, who was told the digits of the answer that lies there."""
        file = answer or self.answer
        heard = digits(unpack_answer(file.read_text("utf-8"), file.name))
        return self.type("agency", "accept", str(file), "--check", heard, "--home", str(hub or self.hub))

    def digits(self) -> str:
        """Those of the invitation as it is."""
        return digits(unpack_invitation(self.invitation.read_text("utf-8"), ""))

    def registry(self) -> list[tuple[str, ...]]:
        """Who is registered for what."""
        with closing(wiring.open_intake_store(load(self.hub))) as store:
            return [(one.id, one.agency, one.types, one.areas, one.sites) for one in store.registry()[1]]


@pytest.fixture
def enrolment(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Enrolment:
    """Nothing is done yet."""
    monkeypatch.setenv("HUB_LANG", "en")
    monkeypatch.setenv("HUB_HUB_CLOCK_DAY", TODAY)
    return Enrolment(tmp_path, typist(capsys))


def told(result: tuple[int, str, str]) -> tuple[int, str]:
    """Exit code, and the code of what was refused."""
    found = re.search(r"HUB-[A-Z]\d+", result[2])
    return result[0], found[0] if found else ""


def with_source(edge: Path) -> None:
    """Give the connector a source of two rows."""
    folder = edge / "edges" / "hospital-1"
    (folder / "mapping.toml").write_text(MAPPING.format(on_change="event", on_vanish="nothing"), encoding="utf-8")
    (folder / "codes").mkdir()
    (folder / "codes" / "conclusion.csv").write_text("值,代码\n适合,true\n", encoding="utf-8")
    with (folder / "assessments.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows([row(1), row(2)])


def taken_in(hub: Path) -> dict[str, int]:
    """The sums of the agency after intake read everything."""
    settings = load(hub)
    with closing(wiring.open_log(settings.database("log"))) as log:
        intake: Intake = wiring.open_intake(settings, log)
        while intake.advance("hospital").frames:
            continue
        return intake.totals("hospital")


def test_what_was_invited_publishes_after_three_files_and_no_network(enrolment: Enrolment, tmp_path: Path) -> None:
    """Invite, join, accept, run: the events of a machine that never saw the hub are accepted."""
    assert enrolment.invite("--site", "S1", "--type", "health.*")[0] == 0
    assert enrolment.join()[0] == 0
    assert enrolment.registry() == []
    assert enrolment.accept()[0] == 0
    types = "health.* agency.SourceStarted agency.RunFinished"
    assert enrolment.registry() == [("hospital-1", "hospital", types, "220102", "S1")]
    with_source(enrolment.edge)
    stick, at_edge, at_hub = str(tmp_path / "stick"), ("--home", str(enrolment.edge)), ("--home", str(enrolment.hub))
    code, out, _ = enrolment.type("connector", "run", "hospital-1", *at_edge)
    assert (code, "hub connector pack hospital-1" in out) == (0, True)
    assert enrolment.type("connector", "pack", "hospital-1", "--to", stick, *at_edge)[0] == 0
    assert enrolment.type("ingress", "import", stick, *at_hub)[0] == 0
    sums = taken_in(enrolment.hub)
    assert sums["appended"] >= 2
    assert sums.get("refused", 0) == 0
    assert enrolment.type("ingress", "answer", "hospital", "--to", stick, *at_hub)[0] == 0
    code, out, _ = enrolment.type("connector", "answers", "hospital-1", stick, *at_edge)
    assert (code, f"appended {sums['appended']} + refused by the hub 0" in out) == (0, True)
    (stands,) = json.loads(enrolment.type("connector", "status", "--json", *at_edge)[1])
    assert (stands["waiting"], stands["appended"]) == (0, sums["appended"]), "answers are counted when they are taken"


def test_answers_that_a_run_has_to_judge_first_are_taken_all_the_same(enrolment: Enrolment, tmp_path: Path) -> None:
    """A spool that was lost meanwhile is told of, and what was carried is not lost with it."""
    assert enrolment.invite()[0] == enrolment.join()[0] == enrolment.accept()[0] == 0
    with_source(enrolment.edge)
    stick, at_edge, at_hub = str(tmp_path / "stick"), ("--home", str(enrolment.edge)), ("--home", str(enrolment.hub))
    assert enrolment.type("connector", "run", "hospital-1", *at_edge)[0] == 0
    assert enrolment.type("connector", "pack", "hospital-1", "--to", stick, *at_edge)[0] == 0
    assert enrolment.type("ingress", "import", stick, *at_hub)[0] == 0
    taken_in(enrolment.hub)
    assert enrolment.type("ingress", "answer", "hospital", "--to", stick, *at_hub)[0] == 0
    for path in (enrolment.edge / "edges/hospital-1").glob("spool.db*"):
        path.unlink()
    code, out, _ = enrolment.type("connector", "answers", "hospital-1", stick, "--json", *at_edge)
    assert (code, json.loads(out)["counted"], json.loads(out)["answers"] > 0) == (0, False, True)
    assert not (enrolment.edge / "edges/hospital-1/spool.db").exists()
    assert told(enrolment.type("connector", "run", "hospital-1", *at_edge)) == (4, "HUB-C407")


def test_a_county_outside_of_what_is_invited_to_is_refused(enrolment: Enrolment) -> None:
    """Nobody is invited to a county of which every event would be refused; a city's area has its counties."""
    asked = ["agency", "invite", "hospital", "--publisher", "health", "--key-check", enrolment.key_check]
    asked += ["--to", str(enrolment.invitation), "--home", str(enrolment.hub), "--area"]
    refused = enrolment.type(*asked, "2201", "--county", "371002")
    assert told(refused) == (2, "HUB-G710")
    assert "--area 371002" in refused[2]
    assert not enrolment.invitation.exists()
    assert enrolment.type(*asked, "2201", "--county", "220102")[0] == 0


def test_nobody_is_invited_to_say_what_there_is_not(enrolment: Enrolment) -> None:
    """A mistyped event type is told with those near it, by the invitation and by the registration alike."""
    result = enrolment.invite("--type", "health.PatientFileClosd")
    assert told(result) == (2, "HUB-G711")
    assert "health.PatientFileClosed" in result[2]
    assert not enrolment.invitation.exists()
    words = ["agency", "add", "w", "--agency", "w", "--publisher", "health", "--area", "220102", "--key", "00" * 32]
    result = enrolment.type(*words, "--key-check", "00" * 16, "--type", "helth.*", "--home", str(enrolment.hub))
    assert told(result) == (2, "HUB-G711")


@pytest.mark.parametrize(
    ("types", "advised"),
    [
        (["stations.OfferAccepted", "stations.OfferDeclined"], ["--ready answers"]),
        (["agency.ConsentGranted"], ["--ready consents"]),
        (["health.PatientFileClosed"], ["--from URL TABLE --type health.PatientFileClosed"]),
        (
            ["health.PatientFileClosed", "agency.ConsentGranted"],
            ["--from URL TABLE --type health.PatientFileClosed", "--ready consents"],
        ),
        (["health.*"], ["--from URL TABLE --type TYPE"]),
        ([], ["--from URL TABLE"]),
    ],
)
def test_who_joined_is_told_what_its_invitation_is_for(
    enrolment: Enrolment, types: list[str], advised: list[str]
) -> None:
    """The next command fits the event types invited: a ready mapping where one says them, a type that may be said."""
    assert enrolment.invite(*[word for type in types for word in ("--type", type)])[0] == 0
    code, out, _ = enrolment.join()
    found = [line.strip().removeprefix("or ") for line in out.splitlines() if "hub connector new" in line]
    assert code == 0
    assert found == [f"hub connector new {one} --name hospital-1 --home '{enrolment.edge}'" for one in advised]


@pytest.mark.slow
def test_who_joined_types_nothing_at_the_hub(enrolment: Enrolment) -> None:
    """Whichever command makes its mapping, an agency that joined hears that its answer makes the connector known, and
    gets no line for the hub's keeper, who has it registered already."""
    assert enrolment.invite()[0] == enrolment.join()[0] == 0
    source = written(enrolment.folder, header=HEADER.replace("哪天", "评估日期").replace("等级", "FXDJ"))
    studio = Served(enrolment.edge, 0, ("hospital-1", "--from", source), HUB_LANG="en")
    try:
        said = saved(studio, done(studio, "draft", type="health.DischargeAssessed")["plan"])["next"]
    finally:
        studio.stop()
    (enrolment.edge / "edges/hospital-1/mapping.toml").unlink()
    new = ("connector", "new", "--from", source, "--name", "hospital-1", "--home", str(enrolment.edge))
    for lines in (said, enrolment.type(*new)[1].splitlines()):
        assert any("nothing is typed there" in line for line in lines)
        assert not any("hub agency add" in line for line in lines)


def test_a_draft_without_an_area_says_where_it_belongs(enrolment: Enrolment) -> None:
    """The place is marked in the draft, and a check names the setting, what stands there, and the way to write it."""
    (enrolment.folder / "a.csv").write_text("序号,身份证号,登记日期\n", encoding="utf-8")
    home = ("--home", str(enrolment.hub))
    new = ["connector", "new", "--from", str(enrolment.folder / "a.csv"), "--name", "ward", *home]
    assert enrolment.type(*new)[0] == 0
    mapping = enrolment.hub / "edges/ward/mapping.toml"
    text = mapping.read_text("utf-8")
    assert 'area = { constant = "" }  # the county' in text
    result = enrolment.type("connector", "check", "ward", *home)
    assert told(result) == (3, "HUB-C494")
    assert "IdentityDeclared.area" in result[2]
    assert "six digits" in result[2]
    mapping.write_text(text.replace('area = { constant = "" }', 'area = { constant = "9" }'), encoding="utf-8")
    result = enrolment.type("connector", "check", "ward", *home)
    assert told(result) == (3, "HUB-C493")
    assert "nearest" not in result[2]


def test_each_step_twice_is_as_once(enrolment: Enrolment) -> None:
    """The same invitation, the same keys, the same answer, one registration, which a replay does not bring back."""
    steps = (enrolment.invite, enrolment.join, enrolment.accept)
    for step in steps:
        assert step()[0] == 0
    before = {path: path.read_bytes() for path in enrolment.folder.rglob("*") if path.suffix in (".key", ".toml")}
    for step in (enrolment.join, enrolment.accept):
        assert step()[0] == 0
    assert {path: path.read_bytes() for path in before} == before
    public = unpack_answer(enrolment.answer.read_text("utf-8"), "").public_key
    narrow = ["--agency", "hospital", "--publisher", "health", "--area", "220102", "--type", "health.PatientFileClosed"]
    add = ["agency", "add", "hospital-1", *narrow, "--key", public, "--key-check", enrolment.key_check]
    assert enrolment.type(*add, "--home", str(enrolment.hub))[0] == 0
    assert enrolment.accept()[0] == 0
    assert [one[2].split()[0] for one in enrolment.registry()] == ["health.PatientFileClosed"]
    assert told(enrolment.invite("--days", "2")) == (3, "HUB-I375")


def other(value: str) -> str:
    """Another value of the same shape."""
    return value.translate(str.maketrans("0123456789abcdef", "1234567890fedcba")) if value else "x"


def test_an_altered_invitation_makes_nothing(enrolment: Enrolment) -> None:
    """Whatever is changed on its way, the digits that are read out are others, and no folder is made."""
    enrolment.invite()
    invitation = unpack_invitation(enrolment.invitation.read_text("utf-8"), "")
    heard = digits(invitation)
    altered = [invitation._replace(secret=other(invitation.secret))]
    for field in Terms._fields:
        changed = {field: other(getattr(invitation.terms, field))}
        altered.append(invitation._replace(terms=invitation.terms._replace(**changed)))
    for one in altered:
        enrolment.invitation.write_text(pack_enrolment(one), encoding="utf-8")
        words = ["--county-key", str(enrolment.county), "--answer", str(enrolment.answer)]
        at = ["--home", str(enrolment.edge)]
        joined = enrolment.type("connector", "join", str(enrolment.invitation), "--check", heard, *words, *at)
        assert told(joined) == (3, "HUB-C351")
    assert not enrolment.edge.exists()
    assert not enrolment.answer.exists()


def test_what_a_mail_program_or_an_editor_does_to_lines_is_no_alteration(enrolment: Enrolment) -> None:
    """Line ends, indentation, the order of names and a mark of UTF-8 leave the digits and what is made as they are."""
    enrolment.invite("--site", "S1")
    heard, document = enrolment.digits(), json.loads(enrolment.invitation.read_text("utf-8"))
    turned = {name: dict(reversed(part.items())) if name == "terms" else part for name, part in document.items()}
    text = json.dumps(dict(reversed(turned.items())), indent=4).replace("\n", "\r\n")
    enrolment.invitation.write_text(text, encoding="utf-8-sig", newline="")
    words = ["--county-key", str(enrolment.county), "--answer", str(enrolment.answer), "--home", str(enrolment.edge)]
    spoken = heard.replace("-", " ")
    assert enrolment.type("connector", "join", str(enrolment.invitation), "--check", spoken, *words)[0] == 0
    assert enrolment.accept()[0] == 0


def test_an_altered_answer_registers_nobody(enrolment: Enrolment) -> None:
    """Though its digits are those of the changed file, the hub knows its own terms, the secret and the key's holder."""
    enrolment.invite()
    enrolment.join()
    secret = unpack_invitation(enrolment.invitation.read_text("utf-8"), "").secret
    answer = unpack_answer(enrolment.answer.read_text("utf-8"), "")
    altered = [answer._replace(**{part: other(getattr(answer, part))}) for part in Answer._fields[1:]]
    altered.append(answer._replace(public_key=other(answer.public_key)).proved(secret))  # no holder of that key signed
    for field in Terms._fields:
        if field not in ("connector", "agency", "county", "until", "go_live"):
            terms = answer.terms._replace(**{field: other(getattr(answer.terms, field))})
            altered += [answer._replace(terms=terms), answer._replace(terms=terms).proved(secret)]
    altered.append(answer._replace(terms=answer.terms._replace(until="2027-01-01")).proved(secret))
    for one in altered:
        enrolment.answer.write_text(pack_enrolment(one), encoding="utf-8")
        assert told(enrolment.accept()) == (3, "HUB-I373")
    assert enrolment.registry() == []


def test_damaged_files_are_told_as_such(enrolment: Enrolment) -> None:
    """Cut anywhere, of another kind, or with a value of another type: coded, never a stack trace."""
    enrolment.invite()
    enrolment.join()
    whole = enrolment.invitation.read_text("utf-8")
    broken = [whole[:cut] for cut in range(0, len(whole) - 2, 97)]
    broken += [
        "[]",
        "{}",
        '"a"',
        "[" * 100_000,
        whole.replace('"220102"', "220102"),
        whole.replace("invitation", "answer"),
    ]
    broken += [enrolment.answer.read_text("utf-8"), whole.replace('"secret": "', '"secret": "0')]
    for text in broken:
        enrolment.invitation.write_text(text, encoding="utf-8")
        words = ["--check", "1", "--county-key", str(enrolment.county), "--answer", str(enrolment.answer)]
        joined = enrolment.type("connector", "join", str(enrolment.invitation), *words, "--home", str(enrolment.edge))
        assert told(joined) == (3, "HUB-C350")
    enrolment.invitation.write_text(whole.replace('"format": 1', '"format": 2'), encoding="utf-8")
    assert told(enrolment.type("connector", "join", str(enrolment.invitation), *words)) == (3, "HUB-G130")


def test_a_path_in_an_invitation_leaves_no_folder(enrolment: Enrolment) -> None:
    """Who writes invitations cannot have files made elsewhere, though the digits fit."""
    enrolment.invite()
    invitation = unpack_invitation(enrolment.invitation.read_text("utf-8"), "")
    for connector in ("../../away", "/away", "a/b", ""):
        one = Invitation(invitation.terms._replace(connector=connector), invitation.secret)
        enrolment.invitation.write_text(pack_enrolment(one), encoding="utf-8")
        assert told(enrolment.join()) == (3, "HUB-C350")
    assert not enrolment.edge.exists()


def test_an_invitation_is_used_once(enrolment: Enrolment) -> None:
    """A second machine that joined by the same file has other keys, and the hub refuses it."""
    enrolment.invite()
    enrolment.join()
    second = enrolment.folder / "second.answer"
    assert enrolment.join(enrolment.folder / "second", second)[0] == 0
    assert enrolment.accept()[0] == 0
    assert told(enrolment.accept(second)) == (3, "HUB-I374")


def test_an_invitation_ends(enrolment: Enrolment, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its last day neither side takes it; who was registered by it stays."""
    enrolment.invite()
    enrolment.join()
    monkeypatch.setenv("HUB_HUB_CLOCK_DAY", LATER)
    assert told(enrolment.accept()) == (3, "HUB-C352")
    assert told(enrolment.join(enrolment.folder / "second")) == (3, "HUB-C352")
    assert not (enrolment.folder / "second").exists()
    monkeypatch.setenv("HUB_HUB_CLOCK_DAY", TODAY)
    assert enrolment.accept()[0] == 0
    monkeypatch.setenv("HUB_HUB_CLOCK_DAY", LATER)
    assert enrolment.accept()[0] == 0


def test_an_answer_to_another_hub_is_refused(enrolment: Enrolment) -> None:
    """Two hubs have different keys: neither knows the other's invitations, and no folder changes its hub."""
    second = enrolment.folder / "second"
    enrolment.type("init", "--home", str(second))
    enrolment.invite()
    enrolment.join()
    assert told(enrolment.accept(hub=second)) == (3, "HUB-I373")
    enrolment.invitation.unlink()
    enrolment.invite(hub=second)
    assert told(enrolment.join()) == (3, "HUB-C355")


def test_a_wrong_county_key_is_refused_before_anything_is_made(enrolment: Enrolment) -> None:
    """Of another county, or lacking: at once, and no file is there."""
    enrolment.invite()
    wrong = enrolment.folder / "wrong" / "K_edge.key"
    wiring.keys_in(wrong.parent).make("secret", "K_edge")
    assert told(enrolment.join(county=wrong)) == (3, "HUB-C353")
    words = ["--check", enrolment.digits(), "--answer", str(enrolment.answer), "--home", str(enrolment.edge)]
    assert told(enrolment.type("connector", "join", str(enrolment.invitation), *words)) == (3, "HUB-C354")
    assert not enrolment.edge.exists()
    (enrolment.edge / "edges" / "keys").mkdir(parents=True)
    shutil.copy(wrong, enrolment.edge / "edges" / "keys" / "K_edge.key")
    assert told(enrolment.join()) == (3, "HUB-C353")


def test_nothing_secret_is_in_the_files_but_the_one_time_secret(enrolment: Enrolment) -> None:
    """No private key of either side, no key of the county; and the answer has not even that secret."""
    enrolment.invite()
    enrolment.join()
    texts = [enrolment.invitation.read_text("utf-8"), enrolment.answer.read_text("utf-8")]
    keys = [path.read_text("ascii").split()[1] for path in enrolment.folder.rglob("*.key")]
    assert len(keys) > 8
    assert not [key for key in keys for text in texts if key in text or key[:32] in text]
    secret = unpack_invitation(texts[0], "").secret
    assert secret in texts[0]
    assert secret not in texts[1]


def test_a_file_that_says_something_else_is_not_written_over(enrolment: Enrolment) -> None:
    """Somebody may be waiting for what it says."""
    assert enrolment.invite()[0] == 0
    assert told(enrolment.invite("--area", "2202", "--county", "220102")) == (3, "HUB-C356")


def test_the_key_check_comes_from_the_county_or_is_asked_for(enrolment: Enrolment) -> None:
    """Nobody copies 32 digits where a connector of the county is registered; where none is, the message says so."""
    asked = ["--publisher", "health", "--area", "220102", "--home", str(enrolment.hub)]
    to = str(enrolment.folder / "b.invitation")
    assert told(enrolment.type("agency", "invite", "ward", *asked, "--to", to)) == (3, "HUB-I376")
    for step in (enrolment.invite, enrolment.join, enrolment.accept):
        assert step()[0] == 0
    assert enrolment.type("agency", "invite", "ward", *asked, "--to", to)[0] == 0
    assert json.loads(Path(to).read_text("utf-8"))["terms"]["key_check"] == enrolment.key_check
    wrong = ["--area", "220104", "--to", to]
    assert told(enrolment.type("agency", "invite", "ward", *asked, *wrong)) == (2, "HUB-I206")
    assert told(enrolment.type("agency", "invite", "ward", *asked, "--to", to, "--key-check", "ab")) == (2, "HUB-I207")
    password = ["--log", "kafka://who:secret@host:1"]
    code, out, error = enrolment.type("agency", "invite", "ward", *asked, "--to", to, *password)
    assert code != 0
    assert "secret" not in out + error


def test_the_doctor_of_an_agency_that_joined_asks_for_no_hub(enrolment: Enrolment) -> None:
    """Where only connectors are, nothing of a hub lacks; where a hub was, whatever is gone does."""
    assert enrolment.invite()[0] == enrolment.join()[0] == 0
    code, out, _ = enrolment.type("doctor", "--home", str(enrolment.edge), "--json")
    found = {one["check"]: one["level"] for one in json.loads(out)["findings"]}
    assert not {"keys_hub", "keys_vault", "log", "clock", "database"} & found.keys()
    assert found["edge_keys"] == found["permissions"] == "ok"
    assert not {name for name, level in found.items() if level == "fail"} - {"edge_source"}  # no mapping yet
    shutil.copytree(enrolment.edge / "edges", enrolment.hub / "edges", dirs_exist_ok=True)
    for name in ("hub", "vault"):
        shutil.rmtree(enrolment.hub / name)
    code, out, _ = enrolment.type("doctor", "--home", str(enrolment.hub), "--json")
    found = {one["check"]: one["level"] for one in json.loads(out)["findings"]}
    assert code
    assert {found[name] for name in ("keys_hub", "keys_vault", "log", "database")} == {"fail"}


def test_nobody_is_registered_while_an_installation_moves(enrolment: Enrolment) -> None:
    """Whoever writes beside intake is refused under the lock that a move holds, and nothing is written."""
    assert enrolment.invite()[0] == 0
    assert enrolment.join()[0] == 0
    with wiring.lock(load(enrolment.hub), REGISTRY):
        assert told(enrolment.accept()) == (7, "HUB-G701")
        ruling = enrolment.type("agency", "rule-out", "cd" * 32, "--by", "li", "--home", str(enrolment.hub))
        assert told(ruling) == (7, "HUB-G701")
    assert enrolment.registry() == []
    assert enrolment.accept()[0] == 0


def test_who_takes_no_answers_is_told_what_it_has(enrolment: Enrolment) -> None:
    """At an agency's folder the remedy names the connector that was invited, else what to ask the hub for; at a hub a
    desk is made, and what is typed makes it."""
    enrolment.folder.joinpath("inbox.xlsx").write_bytes(b"never read")
    answer = ["site", "answer", str(enrolment.folder / "inbox.xlsx"), "--home"]
    at_hub = enrolment.type(*answer, str(enrolment.hub))
    assert told(at_hub) == (3, "HUB-G707")
    assert "--name desk --agency" in at_hub[2]
    assert enrolment.invite()[0] == enrolment.join()[0] == 0
    invited = enrolment.type(*answer, str(enrolment.edge))
    assert told(invited) == (3, "HUB-G708")
    new = ["connector", "new", "--ready", "answers", "--name", "hospital-1"]
    assert f"hub {' '.join(new)}" in invited[2]
    with_source(enrolment.edge)
    mapped = enrolment.type(*answer, str(enrolment.edge))
    assert told(mapped) == (3, "HUB-G709")
    assert "hub agency invite hospital --connector hospital-answers" in mapped[2]
    (enrolment.edge / "edges/hospital-1/mapping.toml").unlink()
    assert enrolment.type(*new, "--home", str(enrolment.edge))[0] == 0
    assert told(enrolment.type(*answer, str(enrolment.edge)))[1] not in ("HUB-C437", "HUB-G707", "HUB-G708", "HUB-G709")


def test_each_word_is_about_a_hub_or_not() -> None:
    """A new word is either refused in an agency's folder, or named here as one for agencies, too."""
    for_agencies = {"connector", "refused", "schema", "config", "service", "doctor", "backup", "keys", "upgrade", "kit"}
    for_agencies |= {"demo", "site"}  # makes a folder of its own; of its two words only inbox asks a hub
    assert {word for word in WORDS if not THE_HUBS.match(word)} == for_agencies


def test_an_agencys_folder_is_taken_for_no_hub(enrolment: Enrolment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words about a hub are refused there and make nothing; a connector that was not invited is told what it needs;
    what is restored there makes no hub of it, and the doctor looks for none."""
    assert enrolment.invite()[0] == 0
    assert enrolment.join()[0] == 0
    home = ("--home", str(enrolment.edge))
    before = sorted(enrolment.edge.rglob("*"))
    hubs = [
        ["status"],
        ["serve"],
        ["projection", "list"],
        ["agency", "list"],
        ["site", "inbox", "S1"],
        ["topics", "plan"],
    ]
    hubs += [["init"], ["move", str(enrolment.edge / "hub.toml")]]
    hubs += [["keys", "rotate", owner] for owner in ("hub", "vault", "K_vault", "K_purpose-case")]
    for words in [*hubs, ["log", "topics"], ["event", "tail"], ["referral", "list"]]:
        assert told(enrolment.type(*words, *home)) == (3, "HUB-C484"), words
    assert sorted(enrolment.edge.rglob("*")) == before
    assert "K_edge" in enrolment.type("keys", "list", *home)[1]
    (enrolment.folder / "a.csv").write_text("序号,身份证号,登记日期\n", encoding="utf-8")
    new = ["connector", "new", "--from", str(enrolment.folder / "a.csv"), *home, "--name"]
    assert told(enrolment.type(*new, "second")) == (3, "HUB-C483")
    enrolment.invitation, enrolment.answer = enrolment.folder / "second", enrolment.folder / "second.answer"
    assert enrolment.invite("--connector", "second")[0] == 0
    assert enrolment.join()[0] == 0
    assert enrolment.type(*new, "second")[0] == 0
    code, out, _ = enrolment.type(*new, "hospital-1")
    assert (code, "agency add" in out) == (0, False), "its answer registers it"
    assert 'area = { constant = "220102" }' in (enrolment.edge / "edges/hospital-1/mapping.toml").read_text("utf-8")
    monkeypatch.setenv("HUB_BACKUP_PASSPHRASE", "five words that nobody knows")
    kept, back = str(enrolment.folder / "kept"), ("--home", str(enrolment.folder / "back"))
    assert enrolment.type("backup", "create", "connector", "hospital-1", "--to", kept, *home)[0] == 0
    assert enrolment.type("backup", "restore", kept, *back)[0] == 0
    for where in (home, back):
        assert "keys of the hub" not in enrolment.type("doctor", *where)[1]


def test_a_remedy_names_the_connector_and_its_folder(enrolment: Enrolment) -> None:
    """What is to be typed next can be copied; of several connectors, each remedy names its own."""
    assert enrolment.invite()[0] == 0
    assert enrolment.join()[0] == 0
    with_source(enrolment.edge)
    (enrolment.edge / "edges" / "hospital-1" / "assessments.csv").write_text("a\n", encoding="utf-8")
    home = ("--home", str(enrolment.edge))
    for words in (["check", "hospital-1"], ["preview", "hospital-1"], ["run", "hospital-1"], ["run"]):
        _, _, error = enrolment.type("connector", *words, *home)
        assert f"hub connector check hospital-1 --home '{enrolment.edge}'" in error, (words, error)
    assert "hub connector check hospital-1 --home" in enrolment.type("doctor", *home)[1]


def test_a_county_without_a_key_is_told_how_it_gets_one(enrolment: Enrolment) -> None:
    """Who founds a county has no connector to ask for the key check; the message says what makes the first key."""
    asked = ["hospital", "--publisher", "health", "--area", "220102", "--to", str(enrolment.invitation)]
    code, _, error = enrolment.type("agency", "invite", *asked, "--home", str(enrolment.hub))
    assert (code, "hub keys rotate K_edge --to K_edge.key" in error) == (3, True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is Linux's")
def test_a_full_disk_leaves_no_half_of_what_is_to_be_carried(tmp_path: Path) -> None:
    """Nobody finds a part of an invitation beside the place where it was to be."""
    (tmp_path / "a.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space"):
        write_file(tmp_path / "a", "text")
    assert list(tmp_path.iterdir()) == []
