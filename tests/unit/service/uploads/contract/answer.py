"""What the product answers to a file, as lines that read like the expectation: stages read and check in this process.

A row is `CELL SYMBOLOGY VALUE[>ENCODED] [xQUANTITY] PROBLEM[→SUGGESTION] …`; a row in error has `error` for its symbology, a row
that draws nothing has `-`; quantity 1 and an encoded text that equals the value are not written. Further lines, compared only where
a case has one of their kind: `@ FORMAT SHEET HEADER_ROW FIELD=LETTER:HEADER …`, `# COUNTS`, `~ ROW NAME|PRICE` for each label.
`! CODE` is the problem of the whole file; one that could be read still has its rows.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import orjson

from service.uploads import child
from service.uploads.limits import Limits
from service.uploads.options import InvalidOptions, parse_options
from service.uploads.packing import unpack_checked
from service.uploads.sheet import sheet_options
from service.uploads.workspace import CHECKED, ROWS, UPLOAD
from tests.unit.service.uploads.contract.files import File

Case = tuple[File, list[str]] | tuple[File, dict[str, Any], list[str]]

_ERRORS: Final = frozenset(
    "empty_code bad_characters wrong_length bad_check_digit not_an_integer precision_lost scientific_text date_value boolean_value "
    "error_value formula_without_value bad_quantity quantity_too_large unknown_symbology gs1_bad_ai gs1_bad_value too_long "
    "does_not_fit unreadable".split()
)
_WARNINGS: Final = frozenset(
    "check_digit_added leading_zeros_restored invisible_characters_removed separators_removed digits_normalised isbn10_converted "
    "duplicate text_truncated code39_ambiguous below_gs1_size hidden_row merged_cell totals_row repeated_header".split()
)


def answer(data: bytes, options: dict[str, Any], workspace: Path, limits: Limits | None = None) -> list[str]:
    """Return what the file is told, as lines."""
    workspace.mkdir(exist_ok=True)
    (workspace / UPLOAD).write_bytes(data)
    allowed = asdict(limits or Limits())
    request: dict[str, Any] = {
        "workspace": str(workspace),
        "options": orjson.dumps(options).decode(),
        "limits": allowed,
    }
    if not data:
        return ["! empty_file"]
    try:
        sheet_options(parse_options(request["options"]))
    except InvalidOptions:
        return ["! invalid_options"]
    sniffed = child.sniff({"path": str(workspace / UPLOAD), "limits": allowed}, _silent)
    result = sniffed if "problem" in sniffed else child.read(request, _silent)
    if "problem" in result:
        return [f"! {result['problem']['code']}"]
    result = child.check(request, _silent)
    rows = [orjson.loads(line) for line in (workspace / ROWS).read_bytes().splitlines()]
    _hold_what_always_holds(rows, result["counts"])
    problem = [f"! {result['problem']['code']}"] if "problem" in result else []
    return [_table(result["table"]), *problem, *map(_row, rows), _counts(result["counts"]), *_labels(workspace)]


def agrees(case: Case, workspace: Path) -> None:
    """Assert that the file is told what the case says, but for the kinds of lines that it does not speak of."""
    file, options, expected = case if len(case) == 3 else (case[0], {}, case[1])
    kinds = {line[0] for line in expected if line[0] in "@#~"}
    told = [line for line in answer(file(), options, workspace) if line[0] not in "@#~" or line[0] in kinds]
    assert sorted(told, key=_is_row) == sorted(_with_problem(expected), key=_is_row)


def _with_problem(expected: list[str]) -> list[str]:
    """Return the lines with the problem of a file whose rows are all in error: a case need not say it."""
    rows = [line for line in expected if _is_row(line)]
    implied = rows and all(line.split()[1] == "error" for line in rows) and not any(line[0] == "!" for line in expected)
    return ["! all_rows_invalid", *expected] if implied else expected


def _is_row(line: str) -> bool:
    return line[0] not in "@!#~"


def _silent(_done: int, _total: int) -> None:
    """Children tell how far they are; nobody asks here."""


def _row(row: dict[str, Any]) -> str:
    kind = "error" if row["status"] == "error" else row["symbology"] if row["encoded"] is not None else "-"
    text = row["value"]
    if row["encoded"] not in (None, row["value"]):
        text += f">{row['encoded']}"
    quantity = [] if row["quantity"] == 1 else ["x?" if row["quantity"] is None else f"x{row['quantity']}"]
    faults = sorted(row["problems"], key=lambda p: (p["severity"], p["code"]))  # errors first
    told = [p["code"] + ("" if _is_plain(p) else f"→{p['suggestion']}") for p in faults]
    return " ".join((row["cell"], kind, text, *quantity, *told))


def _is_plain(fault: dict[str, Any]) -> bool:
    """Whether a fault is told by its code only; which layouts would do is told elsewhere."""
    return fault["suggestion"] is None or fault["code"] == "does_not_fit"


def _table(table: dict[str, Any]) -> str:
    columns = (
        f"{name}={column['letter']}" + ("" if column["header"] is None else f":{column['header']}")
        for name, column in table["columns"].items()
    )
    return " ".join(("@", table["format"], str(table["sheet"]), str(table["header_row"]), *columns))


def _counts(counts: dict[str, int]) -> str:
    return "# " + " ".join(f"{name} {count}" for name, count in counts.items() if count)


def _labels(workspace: Path) -> list[str]:
    checked = unpack_checked((workspace / CHECKED).read_bytes())
    return [f"~ {label.row} {label.name}|{label.price}" for label in checked.labels]


def _hold_what_always_holds(rows: list[dict[str, Any]], counts: dict[str, int]) -> None:
    """Assert what no case needs to say."""
    numbers = [row["row"] for row in rows]
    assert numbers == sorted(set(numbers)), "each row once, in the order of the sheet"
    for row in rows:
        told = {p["code"]: p["severity"] for p in row["problems"]}
        assert all(severity == ("error" if code in _ERRORS else "warning") for code, severity in told.items()), told
        assert told.keys() <= _ERRORS | _WARNINGS
        assert len({(p["code"], p["detail"]) for p in row["problems"]}) == len(row["problems"]), (
            "no fault is told twice"
        )
        assert row["status"] == ("error" if _ERRORS & told.keys() else "warning" if told else "ok")
        assert row["cell"].endswith(str(row["row"]))
        assert row["encoded"] is None or row["status"] != "error"
        assert all(p["detail"] for p in row["problems"])
        assert isinstance(row["value"], str)
    statuses = [row["status"] for row in rows]
    assert counts["rows"] == len(rows)
    assert all(counts[status] == statuses.count(status) for status in ("ok", "warning", "error"))
