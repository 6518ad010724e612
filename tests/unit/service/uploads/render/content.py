"""The operators of a page, read back from the finished PDF."""

import re
import zlib

_STREAM = re.compile(rb"/Filter/FlateDecode/Length \d+>>stream\n(.*?)\nendstream", re.S)
_RECTANGLE = re.compile(r"^(-?\d+) (-?\d+) (\d+) (\d+) re$", re.M)


def page_streams(pdf: bytes) -> list[str]:
    """Return the content of each page, in order."""
    streams = [zlib.decompress(data) for data in _STREAM.findall(pdf)]
    return [stream.decode("ascii") for stream in streams if b" re\n" in stream]


def rectangles(stream: str) -> list[tuple[int, int, int, int]]:
    """Return left, bottom, width and height of each rectangle, in dots from its label's corner."""
    return [(int(x), int(y), int(w), int(h)) for x, y, w, h in _RECTANGLE.findall(stream)]


def as_modules(drawn: list[tuple[int, int, int, int]], x_dots: int) -> str:
    """Return the bars of one label as 0 and 1, a module each, from the first bar to the last."""
    assert all(x % x_dots == drawn[0][0] % x_dots and width % x_dots == 0 for x, _, width, _ in drawn)
    first = drawn[0][0]
    last = max(x + width for x, _, width, _ in drawn)
    dark = {dot for x, _, width, _ in drawn for dot in range(x, x + width, x_dots)}
    return "".join("01"[dot in dark] for dot in range(first, last, x_dots))


def with_page_changed(pdf: bytes, old: bytes, new: bytes) -> bytes:
    """Return the PDF with the first `old` of its first page replaced by something no longer."""
    match = next(found for found in _STREAM.finditer(pdf) if b" re\n" in zlib.decompress(found[1]))
    changed = zlib.compress(zlib.decompress(match[1]).replace(old, new, 1), 9)
    return pdf[: match.start(1)] + changed.ljust(len(match[1]), b"\0") + pdf[match.end(1) :]
