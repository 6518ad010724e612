"""Label sheet geometry and layout. Pure: sizes in millimetres in, pages, slots and whole printer dots out."""

from service.sheets.fit import DoesNotFit, Fit, fits
from service.sheets.layout import LAYOUTS, Layout
from service.sheets.place import Place, next_start, page_count, place

__all__ = ["LAYOUTS", "DoesNotFit", "Fit", "Layout", "Place", "fits", "next_start", "page_count", "place"]
