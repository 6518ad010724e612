"""Templates and style of the upload page: values in, HTML out. The page works without JavaScript, by plain forms."""

from service.web.render import render, style

__all__ = ["render", "style"]
