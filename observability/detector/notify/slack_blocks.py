"""A page as Slack's Block Kit. Strangers' words are escaped as Slack asks: no mention, link or channel comes out of a log. Pure."""

import re
from typing import Any, Final

from observability.detector.notify.page import Link, Page, one_line

# docs.slack.dev/reference/block-kit/blocks: header and section.
# A section takes 3000 characters, but all blocks together no more than some 10,000 (github.com/slackapi/bolt-js/issues/2867).
_HEADER: Final = 150
_SECTION: Final = 3_000
_SHORT: Final = 1_200
_TEXT: Final = 4_000  # what chat.postMessage recommends for `text`
_HALF_ENTITY: Final = re.compile(r"&[a-z]{0,3}$")

Block = dict[str, Any]


def blocks_of(page: Page) -> list[Block]:
    """Return the blocks of a message."""
    facts = " · ".join(f"{name} {_words(value)}" for name, value in (("severity", page.severity), *page.facts))
    return [
        {"type": "header", "text": {"type": "plain_text", "text": one_line(page.headline, _HEADER), "emoji": False}},
        _section(cut(f"*Cause* (*{_words(page.sure)}*) {_words(page.cause)}", _SHORT)),
        *([_section(_fenced(page.evidence, _SECTION))] if page.evidence else []),
        *([_section("*Next*\n" + _fenced(page.next_steps, _SHORT))] if page.next_steps else []),
        {"type": "context", "elements": [{"type": "mrkdwn", "text": cut(facts, _SHORT), "verbatim": True}]},
        _section(_links(page.links, _SHORT)),
    ]


def summary_of(page: Page) -> str:
    """Return what notifications of a phone show, and all that is shown where the blocks are not."""
    lines = [page.headline, f"{page.cause} ({page.sure})", *page.next_steps[:1], page.links[0].url]
    return cut("\n".join(escaped(line) for line in lines), _TEXT)


def escaped(text: str) -> str:
    """Return text for mrkdwn, as docs.slack.dev/messaging/formatting-message-text says: these three characters, and no others."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _words(text: str) -> str:
    """Return text that stands outside of a fence: it may not open one."""
    return escaped(text.replace("`", "'"))


def cut(text: str, most: int) -> str:
    """Return escaped text of at most that many characters; no entity is cut in two."""
    return text if len(text) <= most else _HALF_ENTITY.sub("", text[: most - 1]) + "…"


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _fenced(lines: tuple[str, ...], most: int) -> str:
    inside = "\n".join(escaped(line.replace("```", "'''")) for line in lines)
    return f"```{cut(inside, most - 6)}```"


def _links(links: tuple[Link, ...], most: int) -> str:
    """Return the links that fit: half a link is none."""
    said = ""
    for link in links:
        more = (" · " if said else "") + f"<{_url(link.url)}|{link.name}>"
        said += more if len(said) + len(more) <= most else ""
    return said or "-"


def _url(url: str) -> str:
    return escaped(url.replace("<", "%3C").replace(">", "%3E").replace("|", "%7C"))
