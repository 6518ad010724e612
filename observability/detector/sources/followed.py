"""Names and patterns → the tails that are followed: a container that starts brings its log, one that is removed takes it away."""

import glob
from collections.abc import Iterable, Mapping
from pathlib import Path

from observability.detector.signals import Position
from observability.detector.sources.tail import Tail


class Followed:
    """The tails, in the order of their names; a name with `*` stands for any number of files."""

    def __init__(self, names: Iterable[Path], checkpoints: Mapping[str, Position]) -> None:
        names = tuple(names)
        self._patterns = [str(name) for name in names if glob.has_magic(str(name))]
        self._checkpoints = checkpoints
        self.tails = [Tail(name, checkpoints) for name in names if not glob.has_magic(str(name))]
        self._found: dict[str, Tail] = {}

    def refresh(self, monotonic: float) -> None:
        """Begin what appeared, and end what was removed and read to its end."""
        present = {name for pattern in self._patterns for name in glob.iglob(pattern)}  # noqa: PTH207 (a Path has no absolute patterns)
        for name in sorted(present - self._found.keys()):
            self._found[name] = Tail(Path(name), self._checkpoints)
            self.tails.append(self._found[name])
        for name in self._found.keys() - present:
            if self._found[name].ended(monotonic):
                tail = self._found.pop(name)
                self.tails.remove(tail)
                tail.close()

    def directories(self) -> set[Path]:
        """Return where something may change: of a pattern the part before its first star, too."""
        names = [tail.path for tail in self.tails]
        fixed = {_fixed(pattern) for pattern in self._patterns}
        return {directory for name in names for directory in (name.parent, name.resolve().parent)} | fixed


def _fixed(pattern: str) -> Path:
    parts = Path(pattern).parts
    first = next(place for place, part in enumerate(parts) if glob.has_magic(part))
    return Path(*parts[:first])
