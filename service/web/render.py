"""A template's name and values → HTML, everything escaped."""

from collections.abc import Mapping
from importlib import resources
from typing import Final

import jinja2

_ENVIRONMENT: Final = jinja2.Environment(
    loader=jinja2.PackageLoader("service.web"), autoescape=True, undefined=jinja2.StrictUndefined
)
_FILES: Final = resources.files("service.web").joinpath("static")
_SCRIPTS: Final = ("job.js", "upload.js", "sheet.js")
STATIC: Final = {"page.css": "text/css", **dict.fromkeys(_SCRIPTS, "text/javascript")}


def render(template: str, values: Mapping[str, object]) -> str:
    """Return the page. Raises jinja2.UndefinedError for a value that the template needs and did not get."""
    return _ENVIRONMENT.get_template(template).render(values)


def static_text(name: str) -> str:
    """Return the style sheet or script of that name, one of `STATIC`."""
    return _FILES.joinpath(name).read_text("utf-8")
