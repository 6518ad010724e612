"""A file in, a Workbook of typed cells with Excel's addresses out. Runs inside a limited child process.

sniff(path, limits)           # "ooxml" | "ods" | "xls" | "text", or ReadProblem: cheap, safe in any process
read(path, limits).sheets[0].load().rows
"""

from service.uploads.problems import ReadProblem
from service.uploads.reading.open import read
from service.uploads.reading.sniff import Container, sniff

__all__ = ["Container", "ReadProblem", "read", "sniff"]
