"""Label sheet geometry and layout. Pure: sizes in millimetres in, pages, slots and whole printer dots out."""

from service.sheets.arrange import Fit
from service.sheets.custom import LAYOUT_MEMBERS, LOGO_MEMBER, LayoutError, custom_layout
from service.sheets.fit import DoesNotFit, fits
from service.sheets.layout import LAYOUTS, Layout, layout_named
from service.sheets.logo import logo_box
from service.sheets.place import Place, next_start, page_count, place

__all__ = [
    "LAYOUTS",
    "LAYOUT_MEMBERS",
    "LOGO_MEMBER",
    "DoesNotFit",
    "Fit",
    "Layout",
    "LayoutError",
    "Place",
    "custom_layout",
    "fits",
    "layout_named",
    "logo_box",
    "next_start",
    "page_count",
    "place",
]
