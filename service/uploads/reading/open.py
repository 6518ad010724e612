"""One reader a format: the file in, its Workbook out."""

from pathlib import Path

from service.uploads.limits import Limits
from service.uploads.model import Workbook
from service.uploads.problems import ReadProblem
from service.uploads.reading.archive import open_archive
from service.uploads.reading.ooxml import open_ooxml
from service.uploads.reading.sniff import sniff


def read(path: Path, limits: Limits) -> Workbook:
    """Return the workbook in the file. Raises ReadProblem, here and from the sheets' `load`."""
    container = sniff(path, limits)
    match container:
        case "ooxml":
            return open_ooxml(open_archive(path.open("rb"), limits))  # stays open: sheets are read when asked for
    raise ReadProblem("not_a_spreadsheet", "This format is not read yet")
