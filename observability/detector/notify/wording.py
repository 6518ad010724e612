"""A page as plain text and as Markdown. Strangers' words stay text in both."""

import re
from typing import Final

from observability.detector.notify.page import Page

_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]<>#|~!])")


def as_text(page: Page) -> str:
    """Return the page for mails, short messages and alerts."""
    parts = [
        page.headline,
        f"Cause: {page.cause} ({page.sure})",
        *(f"  {line}" for line in page.more),
        *([f"nginx: {page.nginx_line}"] if page.nginx_line else []),
        *([f"Error: {page.error}"] if page.error else []),
        *(f"  {frame}" for frame in page.frames),
        *(f"{name.capitalize()}: {value}" for name, value in page.facts),
        *(["Next:", *(f"  {step}" for step in page.next_steps)] if page.next_steps else []),
        *(f"{link.name.capitalize()}: {link.url}" for link in page.links),
    ]
    return "\n".join(parts)


def as_markdown(page: Page) -> str:
    """Return the page for chats. Log lines and commands are fenced: nothing in them is taken for markup."""
    sections = [
        f"**{escaped(page.headline)}**",
        f"{escaped(page.cause)} (**{escaped(page.sure)}**)",
        *([_fenced(page.evidence)] if page.evidence else []),
        " · ".join(f"{name} {escaped(value)}" for name, value in page.facts),
        *(["Next:\n" + _fenced(page.next_steps)] if page.next_steps else []),
        " · ".join(f"[{link.name}]({link.url})" for link in page.links),
    ]
    return "\n\n".join(sections)


def escaped(text: str) -> str:
    """Return text that Markdown shows as it stands."""
    return _MARKDOWN.sub(r"\\\1", text)


def _fenced(lines: tuple[str, ...]) -> str:
    return "\n".join(["```", *(line.replace("```", "'''") for line in lines), "```"])
