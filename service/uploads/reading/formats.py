"""Number formats: the code of a format in, what it does to a number out (ECMA-376 part 1, 18.8.30 and 18.8.31)."""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

# Built-in formats that show dates or times: 14-22 and 45-47 everywhere, 27-36 and 50-58 in East Asian locales.
_BUILT_IN_DATES: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_LITERALS: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE_LETTERS: Final = re.compile("[dmyhs]", re.IGNORECASE)
_DECIMALS: Final = re.compile(r"[0#?]\.(0+)")
_BUILT_IN_DECIMALS: Final = dict.fromkeys((2, 4, 7, 8, 39, 40, 43, 44), 2)  # 0.00, #,##0.00 and those of money
_MAX_CODE: Final = 255  # characters that Excel takes (specifications and limits)
_LAST_SERIAL: Final = 2_958_465  # 9999-12-31


class NumberFormat(NamedTuple):
    """How a cell shows its number."""

    zeros: int = 0  # digits that it is padded to; 0: it is not
    is_date: bool = False
    decimals: int = 0  # that it shows at least


PLAIN: Final = NumberFormat()


@lru_cache(maxsize=1024)
def number_format(number: int, code: str | None) -> NumberFormat:
    """Return what the format does; `code` is None for the built-in formats."""
    if code is None:
        return NumberFormat(is_date=number in _BUILT_IN_DATES, decimals=_BUILT_IN_DECIMALS.get(number, 0))
    first = code[:_MAX_CODE].split(";", 1)[0].strip()
    if first and not first.strip("0"):
        return NumberFormat(zeros=len(first))
    shown = _LITERALS.sub("", first)
    if shown.casefold() in ("general", "standard", "@"):
        return PLAIN
    decimals = _DECIMALS.search(shown)
    is_date = decimals is None and bool(_DATE_LETTERS.search(shown))
    return NumberFormat(is_date=is_date, decimals=len(decimals[1]) if decimals else 0)


def shown_date(serial: float, since_1904: bool) -> str | None:
    """Return a serial number as ISO 8601, or None where no calendar has it. Durations below a day are times."""
    if not 0 <= serial <= _LAST_SERIAL:
        return None
    if serial < 1:
        return (datetime(1900, 1, 1) + timedelta(days=serial)).time().isoformat("seconds")  # noqa: DTZ001  wall time
    # Excel counts a 29 February 1900 that never was: from 1 March 1900 on, day 0 is 1899-12-30.
    start = date(1904, 1, 1) if since_1904 else date(1899, 12, 30 if serial >= 61 else 31)
    days, rest = divmod(serial, 1)
    moment = datetime.combine(start, datetime.min.time()) + timedelta(days=days, seconds=round(rest * 86_400))
    return moment.isoformat("T", "seconds") if rest else moment.date().isoformat()
