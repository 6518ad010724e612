"""A cell of xlsx: its style, its type and what is in it, a Cell out. Values come by the thousand, all of one style and type."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from service.uploads.model import Cell
from service.uploads.reading.formats import PLAIN, NumberFormat
from service.uploads.reading.markup import unescape, unescape_string
from service.uploads.reading.values import number_maker, text_cell

Make = Callable[[Sequence[str]], list[Cell | None]]  # values → their cells; None: a value that is as good as no cell
MakerOf = Callable[[str, str], Make]  # style, type → what makes its cells

_VALUE: Final = re.compile(r"<v(?:\s[^>]*)?>([^<]*)</v\s*>")
_FORMULA: Final = re.compile(r"<f(?:\s[^>]*?)?(?:/>|>([^<]*)</f\s*>)")
_PHONETIC: Final = re.compile(r"<rPh(?=[\s/>])[^>]*(?:(?<=/)>|(?<!/)>(?:[^<]++|<(?!/rPh))*+</rPh\s*>)")
_TEXT: Final = re.compile(r"<t(?:\s[^>]*?)?(?:/>|>([^<]*)</t\s*>)")
_USUAL_STRING: Final = re.compile(r'<si><t(?: xml:space="preserve")?>([^<]*)</t></si>')


@dataclass(frozen=True, slots=True)
class Context:
    """What cells refer to: shared strings by index, number formats by style."""

    strings: Sequence[Cell | None]
    styles: Sequence[NumberFormat]
    since_1904: bool = False


def makers(context: Context) -> MakerOf:
    """Return what finds the function that makes a cell of its value, by style and type."""
    formats = {str(n): style for n, style in enumerate(context.styles)}
    strings = context.strings
    known: dict[tuple[str, str], Make] = {}

    def maker_of(style: str, kind: str) -> Make:
        if (make := known.get((style, kind))) is None:
            make = known[style, kind] = _maker(kind, formats.get(style, PLAIN), context.since_1904, strings)
        return make

    return maker_of


def _maker(kind: str, style: NumberFormat, since_1904: bool, strings: Sequence[Cell | None]) -> Make:
    match kind:
        case "" | "n":
            return number_maker(style, since_1904)
        case "s":
            return partial(_shared, strings)
        case "str" | "inlineStr":
            return _texts
    return partial(_typed, kind)


def of_more(rest: str, style: str, kind: str, maker_of: MakerOf) -> Cell | None:
    """Return the cell that holds more than a value: a formula, or text with formatting."""
    formula, stored, text = _inside(rest, kind)
    if kind == "inlineStr":
        return text_cell(text)
    if formula and not stored and (stored is None or kind != "str"):
        return Cell("formula", formula)  # an empty value of type "str" is a formula that shows ""
    return maker_of(style, kind)([stored])[0] if stored else None


def _texts(values: Sequence[str]) -> list[Cell | None]:
    return [text_cell(unescape_string(unescape(value)) if "&" in value or "_x" in value else value) for value in values]


def _inside(rest: str, kind: str) -> tuple[str, str | None, str]:
    """Return formula, value (None: there is none) and inline text of a cell that holds more than a value."""
    formula = _FORMULA.search(rest)
    value = _VALUE.search(rest)
    text = _string(rest) if kind == "inlineStr" else ""
    shown = "=" + unescape(formula[1] or "") if formula else ""
    return shown, value[1] if value else None, text


def _shared(strings: Sequence[Cell | None], values: Sequence[str]) -> list[Cell | None]:
    try:
        if not any("-" in value for value in values):
            return [strings[int(value)] for value in values]
    except (ValueError, IndexError):
        pass
    return [_shared_one(strings, value) for value in values]


def _shared_one(strings: Sequence[Cell | None], value: str) -> Cell | None:
    try:
        if value.isascii() and (index := int(value)) >= 0:
            return strings[index]
    except (ValueError, IndexError):
        pass
    return Cell("error", f"no shared string {value.strip()[:20]}")


def _typed(kind: str, values: Sequence[str]) -> list[Cell | None]:
    return [_typed_one(kind, value) for value in values]


def _typed_one(kind: str, value: str) -> Cell | None:
    match kind:
        case "b":
            return Cell("boolean", "TRUE" if value.strip() in ("1", "true") else "FALSE")
        case "e":
            return Cell("error", unescape(value).strip())
        case "d":
            return Cell("date", unescape(value).strip())
    return Cell("error", f"unknown type {kind[:20]}")


def shared_strings(xml: str) -> list[Cell | None]:
    """Return the shared strings; rich text is joined, phonetic runs are left out."""
    plain = _USUAL_STRING.findall(xml)
    if len(plain) == xml.count("<si"):
        return [text_cell(unescape_string(unescape(text))) for text in plain]
    pieces = xml.split("<si")[1:]
    return [text_cell(_string(piece)) for piece in pieces]


def _string(xml: str) -> str:
    if "<rPh" in xml:
        xml = _PHONETIC.sub("", xml)
    return unescape_string(unescape("".join(_TEXT.findall(xml))))
