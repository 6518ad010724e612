"""Options to what is drawn: which layout, which lines. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from service.sheets import LAYOUTS, Layout, LayoutError, custom_layout, layout_named
from service.symbology import SYMBOLOGIES, SymbologyName
from service.uploads.model import Label
from service.uploads.options import InvalidOptions, OptionProblem, UploadOptions
from service.uploads.render.model import DrawLabel, SheetOptions

_NAMES: Final[dict[str, SymbologyName]] = {name: name for name in SYMBOLOGIES}


def sheet_options(options: UploadOptions) -> SheetOptions:
    """Return where labels stand. Raises InvalidOptions: an unknown layout, or a start that is not on its page."""
    layout = _layout(options.layout)
    if options.start > layout.per_page:
        expected = f"a label of the page, 1 to {layout.per_page}"
        raise InvalidOptions((OptionProblem("start", f"{options.start} is not valid", expected),))
    return SheetOptions(
        layout, options.start, options.copies, options.offset_mm, options.scale, options.dpi, "code" in options.text
    )


def _layout(given: str | Mapping[str, Any]) -> Layout:
    if isinstance(given, str):
        if (layout := layout_named(given)) is None:
            expected = "one of " + ", ".join(LAYOUTS)
            raise InvalidOptions((OptionProblem("layout", f"{given!r:.100} is not known", expected),))
        return layout
    try:
        return custom_layout(given)
    except LayoutError as error:
        wanted = "a layout that can be printed"
        raise InvalidOptions(tuple(OptionProblem("layout", fault, wanted) for fault in error.problems)) from None


def to_draw(labels: tuple[Label, ...], options: UploadOptions) -> tuple[DrawLabel, ...]:
    """Return the labels with their lines of text, in the order that the option `text` gives."""
    shown = [line for line in options.text if line != "code"]
    return tuple(
        DrawLabel(
            label.row,
            _NAMES[label.symbology],
            label.encoded,
            tuple(text for line in shown if (text := label.name if line == "name" else label.price)),
            label.quantity,
        )
        for label in labels
    )
