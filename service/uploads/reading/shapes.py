"""Rows that look alike: the markup of one row in, a pattern that reads all rows of that shape at once out.

A sheet has hundreds of thousands of rows and a handful of shapes: the same cells, styles and types, other values. What is
the same is literal in the pattern, each value a group; so a row costs one match instead of a search for each cell.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from service.uploads.model import letter, number_of
from service.uploads.reading.cells import Make, MakerOf

MAX_SHAPES: Final = 16  # kept at once
_MAX_COMPILED: Final = 200  # of one sheet: where no two rows are alike, patterns would cost more than they save
_MAX_CHARACTERS: Final = 20_000
_ATTRIBUTES: Final = r'(?: [\w:]+="[^"<>&]*")*'
_ROW: Final = re.compile(rf"<row({_ATTRIBUTES})(/?)>")
_SIMPLE: Final = re.compile(
    rf"(\s{{0,20}})<c({_ATTRIBUTES})(?:(/)>|>(?:(<f{_ATTRIBUTES}(?:/>|>[^<]*</f>))?<v>([^<]+)</v>"
    r'|<is>(<t(?: xml:space="preserve")?>)([^<]*)</t></is>)?</c>)'
)
_CLOSED: Final = re.compile(r"\s{0,20}</row>")
_ROW_NUMBER: Final = re.compile(r' r="([0-9]{1,7})"')
_PLACE: Final = re.compile(r' r="([A-Z]{1,3})([0-9]{1,7})"')
_ATTRIBUTE: Final = re.compile(r'([\w:]+)="([^"]*)"')
_FORMULA: Final = r"<f(?: [^>]*)?(?:/>|>[^<]*</f>)"


def is_hidden(attributes: Mapping[str, str]) -> bool:
    """Return whether a row of these attributes is not shown: hidden by hand or by a filter, or without any height."""
    return attributes.get("hidden") in ("1", "true") or attributes.get("ht") in ("0", "0.0")


class Shape(NamedTuple):
    """`match` gives the row's number, if it states one, then the value of each of `columns`."""

    match: Callable[[str, int], re.Match[str] | None]
    stated: bool
    hidden: bool
    columns: tuple[int, ...]
    makers: tuple[Make, ...]


class Shapes:
    """The shapes met in one sheet, the one used last first."""

    def __init__(self, maker_of: MakerOf) -> None:
        self._maker_of = maker_of
        self._compiled = 0
        self.known: list[Shape] = []

    def find(self, xml: str, place: int) -> tuple[Shape, re.Match[str]] | None:
        """Return the shape of the row that begins at `place`, after blanks; None: it has none that is known."""
        for n, shape in enumerate(self.known):
            if (m := shape.match(xml, place)) is not None:
                if n:
                    self.known.insert(0, self.known.pop(n))
                return shape, m
        return None

    def learn(self, markup: str) -> None:
        """Remember the shape of a row, if its cells are as simple as most."""
        if self._compiled >= _MAX_COMPILED or len(markup) > _MAX_CHARACTERS:
            return
        if (shape := _shape(markup, self._maker_of)) is not None:
            self._compiled += 1
            self.known = [shape, *self.known[: MAX_SHAPES - 1]]


@dataclass(slots=True)
class _Draft:
    """A pattern while it is put together."""

    parts: list[str]
    columns: list[int]
    makers: list[Make]
    number: str | None
    column: int = 0


def _shape(markup: str, maker_of: MakerOf) -> Shape | None:
    if (tag := _ROW.match(markup)) is None:
        return None
    number = _ROW_NUMBER.search(tag[1])
    draft = _Draft(
        [r"\s*<row", _with_hole(tag[1], number, r' r="([0-9]{1,7})"'), f"{tag[2]}>"], [], [], number and number[1]
    )
    place = tag.end()
    while not tag[2] and (cell := _SIMPLE.match(markup, place)) is not None:
        if not _add(draft, cell, maker_of):
            return None
        place = cell.end()
    if not tag[2]:
        if _CLOSED.fullmatch(markup, place) is None:
            return None
        draft.parts.append(r"\s*</row>")
    if len(set(draft.columns)) != len(draft.columns):
        return None
    pattern = re.compile("".join(draft.parts))
    hidden = is_hidden(dict(_ATTRIBUTE.findall(tag[1])))
    return Shape(pattern.match, number is not None, hidden, tuple(draft.columns), tuple(draft.makers))


def _add(draft: _Draft, cell: re.Match[str], maker_of: MakerOf) -> bool:
    """Add a cell to the pattern; False where it stands in no place that such a row has."""
    attributes = cell[2]
    place = _PLACE.search(attributes)
    if (place is None and ' r="' in attributes) or (place is not None and place[2] != draft.number):
        return False
    draft.column = draft.column + 1 if place is None else number_of(place[1])
    if draft.column > 16_384:
        return False
    here = rf' r="{letter(draft.column)}\1"'
    draft.parts += [re.escape(cell[1]), "<c", _with_hole(attributes, place, here)]
    known = dict(_ATTRIBUTE.findall(attributes))
    style, kind = known.get("s", ""), known.get("t", "")
    if cell[5] is not None and kind != "inlineStr":
        hole = "([0-9]{1,9})" if kind == "s" else "([^<]+)"
        draft.parts.append(f">{_FORMULA if cell[4] else ''}<v>{hole}</v></c>")
    elif cell[6] is not None and kind == "inlineStr":
        draft.parts.append(f">(?:<is>{cell[6]})([^<]*)</t></is></c>")
    elif cell[5] is None and cell[6] is None:
        draft.parts.append("/>" if cell[3] else "></c>")
        return True
    else:
        return False
    draft.columns.append(draft.column)
    draft.makers.append(maker_of(style, kind))
    return True


def _with_hole(attributes: str, hole: re.Match[str] | None, pattern: str) -> str:
    if hole is None:
        return re.escape(attributes)
    return re.escape(attributes[: hole.start()]) + pattern + re.escape(attributes[hole.end() :])
