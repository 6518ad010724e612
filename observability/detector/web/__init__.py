"""Pages for people: incidents, a page per incident, a sign-in, and what nginx shows for a request that got no answer."""

from observability.detector.web.failed import add_failed_page
from observability.detector.web.pages import add_pages

__all__ = ["add_failed_page", "add_pages"]
