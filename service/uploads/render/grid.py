"""The sheet in printer dots: a slot in, the move to its corner and its place in points out."""

from typing import Final

from service.uploads.render.model import SheetOptions

_POINT_MM: Final = 25.4 / 72


class Grid:
    """Every label starts at a whole dot, so that no bar falls between two; offset and scale move and stretch it all."""

    def __init__(self, sheet: SheetOptions) -> None:
        layout, scale = sheet.layout, sheet.scale
        self.page_points: Final = (layout.page_width_mm / _POINT_MM, layout.page_height_mm / _POINT_MM)
        self._dot: Final = 72 / sheet.dpi * scale
        self._left: Final = sheet.offset_mm[0] / _POINT_MM
        # The scale acts from the top left corner, where a ruler is laid on the calibration page.
        self._bottom: Final = self.page_points[1] * (1 - scale) - sheet.offset_mm[1] / _POINT_MM
        corners = [layout.corner(slot) for slot in range(layout.per_page)]
        per_mm = sheet.dpi / 25.4
        self.corners: Final = [
            (round(x * per_mm), round((layout.page_height_mm - y - layout.label_height_mm) * per_mm))
            for x, y in corners
        ]
        self.corners_points: Final = [
            (x * self._dot + self._left, y * self._dot + self._bottom) for x, y in self.corners
        ]
        before = [(0, 0), *self.corners]
        # To a slot from the one before it: the operator that makes a label's bottom left corner the origin.
        self.moves: Final = [
            f"1 0 0 1 {x - x0} {y - y0} cm\n" for (x, y), (x0, y0) in zip(self.corners, before, strict=False)
        ]

    def opening(self, slot: int) -> str:
        """Return what a page begins with whose first label is in that slot: from here on a unit is a dot."""
        dot, (x, y) = f"{self._dot:.6f}", self.corners[slot]
        return f"{dot} 0 0 {dot} {self._left:.4f} {self._bottom:.4f} cm\n1 0 0 1 {x} {y} cm\n"

    def points(self, box: tuple[int, int, int, int]) -> tuple[float, float, float, float]:
        """Return left and bottom, from `corners_points`, width and height of a box on a label."""
        left, bottom, width, height = box
        dot = self._dot
        return left * dot, bottom * dot, width * dot, height * dot
