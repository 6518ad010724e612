"""A layout of one's own: the JSON of an upload option in, a Layout or everything that is wrong with it out."""

from collections.abc import Mapping
from typing import Final

from service.sheets.layout import Layout, LogoBox

LAYOUT_MEMBERS: Final = ("page_mm", "label_mm", "origin_mm", "pitch_mm", "grid")
_LARGEST_MM: Final = 1_200.0
_MOST_LABELS: Final = 2_000
LOGO_MEMBER: Final = "logo_mm"


class LayoutError(ValueError):
    """A custom layout that can't be printed. `problems` has every fault."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


def custom_layout(given: Mapping[str, object]) -> Layout:
    """Return the layout of `{"page_mm": [210, 297], "grid": [3, 7], "label_mm": [63.5, 38.1], "origin_mm": [7.2, 15.1],
    "pitch_mm": [66, 38.1], "logo_mm": [2, 12, 10, 10]}`: width before height, columns before rows; `logo_mm` is the place of
    the operator's logo on each label, its corner and its size. `origin_mm`, `pitch_mm` and `logo_mm` may be left away.

    Raises LayoutError with all that is wrong.
    """
    problems = [f"{name} is not a member of a layout" for name in given if name not in (*LAYOUT_MEMBERS, LOGO_MEMBER)]
    pairs = {name: _pair(given.get(name, _default(name, given)), name, problems) for name in LAYOUT_MEMBERS}
    logo = _logo(given[LOGO_MEMBER], problems) if LOGO_MEMBER in given else None
    if problems:
        raise LayoutError(tuple(problems))
    columns, rows = pairs["grid"]
    layout = Layout(
        "custom",
        "Custom",
        *pairs["page_mm"],
        int(columns),
        int(rows),
        *pairs["label_mm"],
        *pairs["origin_mm"],
        *pairs["pitch_mm"],
        logo,
    )
    if faults := tuple(_faults(layout, pairs["grid"])):
        raise LayoutError(faults)
    return layout


def _default(name: str, given: Mapping[str, object]) -> object:
    return {
        "origin_mm": [0, 0],
        "pitch_mm": given.get("label_mm"),
        "grid": [1, 1],
        "page_mm": given.get("label_mm"),
    }.get(name)


def _pair(value: object, name: str, problems: list[str]) -> tuple[float, float]:
    if not isinstance(value, list | tuple) or len(value) != 2 or not all(_is_number(number) for number in value):
        problems.append(f"{name} is a list of two numbers, not {value!r}")
        return 0.0, 0.0
    return float(value[0]), float(value[1])


def _logo(value: object, problems: list[str]) -> LogoBox | None:
    if not isinstance(value, list | tuple) or len(value) != 4 or not all(_is_number(number) for number in value):
        problems.append(f"{LOGO_MEMBER} is a list of four numbers, x, y, width and height, not {value!r}")
        return None
    x, y, width, height = map(float, value)
    return x, y, width, height


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e6 < value < 1e6


def _faults(layout: Layout, grid: tuple[float, float]) -> list[str]:
    across = (layout.page_width_mm, layout.label_width_mm, layout.origin_x_mm, layout.pitch_x_mm, layout.columns)
    down = (layout.page_height_mm, layout.label_height_mm, layout.origin_y_mm, layout.pitch_y_mm, layout.rows)
    faults = []
    if any(number < 1 or number != int(number) for number in grid) or layout.per_page > _MOST_LABELS:
        faults.append(f"grid is two whole numbers from 1, {_MOST_LABELS} labels a page at most")
    for side, (page, label, origin, pitch, count) in (("wide", across), ("high", down)):
        if not (0 < label <= page <= _LARGEST_MM):
            faults.append(
                f"a label {label:g} mm {side} on a page {page:g} mm {side}: both are above 0, the page the larger"
            )
        elif origin < 0 or origin + (count - 1) * pitch + label > page + 0.01:
            faults.append(
                f"{count} labels {label:g} mm {side}, {pitch:g} mm apart from {origin:g} mm, leave a page of {page:g} mm"
            )
        elif count > 1 and pitch < label - 1e-6:
            faults.append(f"labels {label:g} mm {side} overlap when they are {pitch:g} mm apart")
    if layout.logo_mm is not None and not _on_label(layout.logo_mm, layout):
        faults.append(
            f"{LOGO_MEMBER} is not within a label of {layout.label_width_mm:g} × {layout.label_height_mm:g} mm"
        )
    return faults


def _on_label(box: LogoBox, layout: Layout) -> bool:
    x, y, width, height = box
    within = x + width <= layout.label_width_mm and y + height <= layout.label_height_mm
    return x >= 0 and y >= 0 and width > 0 and height > 0 and within
