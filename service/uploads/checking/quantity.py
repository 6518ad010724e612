"""How many labels a row asks for: a cell in, a number or its fault out."""

import re
from typing import Final

from service.uploads.checking.faults import fault
from service.uploads.checking.texts import ascii_digits, holds, is_digits, trimmed
from service.uploads.limits import Limits
from service.uploads.model import Cell, Fault

_WHOLE_DECIMAL: Final = re.compile(r"(\d+)[.,]0+", re.ASCII)  # "3.0", as programs export numbers to CSV


def quantity(cell: Cell | None, limits: Limits) -> tuple[int | None, Fault | None]:
    """Return the quantity, 1 for an empty cell, and its fault. None: it could not be read."""
    if cell is None or not holds(cell):
        return 1, None
    text = ascii_digits(trimmed(cell.text)) if cell.kind in ("text", "bare") else cell.text
    if cell.kind == "bare" and (m := _WHOLE_DECIMAL.fullmatch(text)):
        text = m[1]
    if cell.kind not in ("text", "bare", "number") or not is_digits(text):
        return None, fault(
            "bad_quantity", f"{cell.text[:100]} is no quantity: a whole number from 0 to {limits.quantity:,}"
        )
    digits = text.lstrip("0") or "0"
    if len(digits) > 15 or int(digits) > limits.quantity:
        asked = int(digits) if len(digits) <= 15 else None
        return asked, fault(
            "quantity_too_large", f"{digits[:40]} labels for one row; at most {limits.quantity:,} are drawn"
        )
    return int(digits), None
