"""Random valid texts, one strategy a symbology."""

from datetime import date

from hypothesis import strategies as st

from service.symbology import SymbologyName, check_digit
from service.symbology.ean import upce_to_upca_body


def keys(length: int) -> st.SearchStrategy[str]:
    """Digits of `length` that end in their check digit."""
    return st.text("0123456789", min_size=length - 1, max_size=length - 1).map(lambda body: body + check_digit(body))


# Zeros can be left out in one way only; zint takes no other, and nobody prints one.
_UPCE_ENDS = "|".join(("[0-9]{5}[0-2]", "[0-9]{2}[3-9][0-9]{2}3", "[0-9]{3}[1-9][0-9]4", "[0-9]{4}[1-9][5-9]"))


def element_strings(longest: int) -> st.SearchStrategy[str]:
    """A GTIN and some of batch, expiry date, weight, count and serial number, in any order behind it."""
    value = st.text("ABCXYZabc0123456789-/.", min_size=1, max_size=max(1, longest // 4))
    more = (
        st.builds("(10){}".format, value),
        st.dates(min_value=date(2000, 1, 1), max_value=date(2049, 12, 31)).map(lambda day: f"(17){day:%y%m%d}"),
        st.integers(0, 999_999).map(lambda grams: f"(3103){grams:06}"),
        st.builds("(21){}".format, value),
    )
    elements = st.permutations(more).flatmap(lambda chosen: st.tuples(*chosen[: 1 + longest // 20]))
    return st.builds(
        lambda gtin, rest: f"(01){gtin}{''.join(rest)}", keys(14).filter(lambda key: key[1:5].isdigit()), elements
    )


def _upce(body: str) -> str:
    return body + check_digit(upce_to_upca_body(body))


TEXTS: dict[SymbologyName, st.SearchStrategy[str]] = {
    "ean13": keys(13),
    "ean8": keys(8),
    "upca": keys(12),
    "upce": st.from_regex(rf"[01](?:{_UPCE_ENDS})", fullmatch=True).map(_upce),
    "itf14": keys(14),
    "code128": st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=24),
    "gs1_128": element_strings(20),
    "code39": st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%", min_size=1, max_size=16),
    "codabar": st.from_regex(r"[A-D][0-9$:/.+\-]{4,16}[A-D]", fullmatch=True),
    # One mode a text, and not bytes: zint divides a text into modes otherwise than segno.
    "qr": st.text("0123456789", min_size=1, max_size=60) | st.from_regex(r"[A-Z$%*+./:\-]{1,40}", fullmatch=True),
    "datamatrix": st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=60),
    "gs1_datamatrix": element_strings(60),
}
