"""Templates, style and scripts of the upload page: values in, HTML out. The page works without JavaScript, by plain forms."""

from service.web.render import STATIC, render, static_text

__all__ = ["STATIC", "render", "static_text"]
