"""Texts into the box that a label has for them: wrapped where that keeps them large, then shrunk, then cut."""

import re
from collections.abc import Iterator
from itertools import count
from typing import Final, NamedTuple

from service.sheets import Fit
from service.sheets.arrange import TEXT_MAX_PT, TEXT_MIN_PT, line_height
from service.uploads.render.text import Line, cut, whole_line, width_of

_LINES_A_TEXT: Final = 2  # beside a symbol there may be more: there the box is as high as the label
_BASELINE: Final = 0.3  # of the size, from the bottom of the line
# A line may end behind a blank or hyphen, before a GS1 identifier, and between two ideographs.
_BREAKS: Final = re.compile(
    r"(?<=[\s\-/])|(?=\(\d{2,4}\))|(?<=[\u2e80-\u9fff\uac00-\ud7af])(?=[\u2e80-\u9fff\uac00-\ud7af])"
)


class Flowed(NamedTuple):
    """Lines from top to bottom, each with the baseline on which it stands, and what was lost of which text."""

    lines: tuple[tuple[Line, int], ...]
    lost: tuple[str, ...]


class Baselines(NamedTuple):
    size: int
    baselines: tuple[int, ...]
    fits: bool  # the lines are no higher than the box


def flow(texts: tuple[str, ...], fit: Fit) -> Flowed:
    """Return the lines of `texts` in the text box of a label: as large as they fit, 9 to 5 points."""
    _, _, width, height = fit.text_box
    largest, smallest = round(TEXT_MAX_PT * fit.dpi / 72), round(TEXT_MIN_PT * fit.dpi / 72)
    step = max(1, round(fit.dpi / 72 / 2))
    for size in range(largest, smallest, -step):
        if (lines := _lines(texts, size, width, height, fit)) is not None:
            return _placed(lines, size, fit)
    return _placed(list(_squeezed(texts, smallest, width, height)), smallest, fit)


def _lines(texts: tuple[str, ...], size: int, width: int, height: int, fit: Fit) -> list[tuple[str, Line]] | None:
    """Return the lines at a size, or None if they are too many or a word is too wide."""
    lines: list[tuple[str, Line]] = []
    for text in texts:
        wrapped = _wrap(text, size, width)
        if wrapped is None or (fit.text_at == "bottom" and len(wrapped) > _LINES_A_TEXT):
            return None
        lines += wrapped
    return lines if len(lines) * line_height(size) <= height else None


def _wrap(text: str, size: int, width: int) -> list[tuple[str, Line]] | None:
    line = whole_line(text, size)
    if line.width <= width:
        return [(text, line)]
    lines = list(_broken(text, size, width))
    if any(width_of(line.rstrip(), size) > width for line in lines):
        return None
    if len(lines) == _LINES_A_TEXT:
        lines = _balanced(lines[0], lines[1], size)
    return [(text, whole_line(line.rstrip(), size)) for line in lines]


def _balanced(first: str, second: str, size: int) -> list[str]:
    """Return two lines that are as equally wide as their words allow: none ends with a word left over."""
    while len(words := [word for word in _BREAKS.split(first) if word]) > 1:
        shorter, longer = first[: -len(words[-1])], words[-1] + second
        if width_of(longer.rstrip(), size) > width_of(shorter.rstrip(), size):
            break
        first, second = shorter, longer
    return [first, second]


def _broken(text: str, size: int, width: int) -> Iterator[str]:
    """Yield lines filled with as many words as fit, each with the blank at its end."""
    line = ""
    for word in _BREAKS.split(text):
        if line and width_of((line + word).rstrip(), size) > width:
            yield line
            line = ""
        line += word
    yield line


def _squeezed(texts: tuple[str, ...], size: int, width: int, height: int) -> Iterator[tuple[str, Line]]:
    """Yield lines at the smallest size: those of each text that have room, the last of them cut."""
    room = max(len(texts), height // line_height(size))
    for number, text in zip(count(1), texts, strict=False):
        lines = list(_broken(text, size, width))
        allowed = room - (len(texts) - number)
        kept = lines[: allowed - 1] if len(lines) > allowed else lines[:-1]
        room -= len(kept) + 1
        yield from ((text, _fitted(line.rstrip(), size, width)) for line in kept)
        yield text, _fitted(text[sum(map(len, kept)) :].rstrip(), size, width)


def _fitted(line: str, size: int, width: int) -> Line:
    return whole_line(line, size) if width_of(line, size) <= width else cut(line, size, width)


def layout_of(count: int, fit: Fit, size: int = 0) -> Baselines:
    """Return where `count` lines stand in the text box of a label, from top to bottom; at full size unless told."""
    size = size or round(TEXT_MAX_PT * fit.dpi / 72)
    _, bottom, _, height = fit.text_box
    step = line_height(size)
    if fit.text_at == "middle":
        bottom += (height - count * step) // 2
    first = bottom + (count - 1) * step + round(size * _BASELINE)
    baselines = tuple(first - number * step for number in range(count))
    return Baselines(size, baselines, fits=count * step <= height)


def _placed(lines: list[tuple[str, Line]], size: int, fit: Fit) -> Flowed:
    baselines = layout_of(len(lines), fit, size).baselines
    placed = tuple((line, baseline) for (_, line), baseline in zip(lines, baselines, strict=True))
    return Flowed(placed, tuple(dict.fromkeys(f"{text!r}: {line.lost}" for text, line in lines if line.lost)))
