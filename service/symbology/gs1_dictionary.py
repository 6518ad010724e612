"""The GS1 Barcode Syntax Dictionary: its lines in, one entry for each application identifier out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal

_FILE: Final = "gs1-syntax-dictionary.txt"  # release 2026-01-27, unchanged
_LINE: Final = re.compile(
    r"(?P<first>\d{2,4})(?:-(?P<last>\d{2,4}))?\s+(?P<flags>[*?]*)\s+(?P<rest>[^#]*)(?:#\s*(?P<title>.*))?"
)
_COMPONENT: Final = re.compile(r"(?P<kind>[NXYZ])(?P<upto>\.\.)?(?P<length>\d+)(?P<linters>(?:,[a-z0-9]+)*)")

CharacterSet = Literal["N", "X", "Y", "Z"]


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the value: `N6,yymmd0` has six digits that are a date, `[X..17]` none to 17 characters of set 82."""

    characters: CharacterSet
    shortest: int
    longest: int
    optional: bool
    linters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identifier:
    """An application identifier. `predefined_length`: its value needs no FNC1 behind it."""

    ai: str
    title: str
    predefined_length: bool
    components: tuple[Component, ...]


@cache
def identifiers() -> Mapping[str, Identifier]:
    """Return all application identifiers by their digits. The file is package data, read once a process."""
    text = files(__package__).joinpath(_FILE).read_text("utf-8")
    return {entry.ai: entry for line in text.splitlines() for entry in parse_line(line)}


def parse_line(line: str) -> Iterator[Identifier]:
    """Yield the entries of one line: none for a comment, several for a range such as 3100-3105."""
    if (match := _LINE.fullmatch(line)) is None:
        return
    components = tuple(_components(match["rest"]))
    for number in range(int(match["first"]), int(match["last"] or match["first"]) + 1):
        ai = str(number).zfill(len(match["first"]))
        yield Identifier(ai, (match["title"] or "").strip(), "*" in match["flags"], components)


def _components(rest: str) -> Iterator[Component]:
    """Read components up to the first attribute ("req=01")."""
    for word in rest.split():
        optional = word.startswith("[")
        if (match := _COMPONENT.fullmatch(word.replace("[", "").replace("]", ""))) is None:
            return
        longest = int(match["length"])
        kind: CharacterSet = match["kind"]  # type: ignore[assignment]  # the pattern has no other
        yield Component(
            kind, 1 if match["upto"] else longest, longest, optional, tuple(match["linters"].split(",")[1:])
        )
