"""What a header names: the text of a cell in, the kind of column out. The names themselves are data: synonyms.json."""

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import resources
from typing import Final, Literal

from service.uploads.model import Field

Kind = Literal["isbn", "upc", "gtin", "barcode", "neutral", "name", "quantity", "price", "symbology"]
CodeKind = Literal["isbn", "upc", "gtin", "barcode", "neutral"]

RANKS: Final[dict[str, int]] = {"isbn": 3, "upc": 3, "gtin": 3, "barcode": 2, "neutral": 1}  # of code columns
GTIN_KINDS: Final = frozenset({"isbn", "upc", "gtin"})
_IN_BRACKETS: Final = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_PUNCTUATION: Final = re.compile("[^0-9A-Za-z]+")  # and blanks: in ASCII all that is no letter and no digit
_OR: Final = re.compile(r"[/|,;&+()\[\]]|\bor\b|\boder\b|\bou\b")


@lru_cache(maxsize=4096)
def key(text: str) -> str:
    """Return what of a name counts when names are compared: letters and digits, case and accents folded."""
    if text.isascii():
        return _PUNCTUATION.sub("", text).lower()
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(ch for ch in folded if unicodedata.category(ch)[0] in "LN")


def kind_of(text: str) -> Kind | None:
    """Return what a header names, or None. "GTIN / EAN", "Barcode (EAN)" and "EAN (13 digits)" are known by their parts."""
    if (found := _names().get(key(text))) or len(text) > 100:
        return found
    parts = _OR.split(text.casefold())
    return _common(parts) or _common(_OR.split(_IN_BRACKETS.sub("", text).casefold()))


def _common(parts: list[str]) -> Kind | None:
    """Return the kind that all parts of a header name: of code columns the one of the highest rank."""
    kinds = [_names().get(key(part)) for part in parts if key(part)]
    known = [kind for kind in kinds if kind is not None]
    if not known or len(known) < len(kinds) or len({field_of(kind) for kind in known}) > 1:
        return None
    return max(known, key=lambda kind: (RANKS.get(kind, 0), kind == "gtin"))


def languages_of(text: str) -> frozenset[str]:
    """Return the languages, as synonyms.json names them, in which a text names a column."""
    return _by_language().get(key(text), frozenset())


def field_of(kind: Kind) -> Field:
    """Return the column that a kind of header is mapped to."""
    return "code" if kind in RANKS else kind  # type: ignore[return-value]  # what is no rank is a field


def is_total(text: str) -> bool:
    """Return whether a cell says no more than "total", in any of the languages."""
    return len(text) <= 50 and not text.isdecimal() and key(text) in _totals()


@cache
def _names() -> dict[str, Kind]:
    """Known names by key. Where languages disagree the first counts: they stand in the order of their weight."""
    names: dict[str, Kind] = {}
    for words in _languages():
        for kind, listed in words.items():
            if kind != "total":
                for name in listed:
                    names.setdefault(key(name), kind)  # type: ignore[arg-type]  # a test holds the file to Kind
    return names


@cache
def _by_language() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for language, words in _synonyms().items():
        for name in (name for listed in words.values() for name in listed):
            found[key(name)] = found.get(key(name), frozenset()) | {language}
    return found


@cache
def _totals() -> frozenset[str]:
    return frozenset(key(word) for words in _languages() for word in words.get("total", ())) - {""}


def _languages() -> Iterator[dict[str, list[str]]]:
    yield from _synonyms().values()


@cache
def _synonyms() -> dict[str, dict[str, list[str]]]:
    text = resources.files("service.uploads.checking").joinpath("synonyms.json").read_text("utf-8")
    synonyms: dict[str, dict[str, list[str]]] = json.loads(text)
    return synonyms
