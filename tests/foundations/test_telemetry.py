import io
import json
import logging
import re
from collections.abc import Callable

import pytest

from hub.core.errors import DataError
from hub.ports.telemetry import Telemetry
from hub.telemetry import logs
from hub.telemetry.metrics import COUNTERS, DURATIONS, LEVELS, Observer

PLANTED = ["190102199001011234", "19010219900101123X", "13900001111", "张三", "6 号楼", "a" * 81, "Zhang San"]
UNDECLARED = "Zhang"  # short enough to pass as a word, so only its name keeps it out


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    """What was logged."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def carries_no_value(write: Callable[[Observer], None]) -> None:
    """The law: whatever is handed to a log line, nothing planted comes out."""
    stream = io.StringIO()
    write(Observer(stream))
    assert stream.getvalue()
    told = json.dumps(lines(stream), ensure_ascii=False)
    assert not [planted for planted in PLANTED if planted in told]
    assert UNDECLARED not in told


@pytest.mark.parametrize("planted", [*PLANTED, 190102199001011234])
def test_a_log_line_carries_no_value(planted: str | int) -> None:
    """An undeclared name, a sentence, a name, a long number, an exception's message: none of them is written."""
    carries_no_value(lambda observer: observer.log("read", rows=1, sender=planted, holder=planted))
    carries_no_value(lambda observer: observer.log(str(planted), rows=1))
    carries_no_value(lambda observer: observer.failed("read", ValueError(planted), rows=1))
    carries_no_value(lambda observer: observer.failed("read", DataError("HUB-C104", column=planted)))


def tells_the_code(observer: Observer, stream: io.StringIO) -> None:
    """The law: an error of ours is told by its code."""
    observer.failed("read", DataError("HUB-C104"))
    assert lines(stream)[-1].get("code") == "HUB-C104"


def test_the_laws_of_log_lines_kill_a_logger_without_one_of_its_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the three filters is needed: with any one gone, a law fails."""
    carries_no_value(lambda observer: observer.log("read", holder=UNDECLARED))
    for processor, planted in (("declared_only", {"holder": UNDECLARED}), ("words_only", {"sender": "张三"})):
        with monkeypatch.context() as patch:
            patch.setattr(logs, processor, lambda _, __, line: line)
            with pytest.raises(AssertionError):
                carries_no_value(lambda observer, planted=planted: observer.log("read", **planted))  # type: ignore[misc]
    stream = io.StringIO()
    tells_the_code(Observer(stream), stream)
    monkeypatch.setattr(logs, "type_and_code", lambda _, __, line: line)
    with pytest.raises(AssertionError):
        tells_the_code(Observer(stream), stream)


def test_a_log_line_tells_what_is_declared_and_how_much_was_left_out() -> None:
    """Time in UTC, level, event, declared facts; of an error its type and code."""
    stream = io.StringIO()
    observer = Observer(stream)
    observer.log("fetch", topic="persons", partition=3, offset=120, holder="x", sender="intake/wj")
    observer.failed("fetch", DataError("HUB-C104", column="D"))
    first, second = lines(stream)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", str(first.pop("timestamp")))
    assert first == {
        **{"event": "fetch", "level": "info", "topic": "persons", "partition": 3, "offset": 120},
        **{"sender": "intake/wj", "left_out": 1},
    }
    assert (second["level"], second["error"], second["code"]) == ("error", "DataError", "HUB-C104")


def test_hexadecimal_ids_and_milliseconds_are_not_hidden() -> None:
    """Our own ids, addresses and times stay readable."""
    stream = io.StringIO()
    Observer(stream).log("x", log="9f3c11111111111122aa00112233445566", ms=1_790_000_000_000, state="ready")
    assert logs.HIDDEN not in stream.getvalue()


def test_a_library_tells_that_it_spoke_but_not_what_it_said() -> None:
    """SQLAlchemy and others quote parameters in their log lines; only name, place and error type pass."""
    stream = io.StringIO()
    handler = logs.LibraryLogs(logs.logger(stream))
    library = logging.Logger("sqlalchemy.engine")
    library.addHandler(handler)
    library.warning("parameters %s", PLANTED[0])
    try:
        raise ValueError(PLANTED[0])
    except ValueError:
        library.exception("failed with %s", PLANTED[3])
    first, second = lines(stream)
    assert (first["library"], first["level"]) == ("sqlalchemy.engine", "warning")
    assert (second["error"], second["level"]) == ("ValueError", "error")
    assert not [planted for planted in PLANTED if planted in json.dumps([first, second], ensure_ascii=False)]


def test_what_a_library_repeats_is_counted_and_not_written() -> None:
    """A broker that is away fills no disk with lines: one of each place every few seconds, and none uncounted."""
    stream, now = io.StringIO(), [0.0]
    handler = logs.LibraryLogs(logs.logger(stream), lambda: now[0])
    library, another = logging.Logger("aiokafka.client"), logging.Logger("aiokafka.conn")
    for each in (library, another):
        each.addHandler(handler)

    def said(times: int, error: Exception | None = None) -> None:
        for _ in range(times):
            library.warning("no broker: %s", PLANTED[0], exc_info=error)

    said(40)
    assert [line.get("count", 1) for line in lines(stream)] == [1], "the first line is written at once"
    said(3, OSError())
    another.warning("of another place")
    assert [line.get("error") for line in lines(stream)] == [None, "OSError", None], "what is new is written at once"
    now[0] = logs.QUIET_SECONDS
    said(1)
    assert [(line.get("count"), line.get("error")) for line in lines(stream)[3:]] == [(40, None), (2, "OSError")]
    said(7)
    now[0] += 1
    handler.flush()
    assert lines(stream)[5]["count"] == 7, "what nothing followed is told at the end"
    assert sum(line.get("count", 1) for line in lines(stream)) == 40 + 3 + 1 + 1 + 7
    handler.flush()
    assert len(lines(stream)) == 6
    assert not [line for line in lines(stream) if logs.HIDDEN in line.values()]


def test_a_log_line_is_written_whole() -> None:
    """One write a line, its end included: processes that share a standard error never write into each other's lines."""

    class Writes(io.StringIO):
        def __init__(self) -> None:
            super().__init__()
            self.each: list[str] = []

        def write(self, text: str) -> int:
            self.each.append(text)
            return super().write(text)

    stream = Writes()
    Observer(stream).log("listening", port=1)
    (line,) = stream.each
    assert line.endswith("}\n")


def test_metrics_have_no_label_but_publisher_type_and_code() -> None:
    """A label is a place where values hide and series multiply, so there are three and no more."""
    for declared in (COUNTERS, LEVELS, DURATIONS):
        for _, labels in declared.values():
            assert set(labels) <= {"publisher", "type", "code"}
    with pytest.raises(ValueError, match="label"):
        Observer(io.StringIO()).count("rows", county="x", type="published")


def test_what_was_counted_is_exposed() -> None:
    """Counters, levels and durations come out in the text format of Prometheus."""
    observer = Observer(io.StringIO())
    telemetry: Telemetry = observer
    telemetry.count("rows", 12, publisher="health", type="published")
    telemetry.count("events", publisher="health")
    telemetry.count("refused", 2, publisher="health", code="HUB-I328")
    telemetry.level("lag", 7, type="case")
    telemetry.took("fetch", 0.003, type="case")
    told = observer.exposition().decode()
    assert 'hub_rows_total{publisher="health",type="published"} 12.0' in told
    assert 'hub_events_total{publisher="health"} 1.0' in told
    assert 'hub_refused_total{code="HUB-I328",publisher="health"} 2.0' in told
    assert 'hub_lag_records{type="case"} 7.0' in told
    assert 'hub_fetch_seconds_bucket{le="0.005",type="case"} 1.0' in told


def test_two_observers_share_nothing() -> None:
    """Metrics live in an object, not in the module, so that tests and processes do not meet."""
    one, other = Observer(io.StringIO()), Observer(io.StringIO())
    one.level("lag", 7, type="case")
    assert b"case" not in other.exposition()
