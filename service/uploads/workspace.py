"""Names of the files in a job's workspace. A leaf: the backend knows them without loading what makes them."""

from typing import Final

UPLOAD: Final = "upload"  # as it was sent
TABLE: Final = "table.pickle"
CHECKED: Final = "checked.pickle"
DRAWN: Final = "drawn.pickle"
ROWS: Final = "rows.jsonl"  # verdicts as the API shows them, a line a row
PDF: Final = "labels.pdf"
ZIP: Final = "labels.zip"  # one SVG a label
ERRORS: Final = "errors.xlsx"  # the person's own workbook, marked
