"""Tracebacks as other programs than Python print them → the rows that Python would have printed."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from observability.detector.parse.rows import Row
from observability.detector.parse.traceback_lines import exception_line, frame_line, is_header, is_strong

_LOOK: Final = 4_096
_CURLY: Final = str.maketrans({"“": '"', "”": '"', "„": '"', "‟": '"', "″": '"'})
_ENTITIES: Final = ("File &quot;", "File &#34;")  # a source line may hold others
_DJANGO_TYPE: Final = re.compile(r"Exception Type: (\S{1,200})(?: at .*)?$")  # django/views/templates/technical_500.txt
_DJANGO_VALUE: Final = "Exception Value:"
_LAMBDA: Final = re.compile(r"\[ERROR\]\s{1,4}(?=\S)")  # AWS Lambda's runtime client, bootstrap.py log_error


def as_python_prints(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return the rows with web pages' and word processors' quotes, Django's and Lambda's reports put right."""
    if any(entity in row.text for row in rows for entity in _ENTITIES):
        rows = [replace(row, text=html.unescape(row.text)) for row in rows]
    return tuple(_lambda_reports(tuple(_django_reports([_plain_quotes(row) for row in rows]))))


def _plain_quotes(row: Row) -> Row:
    text = row.text
    if "File " in text and not text.isascii():
        curly = text.translate(_CURLY)
        text = curly if frame_line(curly) is not None else text
    return row if text is row.text else replace(row, text=text)


def _django_reports(rows: Sequence[Row]) -> Iterator[Row]:
    """Type and value stand on two rows, below the frames."""
    at = 0
    while at < len(rows):
        found = _DJANGO_TYPE.match(rows[at].text[:_LOOK])
        value = rows[at + 1].text if at + 1 < len(rows) else ""
        if found is not None and value.startswith(_DJANGO_VALUE):
            yield replace(rows[at], text=f"{found[1]}: {value[len(_DJANGO_VALUE) :].strip()}")
            at += 1
        else:
            yield rows[at]
        at += 1


def _lambda_reports(rows: Sequence[Row]) -> Iterator[Row]:
    """The exception stands above the header, and not below the frames."""
    waiting: Row | None = None
    for at, row in enumerate(rows):
        begins = _LAMBDA.match(row.text)
        if begins is not None and at + 1 < len(rows) and is_header(rows[at + 1].text):
            seen = exception_line(row.text[begins.end() :].strip())
            if seen is not None and is_strong(seen[0]):
                waiting = replace(row, text=row.text[begins.end() :].strip())
        elif waiting is not None and not _goes_on(row.text):
            if exception_line(row.text) is None:  # else it was logging's, and Python printed the exception, too
                yield waiting
            waiting = None
        yield row
    if waiting is not None:
        yield waiting


def _goes_on(text: str) -> bool:
    return not text.strip() or text[:1].isspace() or is_header(text) or frame_line(text) is not None
