"""Incident pages for people: a list, a page per incident, a sign-in; rendered on the server, without script."""

from observability.detector.web.pages import add_pages

__all__ = ["add_pages"]
