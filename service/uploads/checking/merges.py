"""Merged cells in the code column: which row has the code, which rows are covered."""

from bisect import bisect_right
from collections.abc import Iterable

from service.uploads.model import Merge, letter


class Merges:
    """The merged ranges that touch one column, by row. Ranges of a sheet do not overlap; where they do, one counts."""

    def __init__(self, merges: Iterable[Merge], column: int) -> None:
        self._column = column
        touching = (merge for merge in merges if merge.first_column <= column <= merge.last_column)
        self._ranges = sorted(touching, key=lambda merge: merge.first_row)
        self._starts = [merge.first_row for merge in self._ranges]

    def covering(self, row: int) -> str | None:
        """Return the range, such as B3:B5, that covers the cell without being its first."""
        merge = self._at(row)
        return _shown(merge) if merge and (merge.first_row, merge.first_column) != (row, self._column) else None

    def starting(self, row: int) -> str | None:
        """Return the range whose first cell this is."""
        merge = self._at(row)
        return _shown(merge) if merge and (merge.first_row, merge.first_column) == (row, self._column) else None

    def _at(self, row: int) -> Merge | None:
        place = bisect_right(self._starts, row) - 1
        if place < 0 or self._ranges[place].last_row < row:
            return None
        return self._ranges[place]


def _shown(merge: Merge) -> str:
    return f"{letter(merge.first_column)}{merge.first_row}:{letter(merge.last_column)}{merge.last_row}"
