"""Every error of the Kafka library has a meaning of ours, and none brings its text along. No broker is needed."""

import importlib
import pkgutil
import socket
from collections.abc import Iterator

import kafka
import pytest
from kafka import errors as library

from hub.adapters.kafka.address import Address, parse
from hub.adapters.kafka.errors import KINDS, Kind, kind_of, mapped, ours, while_appending
from hub.adapters.kafka.headers import RAW, native, packed
from hub.core.errors import AppendUncertain, DataError, HubError, IntegrityError, NotPermitted, Unreachable
from hub.core.record import pack_headers

SECRET = "160101199001011234"
MEANING: dict[Kind, type[HubError]] = {
    "integrity": IntegrityError,
    "permitted": NotPermitted,
    "data": DataError,
    "uncertain": Unreachable,
    "unreachable": Unreachable,
}


def _classes(of: type[BaseException] = library.KafkaError) -> Iterator[type[BaseException]]:
    yield of
    for each in of.__subclasses__():
        if each.__module__.startswith("kafka"):
            yield from _classes(each)


for module in pkgutil.walk_packages(kafka.__path__, "kafka."):
    if not module.name.startswith(("kafka.cli", "kafka.benchmarks", "kafka.vendor")) and "__main__" not in module.name:
        importlib.import_module(module.name)  # some errors are declared where they are raised
CLASSES = {each.__name__: each for each in _classes() if each.__name__ != "UnrecognizedBrokerError"}


def test_every_error_of_the_library_is_named() -> None:
    """Each class that the library has is in our table by its own name, and the table names no other."""
    assert len(CLASSES) > 130
    assert set(KINDS) == set(CLASSES)


def test_the_broker_s_codes_are_all_among_them() -> None:
    """Whatever code a broker answers is an error that is named; one that the library does not know is uncertain."""
    for code in range(-1, 128):
        assert kind_of(library.for_code(code)) in MEANING
    assert kind_of(library.for_code(9999)) == "uncertain"


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_an_error_becomes_ours_without_its_text(name: str) -> None:
    """What leaves the adapter is the class that the table says; neither the text nor the cause comes with it."""
    error = CLASSES[name](SECRET)
    with pytest.raises(HubError) as caught, mapped("t", 1):
        raise error
    assert type(caught.value) is MEANING[KINDS[name]]
    assert SECRET not in f"{caught.value!r} {caught.value} {caught.value.place}"
    assert caught.value.__suppress_context__
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_an_append_is_refused_for_certain_only_when_all_of_it_was(name: str) -> None:
    """Only a refusal of every record is certain; one refused record among others, or a time-out, is not."""
    error = CLASSES[name](SECRET)
    certain = KINDS[name] in ("permitted", "data")
    assert type(while_appending([error], True, "t", 0)) is (MEANING[KINDS[name]] if certain else AppendUncertain)
    assert type(while_appending([error], False, "t", 0)) is AppendUncertain
    assert type(while_appending([error, library.KafkaTimeoutError()], True, "t", 0)) is AppendUncertain


def test_what_matters_most_means_what_it_should() -> None:
    """The table is not just complete: the errors that a hub meets have the exit codes that its operator expects."""
    expected = {
        "OffsetOutOfRangeError": 4,
        "UnknownTopicIdError": 4,
        "TopicAuthorizationFailedError": 6,
        "SaslAuthenticationFailedError": 6,
        "MessageSizeTooLargeError": 3,
        "InvalidTopicError": 3,
        "KafkaTimeoutError": 5,
        "KafkaConnectionError": 5,
        "NotEnoughReplicasError": 5,
    }
    assert {name: ours(CLASSES[name]()).exit_code for name in expected} == expected


def test_a_host_that_no_name_leads_to_does_not_answer() -> None:
    """Errors of the socket are ours, too, and keep the host's name to themselves."""
    with pytest.raises(Unreachable) as caught, mapped():
        raise socket.gaierror(-2, SECRET)
    assert str(caught.value) == "HUB-L502 reason=gaierror"


def test_addresses() -> None:
    """A URL names brokers, with ports or Kafka's own, and a prefix that stands before every topic."""
    assert parse("kafka://a:1,b,[::1]:3") == Address(["a:1", "b:9092", "[::1]:3"], "")
    assert parse("kafka://a/north") == Address(["a:9092"], "north.")
    assert parse("kafka://a/north").native("persons") == "north.persons"
    for url in (
        *("kafka://", "kafka:///x", "kafka://a:b", "kafka://a,", "kafka://u:p@a", "kafka://a/b/c", "kafka://a/b.c"),
        *("kafka://a?x=1", "sqlite:///a", "a:9092", "kafka://a b"),
    ):
        with pytest.raises(DataError, match="HUB-L106"):
            parse(url)


@pytest.mark.parametrize(
    "raw", [b"", b"\x00", b"\xff", pack_headers([("a", b"1"), ("a", b"")]), pack_headers([(RAW, b"x"), ("b", b"")])]
)
def test_headers_come_back_byte_for_byte(raw: bytes) -> None:
    """Whatever bytes a record has for headers, native headers give them back."""
    assert packed(native(raw)) == raw


def test_headers_that_we_cannot_have_written_are_refused() -> None:
    """A header longer than ours can be, by another program, is an integrity error and not a bug."""
    with pytest.raises(IntegrityError, match="HUB-L402"):
        packed([("a", bytes(70_000))])
    assert packed([("a", None)]) == pack_headers([("a", b"")])
