"""The list of incidents: what is not over comes first, storms are folded, filters stand in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, get_args

from aiohttp import web

from observability.detector.api import PARTS, filters_of, listed
from observability.detector.incidents import CauseCode, Severity
from observability.detector.store import ANY_STATE, NOT_OVER
from observability.detector.web.rendering import page
from observability.detector.web.session import form_key
from observability.detector.web.view import age
from observability.detector.web.words import CAUSES

_SELECTED: Final = {"severity": get_args(Severity), "cause": sorted(get_args(CauseCode))}
_TYPED: Final = ("text", "route", "request_id", "trace_id")
_TABS: Final = {
    NOT_OVER: "Not over",
    "open": "● Open",
    "acknowledged": "◐ Acknowledged",
    "resolved": "✓ Resolved",
    ANY_STATE: "All",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One incident, or those of a storm under its id."""

    incidents: tuple[Mapping[str, Any], ...]
    storm: str | None


@dataclass(frozen=True, slots=True)
class Tab:
    state: str
    title: str
    count: int
    href: str
    chosen: bool


async def show_list(request: web.Request) -> web.Response:
    """Give the page of the list that the address asks for."""
    parts, query = request.app[PARTS], request.query
    chosen = {name: query.get(name, "") for name in (*_SELECTED, *_TYPED, "fingerprint")}
    # Whoever looks for one request wants to find it, over or not.
    state = query.get("state") or (ANY_STATE if any(chosen.values()) else NOT_OVER)
    next_cursor, incidents = await listed(request, filters_of({**query, "state": state}))
    counts = await parts.store.count_states()
    now = parts.clock()
    return page(
        request, "list.html", key=form_key(request), rows=_rows(incidents), query=chosen, state=state, choices=_SELECTED,
        tabs=_tabs(request, state, counts), total=sum(counts.values()), first_page="cursor" not in query,
        following=request.rel_url.update_query(cursor=next_cursor) if next_cursor else None,
        newest=request.rel_url.without_query_params("cursor"), filtered=any(chosen.values()),
        ages={incident["id"]: age(incident["last_seen"], now) for incident in incidents}, causes=CAUSES,
    )  # fmt: skip


def _tabs(request: web.Request, state: str, counts: Mapping[str, int]) -> tuple[Tab, ...]:
    numbers = {
        **counts,
        NOT_OVER: counts.get("open", 0) + counts.get("acknowledged", 0),
        ANY_STATE: sum(counts.values()),
    }
    here = request.rel_url.without_query_params("cursor")
    return tuple(
        Tab(word, title, numbers.get(word, 0), str(here.update_query(state=word)), word == state)
        for word, title in _TABS.items()
    )


def _rows(incidents: Sequence[Mapping[str, Any]]) -> tuple[Row, ...]:
    """Fold neighbours that one storm told of; in the order of the list."""
    found = []
    for storm, members in groupby(incidents, key=lambda incident: incident.get("storm")):
        folded = tuple(members)
        if storm and len(folded) > 1:
            found.append(Row(folded, storm))
        else:
            found += [Row((one,), None) for one in folded]
    return tuple(found)
