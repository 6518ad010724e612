"""What a source hands on: lines, and where to continue after them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from observability.detector.signals import Line, Position

Clock = Callable[[], datetime]  # aware


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines in the order of each file, and the checkpoints that hold once they are kept. Empty on a tick.

    A checkpoint's key is the source, or ``source#inode`` for a rotated file that is still being finished.
    """

    lines: tuple[Line, ...]
    checkpoints: Mapping[str, Position]


def rotated_key(source: str, file_id: int) -> str:
    """Return the key of a checkpoint in a file that the source's name no longer points to."""
    return f"{source}#{file_id}"


def held_back(checkpoints: Mapping[str, Position], held_from: Mapping[str, Position]) -> dict[str, Position]:
    """Return checkpoints that do not pass the first line of an entry that the parser still holds (source → position)."""
    kept = dict(checkpoints)
    for source, held in held_from.items():
        keys = (source, rotated_key(source, held.file_id))
        key = next((k for k in keys if k in kept and kept[k].file_id == held.file_id), keys[1])
        if key not in kept or (held.offset, held.number) < (kept[key].offset, kept[key].number):
            kept[key] = held
    return kept
