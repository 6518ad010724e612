"""Equal symbols: judged rows in, the same rows out, each repetition with its warning."""

from collections.abc import Iterable
from dataclasses import replace

from service.symbology import upce_to_upca_body
from service.uploads.checking.faults import fault
from service.uploads.checking.gtin import LENGTHS
from service.uploads.checking.rows import Judged
from service.uploads.model import Row
from service.uploads.options import Duplicates


def marked(judged: Iterable[Judged], wish: Duplicates) -> list[Judged]:
    """Return the rows, repetitions marked unless `allow`, and with quantity 0 for `drop`. Only drawn rows count."""
    if wish == "allow":
        return list(judged)
    first: dict[tuple[str, str], int] = {}
    rows = []
    for item in judged:
        if item.row.encoded is not None and item.row.quantity:
            earlier = first.setdefault(_symbol(item.row), item.row.row)
            if earlier != item.row.row:
                item = replace(item, row=_repeated(item.row, earlier, wish))
        rows.append(item)
    return rows


def _symbol(row: Row) -> tuple[str, str]:
    """GTINs are one number whether printed as EAN-8, UPC-A, UPC-E, EAN-13 or ITF-14 (GS1 General Specifications 3.3.2)."""
    encoded = row.encoded or ""
    if row.symbology == "upce":
        return "gtin", (upce_to_upca_body(encoded[:7]) + encoded[7:]).zfill(14)
    return ("gtin", encoded.zfill(14)) if row.symbology in LENGTHS else (row.symbology or "", encoded)


def _repeated(row: Row, earlier: int, wish: Duplicates) -> Row:
    warning = fault("duplicate", f"The same code stands in row {earlier}")
    quantity = 0 if wish == "drop" else row.quantity
    return replace(row, status="warning", quantity=quantity, problems=(*row.problems, warning))
