"""Random valid texts, one strategy a symbology."""

from hypothesis import strategies as st

from service.symbology import SymbologyName, check_digit
from service.symbology.ean import upce_to_upca_body


def keys(length: int) -> st.SearchStrategy[str]:
    """Digits of `length` that end in their check digit."""
    return st.text("0123456789", min_size=length - 1, max_size=length - 1).map(lambda body: body + check_digit(body))


# Zeros can be left out in one way only; zint takes no other, and nobody prints one.
_UPCE_ENDS = "|".join(("[0-9]{5}[0-2]", "[0-9]{2}[3-9][0-9]{2}3", "[0-9]{3}[1-9][0-9]4", "[0-9]{4}[1-9][5-9]"))


def _upce(body: str) -> str:
    return body + check_digit(upce_to_upca_body(body))


TEXTS: dict[SymbologyName, st.SearchStrategy[str]] = {
    "ean13": keys(13),
    "ean8": keys(8),
    "upca": keys(12),
    "upce": st.from_regex(rf"[01](?:{_UPCE_ENDS})", fullmatch=True).map(_upce),
    "code128": st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30),
}
