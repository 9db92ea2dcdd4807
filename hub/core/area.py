"""Administrative areas: six digits name a county, four a city, two a province (GB/T 2260)."""

MUNICIPALITIES = frozenset({"11", "12", "31", "50"})


def market_of(area: str) -> str:
    """The market that owns an area: its city's four digits, or two for a municipality, whose districts form one market.

    `area` is a county, city or province code of two to six digits; shorter codes name their own market.
    """
    return area[:2] if area[:2] in MUNICIPALITIES else area[:4]
