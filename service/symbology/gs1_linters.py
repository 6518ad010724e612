"""Checks that the GS1 Barcode Syntax Dictionary names: a value in, what is wrong with it, or None, out.

Linters that only look a value up in a list of ISO or UN codes are not here: the lists change every year, and a value
outside of them prints and scans all the same.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from typing import Final

from service.symbology.digits import check_digit

_SET_82: Final = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_SET_32: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PRIMES: Final = [
    number for number in range(2, 510) if all(number % divisor for divisor in range(2, int(number**0.5) + 1))
]


def _csum(value: str) -> str | None:
    right = check_digit(value[:-1])
    return None if value[-1] == right else f"its check digit is {right}, not {value[-1]}"


def _csumalpha(value: str) -> str | None:
    """GS1 General Specifications 7.9.5: prime weights from the right, modulo 1021, two characters of set 32."""
    body = value[:-2]
    total = (
        sum(_SET_82.index(character) * prime for character, prime in zip(reversed(body), _PRIMES, strict=False)) % 1021
    )
    right = _SET_32[total >> 5] + _SET_32[total & 31]
    return None if value[-2:] == right else f"its check characters are {right}, not {value[-2:]}"


def _date(value: str, *, day_may_be_0: bool = False) -> str | None:
    year, month, day = int(value[:-4]), int(value[-4:-2]), int(value[-2:])
    century = 2000 if len(value) == 6 else 0  # only leap years depend on it, and 2000 was one
    if not 1 <= month <= 12:
        return f"there is no month {month:02}"
    if day == 0 and day_may_be_0:
        return None
    if not 1 <= day <= monthrange(century + year or 2000, month)[1]:
        return f"month {month:02} has no day {day:02}"
    return None


def _yymmd0(value: str) -> str | None:
    return _date(value, day_may_be_0=True)


def _hhmi(value: str) -> str | None:
    return _below(value[:2], 24, "hour") or _below(value[2:], 60, "minute")


def _below(value: str, limit: int, unit: str) -> str | None:
    return None if int(value) < limit else f"there is no {unit} {value}"


def _pieceoftotal(value: str) -> str | None:
    piece, total = int(value[: len(value) // 2]), int(value[len(value) // 2 :])
    return None if 1 <= piece <= total else f"there is no piece {piece} of {total}"


def _iban(value: str) -> str | None:
    turned = value[4:] + value[:4]
    if not re.fullmatch(r"[A-Z0-9]{5,}", turned):
        return "an IBAN has capital letters and digits only"
    return (
        None if int("".join(str(int(character, 36)) for character in turned)) % 97 == 1 else "the IBAN does not check"
    )


def _matches(pattern: str, told: str) -> Callable[[str], str | None]:
    return lambda value: None if re.fullmatch(pattern, value, re.ASCII) else told


LINTERS: Final[dict[str, Callable[[str], str | None]]] = {
    "csum": _csum,
    "csumalpha": _csumalpha,
    "gcppos1": _matches(r"\d{4}.*", "it begins with the digits of a company prefix"),
    "gcppos2": _matches(r".\d{4}.*", "a company prefix stands behind its first digit"),
    "hasnondigit": _matches(r".*\D.*", "it has a character that is no digit"),
    "hh": lambda value: _below(value, 24, "hour"),
    "hhmi": _hhmi,
    "hyphen": _matches(r"-+", "only a hyphen may stand there"),
    "iban": _iban,
    "importeridx": _matches(r"[-_0-9A-Za-z]", "the importer index is a letter, a digit, - or _"),
    "iso5218": _matches(r"[0129]", "the sex is 0, 1, 2 or 9"),
    "latitude": lambda value: None if int(value) <= 1_800_000_000 else "latitudes end at 1800000000",
    "longitude": lambda value: None if int(value) <= 3_600_000_000 else "longitudes end at 3600000000",
    "mi": lambda value: _below(value, 60, "minute"),
    "nonzero": _matches(r".*[^0].*", "it is not 0"),
    "nozeroprefix": _matches(r"0|[^0].*", "it has no zero in front"),
    "pcenc": _matches(r"(?:[^%]|%[0-9A-Fa-f]{2})*", "a % is followed by two hexadecimal digits"),
    "pieceoftotal": _pieceoftotal,
    "posinseqslash": _matches(r"[1-9]/[1-9]", "it is a position and a total, as in 1/2"),
    "ss": lambda value: _below(value, 60, "second"),
    "winding": _matches(r"[019]", "the winding direction is 0, 1 or 9"),
    "yesno": _matches(r"[01]", "it is 0 or 1"),
    "yymmd0": _yymmd0,
    "yymmdd": _date,
    "yyyymmdd": _date,
    "zero": _matches(r"0+", "it is 0"),
}
