"""What is written about the form and its refusals is complete."""

import re
from pathlib import Path

import pytest

import connectors
from connectors.forms.canonical import KINDS
from hub import texts

ROOT = Path(connectors.__file__).parent
CODES = sorted(
    {
        code
        for folder in ("forms", "sources")
        for file in (ROOT / folder).glob("*.py")
        for code in re.findall(r'"(HUB-C\d{3})"', file.read_text(encoding="utf-8"))
    }
)


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_every_code_of_the_edge_inputs_has_a_text(lang: str) -> None:
    """Whoever meets a refusal reads its reason and what mends it, in characters that a GBK console can show."""
    assert len(CODES) > 40
    for code in CODES:
        found = texts.text(code, lang)
        assert found.reason != code, code
        (found.reason + found.fix).encode("gbk")


def test_the_written_form_names_every_kind() -> None:
    """A kind that the page does not describe is no part of the published form."""
    page = ROOT.parent.joinpath("docs", "canonical-form.md").read_text(encoding="utf-8")
    for kind in KINDS:
        assert f"`{kind}`" in page, kind
