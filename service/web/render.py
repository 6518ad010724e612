"""A template's name and values → HTML, everything escaped."""

from collections.abc import Mapping
from importlib import resources
from typing import Final

import jinja2

_ENVIRONMENT: Final = jinja2.Environment(
    loader=jinja2.PackageLoader("service.web"), autoescape=True, undefined=jinja2.StrictUndefined
)
_STYLE: Final = resources.files("service.web").joinpath("static/page.css")


def render(template: str, values: Mapping[str, object]) -> str:
    """Return the page. Raises jinja2.UndefinedError for a value that the template needs and did not get."""
    return _ENVIRONMENT.get_template(template).render(values)


def style() -> str:
    """Return the style sheet of all pages."""
    return _STYLE.read_text("utf-8")
