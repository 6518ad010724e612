"""A traceback that `rich` framed → the rows that Python would have printed (rich/traceback.py)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from observability.detector.parse.rows import Row

_TOP: Final = re.compile(r"^(.{0,200}?)[╭┌+][─-]+ Traceback (?:\(most recent call last\)|with).{0,40}? [─-]+[╮┐+]\s*$")
_BOTTOM: Final = re.compile(r"[╰└+][─-]+[╯┘+]\s*$")
_FRAME: Final = re.compile(r"[│|] (?P<file>\S[^│]{0,1000}?):(?P<line>\d{1,9}) in (?P<function>\S{1,200})\s*[│|]?\s*$")
_HERE: Final = re.compile(r"[│|] ❱ *\d+ [│|]?(?P<source>.{0,500}?)[│|]?\s*$")
_LOOK: Final = 2_048
HEADER: Final = "Traceback (most recent call last):"


def is_box_top(text: str) -> bool:
    """Tell whether a framed traceback begins in this row."""
    return "─ Traceback (" in text[:_LOOK] and _TOP.match(text[:_LOOK]) is not None


def unboxed(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the same number of rows; what is in a frame is written as Python writes it, its decoration is blank."""
    inside = False
    for row in rows:
        text = row.text[:_LOOK]
        if is_box_top(text):
            inside = True
            yield replace(row, text=HEADER)
        elif inside and _BOTTOM.search(text):
            inside = False
            yield replace(row, text="")
        else:
            yield replace(row, text=_plain(text)) if inside and ("│" in text or "|" in text) else row


def _plain(text: str) -> str:
    if found := _FRAME.search(text):
        return f'  File "{found["file"]}", line {found["line"]}, in {found["function"]}'
    return f"    {found['source'].replace('│', ' ').strip()}" if (found := _HERE.search(text)) else ""
