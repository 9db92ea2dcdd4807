"""The register: what is released stays what it was."""

import importlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.cli.main import run
from hub.codec import Codec
from hub.core.errors import DataError
from hub.data import codes
from hub.events import KINDS, KINDS_BY_ID
from hub.schema.compat import check, releasable
from hub.schema.generate import events_folder, sources, stale
from hub.schema.index import Released, canonical, fingerprint, frozen_name, read, release
from hub.schema.load import Lists, code_lists, folder, lengths, load
from hub.schema.shape import Finding
from hub.texts import width
from tests.flow.sample import fields
from tests.schema.contract import added, base, changed, field, privacy, put, small_root, store, top

Check = Callable[[Path], list[Finding]]


def codes_of(found: list[Finding]) -> set[str]:
    """The rules that were broken."""
    return {one.code for one in found}


def test_the_program_keeps_its_contract() -> None:
    """Everything that is released is unchanged, and the types that are checked in are what the schemas say."""
    assert check(folder(), events_folder()) == []
    assert len(read(folder())) >= 60


def law_fixed(checker: Check, root: Path) -> None:
    """A released schema that is edited in place is told, with the file and what mends it."""
    assert checker(root) == []
    store(root, changed(added(type=["null", "boolean"], default=None)))
    assert [(one.code, one.path) for one in checker(root)] == [("HUB-S210", "agency/ApplicationFiled.avsc")]


def test_a_released_schema_cannot_be_edited_unseen(tmp_path: Path) -> None:
    """Even a compatible edit changes the fingerprint and needs a release of its own."""
    law_fixed(check, small_root(tmp_path))


def test_a_check_that_trusts_the_edited_file_is_caught(tmp_path: Path) -> None:
    """A checker that takes the fingerprint from the files themselves sees no edit, and does not pass."""

    def trusting(root: Path) -> list[Finding]:
        return [one for one in check(root) if one.code != "HUB-S210"]

    with pytest.raises(AssertionError):
        law_fixed(trusting, small_root(tmp_path))


def test_labels_bounds_and_rank_are_in_the_fingerprint_and_docs_are_not() -> None:
    """What Avro's canonical form drops is what ours must keep; a sentence may be mended."""
    same = fingerprint(base())
    assert fingerprint(changed(privacy("severe", purposes=["audit"]))) != same
    assert fingerprint(changed(put("channel", max=30))) != same
    assert fingerprint(changed(top(rank=9))) != same
    assert fingerprint(changed(put("channel", codes="mode"))) != same
    assert fingerprint(changed(put("severe", doc="Another sentence."))) == same
    assert fingerprint(dict(reversed(base().items()))) == same
    assert b'"privacy"' in canonical(base())


def test_every_version_counts_not_only_the_newest(tmp_path: Path) -> None:
    """Compatibility is transitive: what undoes the second version breaks readers of the second, too."""
    root = small_root(tmp_path)
    first = base()
    second = changed(added(type=["null", "boolean"], default=None))
    store(root, second)
    (entry,) = release(root, load(root))
    assert (entry.id, entry.version) == (3, 2)
    assert check(root) == []
    store(root, first)
    assert codes_of(check(root)) == {"HUB-S201", "HUB-S210"}
    store(root, changed(added(type=["null", "int"], default=None, min=0, max=1, unit="x"), first))
    assert codes_of(releasable(root)[1]) == {"HUB-S202", "HUB-S206", "HUB-S207"}


def test_an_old_version_is_read_with_nothing_for_what_it_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids of old versions stay, and their facts become the newest class with None at the end."""
    root = small_root(tmp_path)
    store(root, changed(added(type=["null", "boolean"], default=None)))
    release(root, load(root))
    modules = sources(load(root), read(root), root)
    assert "    later: bool | None = None\n" in modules["agency.py"]
    package = tmp_path / "evolved_events"
    package.mkdir()
    for name, text in modules.items():
        (package / name).write_text(text.replace("hub.events", "evolved_events"), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    evolved = importlib.import_module("evolved_events")
    old, new = evolved.KINDS_BY_ID[1], evolved.KINDS["agency.ApplicationFiled"]
    assert (old.version, new.version, new.id) == (1, 2, 3)
    said = fields("agency.ApplicationFiled")
    value = Codec().encode("agency.ApplicationFiled", said)
    monkeypatch.setattr("hub.codec.KINDS_BY_ID", evolved.KINDS_BY_ID)
    monkeypatch.setattr("hub.codec.KINDS", evolved.KINDS)
    codec = Codec()
    assert codec.decode(value) == (old, new.cls(*said, later=None))
    now = new.cls(*said, later=True)
    assert codec.decode(codec.encode("agency.ApplicationFiled", now)) == (new, now)
    assert codec.decode(value) == (old, new.cls(*said, later=None))


def test_a_released_schema_neither_vanishes_nor_becomes_a_draft_again(tmp_path: Path) -> None:
    """What logs hold must stay readable."""
    root = small_root(tmp_path)
    store(root, changed(top(status="draft")))
    assert codes_of(check(root)) == {"HUB-S208"}
    (root / "agency" / "ApplicationFiled.avsc").unlink()
    assert codes_of(check(root)) == {"HUB-S208"}


def test_a_draft_may_change_and_is_released_once(tmp_path: Path) -> None:
    """A draft has no id and no promise; marked released, it is told until it has one, and that is given once."""
    root = small_root(tmp_path)
    draft = load(root)["hub.KeyReleased"].raw
    store(root, changed(top(rank=77), draft))
    assert check(root) == []
    store(root, changed(top(status="released"), draft))
    assert codes_of(check(root)) == {"HUB-S209", "HUB-S214"}  # it names a list that no release knew
    assert [entry.id for entry in release(root, load(root))] == [3]
    assert release(root, load(root)) == []
    assert check(root) == []


def test_the_kept_text_of_a_release_cannot_be_altered(tmp_path: Path) -> None:
    """The text that comparisons rest on is held by its fingerprint."""
    root = small_root(tmp_path)
    kept = root / frozen_name(read(root)[0])
    kept.write_text(kept.read_text("utf-8").replace('"max": 6', '"max": 12'), "utf-8")
    assert codes_of(check(root)) == {"HUB-S211"}
    kept.unlink()
    assert codes_of(check(root)) == {"HUB-S211"}


def law_codes_stay(checker: Callable[[Path, Lists], list[Finding]], root: Path) -> None:
    """A code that a fact may hold stays in its list; a new one is kept by the next release."""
    lists = code_lists()
    assert checker(root, lists) == []
    fewer = {**lists, "channel": lists["channel"][1:]}
    assert [(one.code, one.path, one.place) for one in checker(root, fewer)] == [
        ("HUB-S213", "channel.csv", {"lost": lists["channel"][0]})
    ]
    more = {**lists, "channel": (*lists["channel"], "Z")}
    assert codes_of(checker(root, more)) == {"HUB-S214"}
    release(root, load(root), more)
    assert checker(root, more) == []
    assert codes_of(checker(root, lists)) == {"HUB-S213"}


def _codes_checked(root: Path, lists: Lists) -> list[Finding]:
    return check(root, None, lists)


def test_a_released_code_is_never_lost(tmp_path: Path) -> None:
    """Lists may gain codes and lose none, whichever release a code came with."""
    law_codes_stay(_codes_checked, small_root(tmp_path))


def test_a_check_that_ignores_lost_codes_is_caught(tmp_path: Path) -> None:
    """A checker that does not compare lists with what was released does not pass."""
    with pytest.raises(AssertionError):
        law_codes_stay(lambda root, lists: check(root, None), small_root(tmp_path))


@pytest.mark.parametrize("text", ["", "[]", '{"format": 2, "schemas": []}', '{"format": 1, "schemas": [{"id": 2}]}'])
def test_a_register_that_is_not_ours_is_refused(tmp_path: Path, text: str) -> None:
    """A damaged or newer register stops the check with its place; ids are never guessed."""
    root = small_root(tmp_path)
    (root / "index.json").write_text(text, "utf-8")
    with pytest.raises(DataError, match="HUB-S120"):
        check(root)


def test_ids_rise_by_one_from_one_and_are_not_used_twice() -> None:
    """An id on the wire means one version of one type, for ever."""
    entries = read(folder())
    assert [entry.id for entry in entries] == list(range(1, len(entries) + 1))
    assert len({(entry.type, entry.version) for entry in entries}) == len(entries)
    assert [KINDS_BY_ID[entry.id].type for entry in entries] == [entry.type for entry in entries]


def test_an_edited_type_is_told(tmp_path: Path) -> None:
    """A generated module that was edited, is missing, or that no schema knows is named."""
    modules = sources(load(), read(folder()), folder())
    for name, text in modules.items():
        (tmp_path / name).write_text(text, "utf-8")
    assert stale(modules, tmp_path) == []
    (tmp_path / "hub.py").write_text(modules["hub.py"].replace("int | None", "int", 1), "utf-8")
    (tmp_path / "health.py").unlink()
    (tmp_path / "police.py").write_text("", "utf-8")
    assert stale(modules, tmp_path) == ["health.py", "hub.py", "police.py"]


def test_every_released_type_survives_the_wire() -> None:
    """What is encoded is decoded as it was, dates as integers, under the id of the register."""
    codec, ids = Codec(), {entry.type: entry.id for entry in read(folder())}
    assert set(KINDS) == set(ids)
    for type, kind in KINDS.items():
        value = codec.encode(type, fields(type))
        assert int.from_bytes(value[1:5], "big") == ids[type]
        assert codec.decode(value) == (kind, fields(type))


def test_registry_and_schemas_say_the_same_of_route_and_rank() -> None:
    """Intake and folds read route and rank from the types, and get what the schema says."""
    schemas = load()
    for type, kind in KINDS.items():
        assert (kind.route, kind.rank) == (schemas[type].route, schemas[type].rank)
        assert kind.cls._fields == tuple(one.name for one in schemas[type].fields)


def test_same_day_events_fold_in_the_order_of_a_case() -> None:
    """The ranks follow the life of a case, and what a consent allows comes after the consent (domain 2)."""
    order = [
        "hub.SubjectRegistered", "hub.DayTicked", "agency.ConsentGranted", "agency.ApplicationFiled",
        "agency.NeedAssessed", "agency.ApplicationRegistered", "civil_affairs.RegistrationConfirmed",
        "stations.WaitStarted", "hub.NeedOpened", "hub.MatchProposed", "hub.OfferMade", "civil_affairs.CaseAssigned",
        "stations.OfferAccepted", "stations.RehabOpinionIssued", "stations.AgreementSigned",
        "stations.ServiceDelivered", "stations.TransitionAssessed", "stations.UrgentReferred",
        "stations.PersonReturned", "stations.RelocationReported", "stations.ReReferralSent",
        "stations.HandoverAccepted", "stations.CaseClosed",
    ]  # fmt: skip
    ranks = [KINDS[type].rank for type in order]
    assert ranks == sorted(set(ranks))


def test_no_folder_is_no_contract(tmp_path: Path) -> None:
    """An installation without its schemas is told so, instead of finding nothing wrong with none."""
    with pytest.raises(DataError, match="HUB-S116"):
        load(tmp_path)


def test_a_file_that_is_no_schema_is_named(tmp_path: Path) -> None:
    """Broken JSON, another encoding, or a name twice in one object: the file is told, and nothing of its content."""
    root = small_root(tmp_path)
    for raw in (b"{", '{"doc": "\u4e2d"}'.encode("gbk"), b'{"type": "record", "type": "record", "fields": []}'):
        (root / "hub" / "DayTicked.avsc").write_bytes(raw)
        assert [(one.code, one.path) for one in check(root)] == [("HUB-S101", "hub/DayTicked.avsc")]


def test_check_answers_programs_and_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`hub schema check` ends with 0 or 3; its JSON has path, rule and suggested fix of each finding."""
    root = small_root(tmp_path)
    assert run(["schema", "check", "--root", str(root), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "released": 2, "findings": []}
    store(root, changed(privacy("severe", purposes=["referral", "audit", "statistics"])))
    assert run(["schema", "check", "--root", str(root), "--json", "--lang", "en"]) == 3
    told = json.loads(capsys.readouterr().out)
    loosened = next(one for one in told["findings"] if one["code"] == "HUB-S204")
    assert (loosened["path"], loosened["field"]) == ("agency/ApplicationFiled.avsc", "severe")
    assert "purposes" in loosened["rule"]
    assert "old label" in loosened["fix"]
    assert run(["schema", "check", "--root", str(root), "--lang", "zh"]) == 3
    assert "隐私标签放松" in capsys.readouterr().out


def test_release_refuses_what_breaks_and_numbers_what_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`hub schema release` writes nothing when anything is incompatible."""
    root = small_root(tmp_path)
    before = (root / "index.json").read_bytes()
    store(root, changed(put("channel", max=99)))
    assert run(["schema", "release", "--root", str(root)]) == 3
    assert (root / "index.json").read_bytes() == before
    store(root, changed(added(type=["null", "boolean"], default=None)))
    assert run(["schema", "release", "--root", str(root)]) == 0
    assert "agency.ApplicationFiled  v2" in capsys.readouterr().out
    assert read(root)[-1] == Released(3, "agency.ApplicationFiled", 2, fingerprint(load(root)[read(root)[-1].type].raw))


def test_list_and_show_tell_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    """A reader sees every type, and of a type every field with its label and its codes, in JSON as in the file."""
    assert run(["schema", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["type"] for row in rows] == list(load())
    assert run(["schema", "show", "hub.OfferMade", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["fields"] == load()["hub.OfferMade"].raw["fields"]
    assert run(["schema", "show", "stations.ServiceDelivered", "--lang", "zh"]) == 0
    told = capsys.readouterr().out
    assert all(one.name in told and one.doc_zh in told for one in load()["stations.ServiceDelivered"].fields)
    lists = {field.codes for field in load()["stations.ServiceDelivered"].fields} - {""}
    listed = [one for name in lists for one in codes(name).values()]
    assert len(listed) > 10
    assert all(f"{one.code} {one.zh}" in told for one in listed)
    assert max(width(line) for line in told.splitlines() if ";" in line) <= 100
    assert run(["schema", "show", "OfferMade", "--lang", "en"]) == 2
    assert "hub.OfferMade" in capsys.readouterr().err


def test_every_code_list_is_used_and_no_code_is_longer_than_its_fields() -> None:
    """A list that a schema names exists, and its codes fit every field that takes them."""
    longest = lengths(code_lists())
    for schema in load().values():
        for one in schema.fields:
            if one.codes:
                assert 0 < longest[one.codes] <= (one.max or 0), f"{schema.type}.{one.name}"
    assert field(base(), "channel")["codes"] in longest
