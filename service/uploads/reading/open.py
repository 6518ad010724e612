"""One reader a format: the file in, its Workbook out."""

from io import BytesIO
from pathlib import Path

from service.uploads.limits import Limits
from service.uploads.model import Workbook
from service.uploads.problems import ReadProblem
from service.uploads.reading.archive import open_archive
from service.uploads.reading.delimited import open_delimited
from service.uploads.reading.ods import open_ods
from service.uploads.reading.ooxml import open_ooxml
from service.uploads.reading.sniff import sniff
from service.uploads.reading.xls import open_xls


def read(path: Path, limits: Limits) -> Workbook:
    """Return the workbook in the file. Raises ReadProblem, here and from the sheets' `load`."""
    try:
        match sniff(path, limits):
            case "ooxml":
                return open_ooxml(open_archive(BytesIO(path.read_bytes()), limits))
            case "ods":
                return open_ods(open_archive(BytesIO(path.read_bytes()), limits))
            case "xls":
                return open_xls(path.read_bytes())
            case "text":
                return open_delimited(path.read_bytes(), limits)
    except MemoryError:
        raise ReadProblem("expands_too_much", "The file needs more memory than a reader gets") from None
