"""Where each label goes: quantities in, page and slot out."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from service.sheets.layout import Layout


class Place(NamedTuple):
    """One printed label: which of the given ones, on which page (from 0), in which slot (from 0, row by row)."""

    label: int
    page: int
    slot: int


def place(quantities: Sequence[int], layout: Layout, start: int = 1, copies: int = 1) -> Iterator[Place]:
    """Yield a place for each copy of each label, in order; `start` is the first free slot of the first page, from 1."""
    per_page = layout.per_page
    page, slot = divmod(start - 1, per_page)
    for index, quantity in enumerate(quantities):
        for _ in range(quantity * copies):
            yield Place(index, page, slot)
            slot += 1
            if slot == per_page:
                page, slot = page + 1, 0


def page_count(labels: int, layout: Layout, start: int = 1) -> int:
    """Return how many pages `labels` take; none for no labels."""
    return -(-(start - 1 + labels) // layout.per_page) if labels else 0


def next_start(labels: int, layout: Layout, start: int = 1) -> int:
    """Return the slot (from 1) that is free next: on the last page, or 1 when that page is full."""
    return (start - 1 + labels) % layout.per_page + 1
