"""One case of the upload contract: a file and its options in, what the API must say of each row, or of the whole, out."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from openpyxl import Workbook

from service.uploads.problems import FAULTS

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """`rows` are "ROW symbology encoded xQUANTITY codes…" as `said` writes them; `problem` is that of the whole."""

    content: bytes
    rows: Sequence[str] | None = None
    problem: str | None = None
    options: Options = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)  # members of the answer: sheet, header_row, counts …

    @property
    def ending(self) -> tuple[str, str | None]:
        """Return the state and the problem that the job must end with: without one of its own, what its rows amount to."""
        if self.problem is not None:
            return "failed", self.problem
        faulty = [row for row in self.rows or () if _codes(row) & _ERRORS]
        if faulty and all(row in faulty or _codes(row) & _NO_ITEMS for row in self.rows or ()):
            return "failed", "all_rows_invalid"
        return "succeeded_with_errors" if faulty else "succeeded", None


_ERRORS: Final = {code for code, fault in FAULTS.items() if fault.severity == "error"}
_NO_ITEMS: Final = {"totals_row", "repeated_header"}


def _codes(row: str) -> set[str]:
    return set(row.split())


def said(row: Mapping[str, Any]) -> str:
    """Return a row of the API in one line: what is drawn for it, and its problems in the order that they are told."""
    codes = " ".join(problem["code"] for problem in row["problems"])
    if row["status"] == "error" or row["encoded"] is None:
        return f"{row['row']}: {codes}"
    return f"{row['row']}: {row['symbology']} {row['encoded']} x{row['quantity']} {codes}".rstrip()


def book(*rows: Sequence[object], sheet: str = "List", formats: Mapping[str, str] | None = None, **more: Any) -> bytes:
    """Return a workbook with these rows; `formats` are number formats by cell; `more` are further sheets by name."""
    workbook = Workbook()
    first = workbook.active
    assert first is not None
    first.title = sheet
    for name, content in {sheet: rows, **more}.items():
        page = first if name == sheet else workbook.create_sheet(name)
        for line in content:
            page.append(list(line))
    for cell, code in (formats or {}).items():
        first[cell].number_format = code
    return saved(workbook)


def saved(workbook: Workbook) -> bytes:
    """Return the bytes of a workbook."""
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def column(header: str, *values: object, **more: Any) -> bytes:
    """Return a workbook with one column."""
    return book([header], *([value] for value in values), **more)


def csv(text: str, encoding: str = "utf-8") -> bytes:
    """Return the bytes of a text file."""
    return text.encode(encoding)


def case(content: bytes, *rows: str, problem: str | None = None, options: Options | None = None, **about: Any) -> Case:
    """Return a case; without `rows` they are not looked at."""
    return Case(content, rows or None, problem, options or {}, about)


def options_text(options: Options) -> str:
    """Return what stands in the part `options`."""
    return json.dumps(options)
