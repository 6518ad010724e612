"""Next steps with names in capitals → lines for a shell: what the evidence says stands in them, quoted as strangers' words."""

import re
import shlex
from collections.abc import Iterable
from typing import Final

from observability.detector.causes.facts import Facts

NAMES: Final = ("UPSTREAM_HOST", "UPSTREAM", "CONTAINER", "HOST", "PORT", "URL")
_NAME: Final = re.compile(rf"(?<![\w$/{{]){'(?:' + '|'.join(NAMES) + ')'}(?![\w}}=])")
_UPSTREAM: Final = re.compile(r"^(?:\w+://)?(\[[0-9a-fA-F:.]+\]|[\w.-]+)(?::(\d{1,5}))?(?=[/:]|$)")
_PORT: Final = r"(?P<port>\d{2,5})\b"
_ADDRESS: Final = (  # how drivers and CPython name the other side
    re.compile(rf"\('(?P<host>[\w.:-]+)', {_PORT}"),
    re.compile(rf"(?:host|connecting to|connect to(?: host)?|to) ['\"]?(?P<host>[a-zA-Z0-9][\w.-]*)['\"]?:{_PORT}"),
    re.compile(rf"(?:host|server at)\W{{1,3}}(?P<host>[\w.-]+)\"?[^\n]{{0,60}}?\bport\W{{1,2}}{_PORT}"),  # libpq
    re.compile(rf"://(?:[^\s/@]*@)?(?P<host>[\w.-]+):{_PORT}"),
)
_LINK: Final = re.compile(r"\bhttps?://[\w.-]+(?::\d{1,5})?(?:/[\w./%~-]*)?")


def filled(steps: Iterable[str], facts: Facts) -> tuple[str, ...]:
    """Return the steps with all that is known. What nobody said stays a name in capitals. Pure."""
    known = _known(facts)
    return tuple(_NAME.sub(lambda name: known.get(name[0], name[0]), step) for step in steps)


def _known(facts: Facts) -> dict[str, str]:
    found: dict[str, str] = {}
    for _, error in facts.errors:
        if error.upstream and "unix:" not in error.upstream and (m := _UPSTREAM.match(error.upstream)):
            found.setdefault("UPSTREAM_HOST", shlex.quote(m[1].strip("[]")))
            found.setdefault("UPSTREAM", shlex.quote(f"{m[1]}:{m[2]}" if m[2] else m[1]))
            found.setdefault("URL", shlex.quote(error.upstream.partition("?")[0]))
    for _, ended in facts.exits:
        if ended.service:
            found.setdefault("CONTAINER", shlex.quote(ended.service))
    for text in _texts(facts):
        if link := _LINK.search(text):
            found["URL"] = shlex.quote(link[0])
        if "HOST" not in found and (m := next((m for p in _ADDRESS if (m := p.search(text))), None)):
            found |= {"HOST": m["host"], "PORT": m["port"]}
    return found


def _texts(facts: Facts) -> Iterable[str]:
    yield from (raised.message for raised in facts.raised)
    yield from (f"{check.what} {check.found}" for _, check in facts.failed_checks)
