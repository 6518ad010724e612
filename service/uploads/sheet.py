"""Options to what is drawn: which layout, which lines. Pure."""

from service.sheets import LAYOUTS
from service.symbology import SYMBOLOGIES
from service.uploads.model import Label
from service.uploads.options import InvalidOptions, OptionProblem, UploadOptions
from service.uploads.render.model import DrawLabel, SheetOptions


def sheet_options(options: UploadOptions) -> SheetOptions:
    """Return where labels stand. Raises InvalidOptions: an unknown layout, or a start that is not on its page."""
    layout = LAYOUTS.get(options.layout) if isinstance(options.layout, str) else None
    if layout is None:
        found = repr(options.layout)[:100] if isinstance(options.layout, str) else "a custom layout"
        raise InvalidOptions((OptionProblem("layout", f"{found} is not known", "one of " + ", ".join(LAYOUTS)),))
    if options.start > layout.per_page:
        expected = f"a label of the page, 1 to {layout.per_page}"
        raise InvalidOptions((OptionProblem("start", f"{options.start} is not valid", expected),))
    return SheetOptions(
        layout, options.start, options.copies, options.offset_mm, options.scale, options.dpi, "code" in options.text
    )


def to_draw(labels: tuple[Label, ...], options: UploadOptions) -> tuple[DrawLabel, ...]:
    """Return the labels with their lines of text, in the order that the option `text` gives."""
    shown = [line for line in options.text if line != "code"]
    return tuple(
        DrawLabel(
            label.row,
            next(name for name in SYMBOLOGIES if name == label.symbology),
            label.encoded,
            tuple(text for line in shown if (text := label.name if line == "name" else label.price)),
            label.quantity,
        )
        for label in labels
    )
