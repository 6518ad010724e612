"""Every code of the upload contract (UPLOADS.md section 2), its name and its remedy. A leaf."""

from dataclasses import dataclass
from typing import Final, Literal

from service.uploads.limits import Limits

Severity = Literal["warning", "error"]


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """`status` is the HTTP status where the code is an answer of its own; None: it is a job's `problem`, at 200."""

    title: str
    remedy: str
    status: int | None = None


@dataclass(frozen=True, slots=True)
class FaultKind:
    """What a row can suffer from."""

    severity: Severity
    title: str
    remedy: str


class ReadProblem(Exception):
    """A file of which no labels can be made. `fields` is what the code needs beside: limit, expected …"""

    def __init__(self, code: str, detail: str, **fields: object) -> None:
        self.code = code
        self.detail = detail
        self.fields: dict[str, object] = dict(fields)
        super().__init__(f"{code}: {detail}")

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the fields on the way out of a child process."""
        return (_rebuilt, (self.code, self.detail, self.fields))


def too_many_rows(limits: Limits, found: int | None = None) -> ReadProblem:
    """Return the problem of a list that is too long; `found` is unknown where nobody counted to the end."""
    counted = f"{found:,} rows, more" if found else "far more rows"
    return ReadProblem("too_many_rows", f"The list has {counted} than {limits.rows:,}", limit=limits.rows)


def _rebuilt(code: str, detail: str, fields: dict[str, object]) -> ReadProblem:
    problem = ReadProblem(code, detail)
    problem.fields = fields
    return problem


_SPREADSHEETS: Final = "Send an .xlsx, .xlsm, .xls, .ods, .csv or .tsv file."

PROBLEMS: Final[dict[str, ProblemKind]] = {
    # before reading
    "invalid_options": ProblemKind(
        "The options are not valid", "Correct the members named here; the API page lists all that there are.", 400
    ),
    "empty_file": ProblemKind("The file is empty", "Save the list again and upload it; it has 0 bytes now.", 400),
    "upload_incomplete": ProblemKind("The upload broke off", "Upload the file again.", 400),
    "file_too_large": ProblemKind("The file is too large", "Split the list, or remove pictures and other sheets.", 413),
    "not_a_spreadsheet": ProblemKind("This is not a spreadsheet", _SPREADSHEETS, 415),
    "encrypted_workbook": ProblemKind(
        "The workbook is protected by a password",
        "Open it, remove the password (File, Info, Protect Workbook), save, upload again.",
        415,
    ),
    "idempotency_mismatch": ProblemKind(
        "This Idempotency-Key was used with another file or other options", "Use a new key for a new upload.", 422
    ),
    "queue_full": ProblemKind("Too many uploads at once", "Try again after the seconds in Retry-After.", 429),
    # while reading
    "corrupt_file": ProblemKind(
        "The file is damaged", "Open it in Excel or LibreOffice, save it under a new name, upload that."
    ),
    "expands_too_much": ProblemKind(
        "The file unpacks to more than is allowed", "Copy the list alone into a new workbook and upload that."
    ),
    "too_many_rows": ProblemKind("The list has too many rows", "Split it into several files."),
    "too_many_labels": ProblemKind(
        "The list asks for too many labels", "Lower the quantities or copies, or split the list."
    ),
    "no_worksheet": ProblemKind(
        "The workbook has no visible worksheet", "Unhide the sheet with the list, or name it in the option `sheet`."
    ),
    "unknown_sheet": ProblemKind("The workbook has no such sheet", "Name one of its sheets in the option `sheet`."),
    "no_data_rows": ProblemKind("There are no rows of data", "Fill in at least one row below the header."),
    "header_not_found": ProblemKind(
        "No column of codes was found",
        'Give the code column a header such as "EAN" or "SKU", or name it in the option `columns`.',
    ),
    "ambiguous_header": ProblemKind(
        "Several columns could hold the codes", "Name the right one in the option `columns`."
    ),
    "unknown_column": ProblemKind(
        "There is no such column", "Name columns by a header of the list, a letter or a number."
    ),
    "rows_invalid": ProblemKind(
        "Rows are in error, and `on_error` is `fail`",
        "Correct them (errors.xlsx marks each), or upload with `on_error: skip`.",
    ),
    "all_rows_invalid": ProblemKind("Every row is in error", "Correct them: errors.xlsx marks each."),
    "parser_timeout": ProblemKind(
        "Reading the file took too long", "Copy the list alone into a new workbook and upload that."
    ),
    "parser_crashed": ProblemKind(
        "The file made its reader crash", "Copy the list alone into a new workbook and upload that."
    ),
    "drawing_timeout": ProblemKind("Drawing the labels took too long", "Split the list into several files."),
    "drawing_crashed": ProblemKind(
        "Drawing the labels failed", "Upload again; if it fails again, name the request id when you report it."
    ),
    "interrupted": ProblemKind(
        "The job was interrupted too often", "Upload again; if it fails again, the file is likely the reason."
    ),
    # asked too early or for nothing
    "not_ready": ProblemKind("The job has not ended yet", "Ask again when its state is succeeded or failed.", 409),
    "nothing_to_draw": ProblemKind(
        "There is nothing to draw", "All quantities are 0: give at least one row a quantity of 1 or more.", 409
    ),
    "no_such_job": ProblemKind("There is no such job", "Check the id; jobs that were deleted are gone.", 404),
    "expired": ProblemKind("The job has expired", "Upload the file again.", 410),
}

FAULTS: Final[dict[str, FaultKind]] = {
    "empty_code": FaultKind("error", "No code", "Fill in the code, or delete the row."),
    "bad_characters": FaultKind(
        "error", "Characters that the symbol cannot hold", "Remove them, or choose a symbology that takes them."
    ),
    "wrong_length": FaultKind("error", "Wrong number of digits", "Check the code against the product."),
    "bad_check_digit": FaultKind(
        "error", "Wrong check digit", "Check the code against the product: a digit is likely mistyped."
    ),
    "not_an_integer": FaultKind("error", "Not a whole number", "Type the code as text."),
    "precision_lost": FaultKind("error", "Digits are lost", "Format the column as Text and type the code again."),
    "scientific_text": FaultKind(
        "error", "Shortened to scientific notation", "Format the column as Text and type the code again."
    ),
    "date_value": FaultKind("error", "A date, not a code", "Format the column as Text and type the code again."),
    "boolean_value": FaultKind("error", "TRUE or FALSE, not a code", "Type the code as text."),
    "error_value": FaultKind("error", "An error in the cell", "Correct the cell in the workbook."),
    "formula_without_value": FaultKind(
        "error", "A formula without a stored value", "Open the workbook in Excel, save it, upload again."
    ),
    "bad_quantity": FaultKind("error", "Not a quantity", "Enter a whole number from 0 to 10,000."),
    "quantity_too_large": FaultKind("error", "Quantity too large", "Enter at most 10,000; repeat the row for more."),
    "unknown_symbology": FaultKind("error", "Unknown symbology", "Name one of those that the API lists."),
    "gs1_bad_ai": FaultKind(
        "error", "Unknown GS1 application identifier", "Check it against the GS1 General Specifications."
    ),
    "gs1_bad_value": FaultKind(
        "error", "Wrong value for its GS1 application identifier", "Check it against the GS1 General Specifications."
    ),
    "too_long": FaultKind("error", "Too long for the symbol", "Shorten it, or choose QR or Data Matrix."),
    "does_not_fit": FaultKind("error", "Does not fit on the label", "Choose a larger label."),
    "unreadable": FaultKind("error", "Did not read back", "Choose a larger label or another symbology."),
    "check_digit_added": FaultKind("warning", "Check digit added", "Nothing, if the code was meant without."),
    "leading_zeros_restored": FaultKind("warning", "Leading zeros restored", "Format the column as Text to keep them."),
    "invisible_characters_removed": FaultKind("warning", "Invisible characters removed", "Nothing."),
    "separators_removed": FaultKind("warning", "Blanks or hyphens removed", "Nothing."),
    "digits_normalised": FaultKind("warning", "Digits rewritten as 0-9", "Nothing."),
    "isbn10_converted": FaultKind("warning", "ISBN-10 converted to EAN-13", "Nothing."),
    "duplicate": FaultKind(
        "warning", "The same code as in a row above", "Delete the row, or use the option `duplicates`."
    ),
    "text_truncated": FaultKind("warning", "Text cut", "Shorten the text, or choose a larger label."),
    "code39_ambiguous": FaultKind("warning", "Some scanners read this otherwise", "Use Code 128."),
    "below_gs1_size": FaultKind("warning", "Smaller than GS1 allows", "Choose a larger label for use at a till."),
    "hidden_row": FaultKind("warning", "Hidden row", "Unhide it, or use the option `hidden_rows`."),
    "merged_cell": FaultKind("warning", "Merged cell", "Unmerge it: the code counts for its first row only."),
    "totals_row": FaultKind("warning", "A row of totals", "Nothing."),
    "repeated_header": FaultKind("warning", "The header once more", "Nothing."),
}
