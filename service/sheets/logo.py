"""Where a logo stands on a label: its box in the layout and what else is there in, whole printer dots out."""

from collections.abc import Iterator

from service.sheets.arrange import Box, Fit
from service.sheets.layout import Layout


def logo_box(layout: Layout, fit: Fit, proportion: float) -> Box | None:
    """Return the box of a logo `proportion` times as wide as high: as large as its box in the layout allows, in its middle.

    None: the layout has no such box, or symbol, quiet zones, code or texts need some of it. They never give way.
    """
    if layout.logo_mm is None:
        return None
    x_mm, y_mm, width_mm, height_mm = layout.logo_mm
    per_mm = fit.dpi / 25.4
    room_width, room_height = int(width_mm * per_mm), int(height_mm * per_mm)
    left, bottom = round(x_mm * per_mm), round((layout.label_height_mm - y_mm - height_mm) * per_mm)
    if any(_overlap((left, bottom, room_width, room_height), box) for box in _taken(fit)):
        return None
    width = max(1, min(room_width, int(room_height * proportion)))
    height = max(1, min(room_height, int(width / proportion)))
    return left + (room_width - width) // 2, bottom + (room_height - height) // 2, width, height


def _taken(fit: Fit) -> Iterator[Box]:
    left, bottom, width, height = fit.box
    yield left, bottom - fit.bearer_dots, width, height + 2 * fit.bearer_dots
    if fit.lines or fit.text_holds_hri:
        yield fit.text_box
    if fit.guard_dots:
        yield left, 0, width, fit.symbol_y  # digits between and beside the guard bars
    elif fit.hri_size:
        yield fit.text_box[0], 0, fit.text_box[2], fit.symbol_y  # a code in one piece may be as wide as the label


def _overlap(one: Box, other: Box) -> bool:
    across = one[0] < other[0] + other[2] and other[0] < one[0] + one[2]
    return across and one[1] < other[1] + other[3] and other[1] < one[1] + one[3]
