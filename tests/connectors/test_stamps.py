"""The short way to a timestamp says what the long way says."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.forms import moments, stamps
from connectors.forms.fault import Fault

DIGITS = st.integers(0, 99).map("{:02d}".format)
SPELLED = st.builds("{}{}-{}-{} {}:{}:{}".format, st.sampled_from(["19", "20"]), *[DIGITS] * 6)
NEAR = st.builds("20{}-{}-{} {}:{}:{}".format, *[st.integers(0, 31).map("{:02d}".format)] * 6)


def said(form: object, text: str) -> object:
    try:
        return form(text, 20_600)  # type: ignore[operator]
    except Fault as fault:
        return fault.code


@given(SPELLED | NEAR | st.text(max_size=19))
def test_a_stamp_is_read_as_any_other_spelling(text: str) -> None:
    """For every text, days and clocks that do not exist included, both ways give the same moment or refuse it alike."""
    assert said(stamps.timestamp, text) == said(moments.timestamp, text)


def test_summer_time_takes_the_long_way() -> None:
    """An hour that came twice, or was skipped, is no matter of adding up."""
    for text in ("1988-07-01 10:00:00", "1991-09-15 01:30:00", "1992-01-01 00:00:00"):
        assert said(stamps.timestamp, text) == said(moments.timestamp, text)
