"""The canonical form: its published vectors, and the laws that no list of vectors can show."""

import csv
import re
import traceback
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from importlib import resources
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from connectors.forms import identity, moments, organisation, words
from connectors.forms.canonical import FORMS, KINDS, Canonical, canonical
from connectors.mapping.language import Cell
from connectors.rows.cells import Reader, Target
from hub.core.errors import Coded, DataError

TODAY = 20_600
"""2026-05-27, the today of the vector file."""

EPOCH = date(1970, 1, 1)
VECTORS = list(csv.DictReader(resources.files("connectors.forms").joinpath("canonical_v1.csv").open(encoding="utf-8")))
TEXTUAL = ["text", "code", "name", "phone", "passport", "hk_macao_permit", "taiwan_permit", "uscc", "area", "grade"]

digits = st.text("0123456789", min_size=1)


def cell(written: str) -> object:
    """A cell of the vector file: `#` begins a number cell, backslashes are escapes."""
    if written.startswith("#"):
        return float(written[1:]) if re.search("[.e]", written) else int(written[1:])
    escapes = {"\\n": "\n", "\\r": "\r", "\\t": "\t"}
    return re.sub(
        r"\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|[nrt])",
        lambda found: escapes.get(found[0]) or chr(int(found[1] or found[2], 16)),
        written,
    )


def form(kind: str, raw: object, today: int = TODAY) -> Canonical:
    return canonical(kind, raw, today=today, column="D")


def outcome(kind: str, raw: object) -> tuple[Canonical, Coded | None]:
    """The canonical form, or the refusal."""
    try:
        return form(kind, raw), None
    except Coded as refusal:
        return None, refusal


def shown(value: Canonical) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@st.composite
def ids(draw: st.DrawFn) -> str:
    """Resident IDs of every province, real and synthetic, born from 1880 on."""
    province = draw(st.sampled_from(sorted(identity.PROVINCES | identity.SYNTHETIC)))
    born = draw(st.dates(date(1880, 1, 1), date(2026, 5, 27)))
    body = f"{province}{draw(st.integers(0, 9999)):04d}{born:%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return body + identity.check_character(body)


@pytest.mark.parametrize("vector", VECTORS, ids=[f"{row['kind']}-{place}" for place, row in enumerate(VECTORS)])
def test_the_published_vectors_hold(vector: dict[str, str]) -> None:
    """Each line of canonical_v1.csv gives what it says: this file is the form, for ever."""
    value, refusal = outcome(vector["kind"], cell(vector["input"]))
    assert (shown(value), refusal.code if refusal else "") == (vector["canonical"], vector["code"])


def test_every_kind_has_vectors() -> None:
    """No kind is without published vectors, and they are at least 150."""
    assert {row["kind"] for row in VECTORS} == set(KINDS)
    assert len(VECTORS) >= 150


def accepted_law(person: str) -> None:
    """Every number with a check character, a real date and a known province is accepted, whatever its county."""
    assert form("resident_id", person) == person


@given(ids())
def test_no_sound_id_is_refused(person: str) -> None:
    """Every number with a check character, a real date and a known province is accepted, whatever its county."""
    accepted_law(person)


def test_a_county_table_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The law above kills a check that looks the county up in a table of today."""

    def today_only(raw: object, today: int) -> str | None:
        text = identity.resident_id(raw, today)
        return text if text is None or text[2:6] == "0102" else None

    monkeypatch.setitem(FORMS, "resident_id", today_only)  # type: ignore[arg-type]
    with pytest.raises(AssertionError):
        accepted_law("440524188001010014")


def damage_law(person: str, place: int, other: str) -> None:
    """One wrong character anywhere is refused."""
    with pytest.raises(Coded):
        form("resident_id", person[:place] + other + person[place + 1 :])


@given(ids(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_any_single_damaged_character_is_refused(person: str, place: int, other: str) -> None:
    """One wrong character anywhere is refused."""
    assume(person[place] != other)
    damage_law(person, place, other)


def test_a_check_without_weights_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The law above kills a check character that counts every second digit only."""
    monkeypatch.setattr(
        identity, "_WEIGHTS", tuple(weight * (place % 2) for place, weight in enumerate(identity._WEIGHTS))
    )
    body = "16010119900307001"
    with pytest.raises(pytest.fail.Exception):
        damage_law(body + identity.check_character(body), 16, "2")


@given(ids(), st.integers(0, 16))
def test_any_two_exchanged_neighbours_are_refused(person: str, place: int) -> None:
    """Two neighbours in the wrong order are refused."""
    swapped = person[:place] + person[place + 1] + person[place] + person[place + 2 :]
    assume(swapped != person)
    with pytest.raises(Coded):
        form("resident_id", swapped)


def old_law(person: str) -> None:
    """A number of fifteen digits and its eighteen are one person."""
    assert form("resident_id", person[:6] + person[8:17]) == person
    assert form("resident_id", int(person[:6] + person[8:17])) == person


@given(ids().filter(lambda person: person[6:8] == "19"))
def test_fifteen_and_eighteen_digits_agree(person: str) -> None:
    """A number of fifteen digits and its eighteen are one person."""
    old_law(person)


def test_the_wrong_century_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The law above kills a form that leaves fifteen digits as they are."""
    monkeypatch.setitem(FORMS, "resident_id", lambda raw, today: str(raw))  # type: ignore[arg-type]
    with pytest.raises(AssertionError):
        old_law("11010519491231002X")


@given(ids(), st.sampled_from(["float", "scientific", "noughts"]))
def test_what_a_spreadsheet_does_to_an_id_is_known_as_that(person: str, way: str) -> None:
    """A float, its scientific text, and fifteen digits with noughts are damaged, not merely wrong."""
    lost = person[:15] + "000"
    raw: object = float(person[:17] + "0") if way == "float" else f"{float(lost):.14E}" if way == "scientific" else lost
    if way == "noughts" and identity.check_character(lost[:17]) == "0":
        assert form("resident_id", raw) == lost
        return
    with pytest.raises(Coded) as refusal:
        form("resident_id", raw)
    assert refusal.value.code == "HUB-C104"


def clothing(text: str, draw: Callable[[st.SearchStrategy[str]], str]) -> str:
    """The same number as people and programs dress it."""
    full = "".join(chr(ord(one) + 0xFEE0) if draw(st.sampled_from("01")) == "1" else one for one in text)
    blank = st.sampled_from(["", " ", "\u3000", "\u00a0", "\u200b", "\ufeff", "\t"])
    spaced = "".join(one + draw(blank) for one in full)
    return draw(st.sampled_from(["", "'", "’", " "])) + spaced.lower()


@given(ids(), st.data())
def test_clothing_makes_no_difference(person: str, data: st.DataObject) -> None:
    """Full-width characters, blanks, marks, an apostrophe and small letters do not make another person."""
    assert form("resident_id", clothing(person, data.draw)) == person


def once_law(kind: str, raw: object) -> None:
    """What is canonical stays as it is."""
    first, _ = outcome(kind, raw)
    assert first is None or form(kind, first) == first


@given(st.sampled_from([*TEXTUAL, "integer", "boolean"]), st.text() | st.integers() | st.floats() | st.none())
def test_canonical_of_canonical_is_canonical(kind: str, raw: object) -> None:
    """What is canonical stays as it is."""
    once_law(kind, raw)


@pytest.mark.parametrize("vector", [row for row in VECTORS if row["canonical"]][::2], ids=lambda row: row["kind"])
def test_every_vector_is_canonical_once(vector: dict[str, str]) -> None:
    """A published canonical form, read as an input, is itself; a date is so through its ISO spelling."""
    kind, result = vector["kind"], vector["canonical"]
    if kind.startswith(("date", "until")):
        result = (EPOCH + timedelta(days=int(result))).isoformat()
    elif kind == "minute":
        result = f"{int(result) // 60}:{int(result) % 60:02d}"
    elif kind == "timestamp":
        result = datetime.fromtimestamp(int(result) / 1000, UTC).isoformat(timespec="milliseconds")
    elif kind == "fen":
        result = str(Decimal(result) / 100)
    elif kind.startswith(("id_", "certificate_")):
        return
    assert shown(form(kind, result)) == vector["canonical"]


def test_a_form_that_adds_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The law of once kills a name form that decorates."""
    monkeypatch.setitem(FORMS, "name", lambda raw, today: f"{words.name(raw, today)}A")  # type: ignore[arg-type]
    with pytest.raises(AssertionError):
        once_law("name", "张三")


def secret_law(kind: str, raw: object) -> None:
    """An error shows its code and column, and no five characters of the value, however it is printed."""
    _, refusal = outcome(kind, raw)
    if refusal is None:
        return
    printed = "".join(traceback.format_exception(refusal)) + repr(refusal) + repr(refusal.place)
    text = str(raw)
    ours = "\n".join(KINDS) + "HUB-C1" + __file__
    leaked = [text[at : at + 5] for at in range(len(text) - 4) if text[at : at + 5] in printed]
    assert not [part for part in leaked if part not in ours], "a value leaked"
    assert refusal.column == "D"
    assert refusal.__suppress_context__


@given(st.sampled_from(KINDS), ids(), st.text("0123456789X张三 .-", min_size=1, max_size=4))
def test_no_error_carries_a_value(kind: str, person: str, more: str) -> None:
    """An error shows its code and column, and no five characters of the value, however it is printed."""
    for raw in (person + more, more + person, person[:17] + more, float(person[:16]), [person], person.encode()):
        secret_law(kind, raw)


def test_a_leaking_form_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The law above kills a form that puts the value into its error."""

    def leaking(raw: object, today: int) -> Canonical:
        raise words.Fault("HUB-C101", kind=str(raw))

    monkeypatch.setitem(FORMS, "resident_id", leaking)  # type: ignore[arg-type]
    with pytest.raises(AssertionError):
        secret_law("resident_id", "160101199003070010")


RAWS = st.one_of(
    st.text(max_size=20),
    ids(),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.binary(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.timedeltas(),
    st.sampled_from([row["input"] for row in VECTORS]),
)


@given(st.sampled_from(KINDS), st.lists(RAWS, max_size=12))
def test_a_column_is_its_cells(kind: str, raws: list[object]) -> None:
    """A column read at once is, cell for cell, what each cell is alone, and nothing but Coded is ever raised."""
    for raw, found in zip(raws * 2, reader(kind, "string").read(raws * 2), strict=True):
        alone = reader(kind, "string").one(raw)
        assert type(found) is type(alone)
        if isinstance(found, Coded):
            assert (found.code, found.place) == (alone.code, alone.place)
        else:
            assert found == alone


def reader(kind: str, type: str) -> Reader:
    """Reads the column D, in this form, into a field of this type."""
    return Reader(Cell(column="D"), Target("x", type, True, kind=kind), {}, TODAY)


def test_equal_cells_of_other_types_are_told_apart() -> None:
    """1, 1.0, True and "1" are equal to Python; a memo must not give one the answer of another."""
    assert reader("integer", "long").read([1, 1.0, "1"]) == [1, 1, 1]
    found = reader("integer", "long").read([1, True])
    assert found[0] == 1
    assert isinstance(found[1], Coded)


def test_an_unknown_kind_names_the_known() -> None:
    """A mapping's mistake is told before any cell is looked at."""
    for call in (lambda: form("idcard", "x"), lambda: reader("idcard", "string")):
        with pytest.raises(DataError) as stop:
            call()
        assert stop.value.code == "HUB-C100"


@given(st.dates(date(1900, 1, 2), date(2100, 1, 1)), st.integers(0, 30_000))
def test_a_date_is_refused_exactly_after_today(day: date, today: int) -> None:
    """Every spelling of a date gives its day number, and is refused if and only if it is after today."""
    days = (day - EPOCH).days
    spellings: list[object] = [
        day,
        datetime.combine(day, time(14, 3)),
        day.isoformat(),
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
        int(f"{day:%Y%m%d}"),
    ]
    for raw in spellings:
        assert form("until", raw, today) == days
        if days <= today:
            assert form("date", raw, today) == days
            continue
        with pytest.raises(Coded) as refusal:
            form("date", raw, today)
        assert refusal.value.code == "HUB-C105"


@given(st.dates(date(1904, 1, 2), date(2100, 1, 1)))
def test_serials_of_both_epochs_agree(day: date) -> None:
    """A serial of 1900 and one of 1904, 1,462 days apart, are the same date."""
    serial = (day - date(1904, 1, 1)).days
    assert form("until_1904", serial) == (day - EPOCH).days
    assert form("until_1900", float(serial + 1_462)) == (day - EPOCH).days


@given(st.datetimes(datetime.fromisoformat("1950-01-01"), datetime.fromisoformat("2026-05-01")))
def test_naive_times_are_shanghai_as_the_zone_database_has_it(wall: datetime) -> None:
    """A naive time is the moment that the zone database gives it, summers of 1986 to 1991 included."""
    wall = wall.replace(microsecond=0)
    known = wall.replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
    assume(known.astimezone(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None) == wall)  # not an hour that never was
    assert form("timestamp", wall) == round(known.timestamp() * 1000)
    assert form("timestamp", wall.isoformat(" ")) == round(known.timestamp() * 1000)


SHANGHAI_HOURS = st.datetimes(datetime.fromisoformat("1950-01-01"), datetime.fromisoformat("2026-05-01"))


@given(SHANGHAI_HOURS | st.sampled_from([end for pair in moments._SUMMERS for end in pair]), st.integers(-720, 840))
def test_zoned_times_are_what_a_clock_in_shanghai_showed(moment: datetime, minutes: int) -> None:
    """A zoned time has the date and minute that a clock in Shanghai showed then."""
    zoned = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    clock = zoned.astimezone(ZoneInfo("Asia/Shanghai"))
    for raw in (zoned, zoned.isoformat()):
        assert form("date", raw) == (clock.date() - EPOCH).days
        assert form("minute", raw) == clock.hour * 60 + clock.minute


def test_a_clock_without_summers_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The summers of 1986 to 1991 matter: without them a moment of July 1988 is an hour late."""
    known = form("timestamp", "1988-07-01 12:00")
    monkeypatch.setattr(moments, "_SUMMERS", ())
    assert form("timestamp", "1988-07-01 12:00") != known


@given(
    st.text(organisation._ALPHABET, min_size=9, max_size=9), st.integers(0, 17), st.sampled_from(organisation._ALPHABET)
)
def test_a_damaged_credit_code_is_refused(body: str, place: int, other: str) -> None:
    """A credit code with its check character is accepted, and with any one character changed refused."""
    start = f"52160101{body}"
    whole = start + organisation.check_character(start)
    assert form("uscc", whole) == whole
    assume(whole[place] != other)
    with pytest.raises(Coded):
        form("uscc", whole[:place] + other + whole[place + 1 :])


def test_private_characters_of_old_fonts_are_those_of_gb18030() -> None:
    """The table of rule H is Python's own GB18030 mapping wherever that has one, and nothing in it stays private."""
    places = [*range(0x50, 0x7F), *range(0x80, 0xA1)]
    for offset, low in enumerate(places):
        now = words.unify(chr(0xE815 + offset))
        python = bytes([0xFE, low]).decode("gb18030")
        assert not 0xE000 <= ord(now) <= 0xF8FF
        assert python in (now, chr(0xE815 + offset)) or 0x9FB4 <= ord(python) <= 0x9FBB


def test_rare_characters_outside_gbk_are_kept() -> None:
    """A name is kept whole though GBK has no room for it."""
    for name in ("䶮", "𠮷", "㐀", "𫖯"):
        with pytest.raises(UnicodeEncodeError):
            name.encode("gbk")
        assert form("name", f"王{name}") == f"王{name}"


@given(st.times())
def test_a_clock_is_the_same_minute_in_text_and_as_a_fraction_of_a_day(clock: time) -> None:
    """One time of day has one canonical form, however its source holds it: seconds never round a minute up."""
    seconds = (clock.hour * 60 + clock.minute) * 60 + clock.second
    assert form("minute", seconds / 86_400) == form("minute", f"{clock:%H:%M:%S}") == clock.hour * 60 + clock.minute


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=3))
def test_what_adding_floats_leaves_is_no_part_of_an_amount(parts: list[int]) -> None:
    """A sum that a formula made is the amount that its cell shows: no false refusal for its seventeenth digit."""
    total = 0.0
    for part in parts:  # as a spreadsheet adds: `sum` itself makes up for what floats lose
        total += part / 100
    assert form("fen", total) == sum(parts)
    for made, fen in ((0.1 + 0.2, 30), (4.35 * 100, 43_500), (-(1.1 * 1.1), -121)):
        assert form("fen", made) == fen
    assert form("integer", 4.35 * 100) == 435
    assert form("integer", 0.29 * 100) == 29


@pytest.mark.parametrize("raw", [2.675, 0.001, 1234.5678, 9_999_999_999.125, 12_345_678_901_234.566])
def test_a_third_place_of_an_amount_is_refused(raw: float) -> None:
    """Money is never rounded: what a cell really has below a hundredth is refused."""
    refusal = outcome("fen", raw)[1]
    assert refusal is not None
    assert refusal.code == "HUB-C108"
