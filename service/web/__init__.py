"""The upload page: works without JavaScript, by plain forms. `PAGES` is all of it."""

from service.web.pages import PAGES

__all__ = ["PAGES"]
