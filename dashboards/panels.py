"""The few kinds of panel that the dashboards use, as Grafana's JSON (schema version 41)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from dashboards.queries import LOKI, PROMETHEUS, TEMPO

Json = dict[str, Any]
SOURCES: Final = {
    "prometheus": {"type": "prometheus", "uid": "prometheus"},
    "loki": {"type": "loki", "uid": "loki"},
    "tempo": {"type": "tempo", "uid": "tempo"},
    "alertmanager": {"type": "alertmanager", "uid": "alertmanager"},
}
_COLUMNS: Final = 24


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. `width` is in 24ths of the page, `height` in Grafana's rows of 30 px."""

    title: str
    kind: str
    source: str
    targets: Sequence[Json]
    width: int = 12
    height: int = 8
    description: str = ""
    field_config: Json | None = None
    options: Json | None = None
    transformations: Sequence[Json] = ()
    links: Sequence[Json] = ()


def metric(name: str, legend: str = "__auto", *, instant: bool = False) -> Json:
    """Return a target of Prometheus. Exemplars lead from a point to its trace."""
    target: Json = {"expr": PROMETHEUS[name], "legendFormat": legend, "range": not instant, "instant": instant}
    return target | ({"format": "table"} if instant else {"exemplar": True})


def logs(name: str) -> Json:
    """Return a target of Loki."""
    return {"expr": LOKI[name], "queryType": "range"}


def traces(name: str) -> Json:
    """Return a target of Tempo."""
    return {"query": TEMPO[name], "queryType": "traceql", "limit": 20, "tableType": "traces"}


def series(title: str, *targets: Json, unit: str = "short", **more: Any) -> Panel:
    """Return lines over time."""
    field_config = {
        "defaults": {"unit": unit, "min": 0, "custom": {"fillOpacity": 10, "showPoints": "auto"}},
        "overrides": [],
    }
    options = {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}}
    source = "loki" if "queryType" in targets[0] else "prometheus"
    return Panel(title, "timeseries", source, targets, field_config=field_config, options=options, **more)


def number(title: str, target: Json, *, unit: str = "short", bad_from: float | None = None, **more: Any) -> Panel:
    """Return one number; red, and said so by its threshold line, from `bad_from` on."""
    steps: list[Json] = [{"color": "green", "value": None}]
    if bad_from is not None:
        steps.append({"color": "red", "value": bad_from})
    defaults = {"unit": unit, "thresholds": {"mode": "absolute", "steps": steps}, "noValue": "0"}
    options = {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value", "textMode": "value_and_name"}
    size = {"width": 6, "height": 4} | more
    return Panel(
        title,
        "stat",
        "prometheus",
        [target],
        field_config={"defaults": defaults, "overrides": []},
        options=options,
        **size,
    )


def log_lines(title: str, target: Json, **more: Any) -> Panel:
    """Return log lines with their links."""
    options = {
        "showTime": True,
        "wrapLogMessage": True,
        "enableLogDetails": True,
        "sortOrder": "Descending",
        "dedupStrategy": "none",
    }
    size = {"width": 24, "height": 10} | more
    return Panel(title, "logs", "loki", [target], options=options, **size)


def trace_list(title: str, target: Json, **more: Any) -> Panel:
    """Return traces that were found."""
    return Panel(title, "table", "tempo", [target], **({"width": 24} | more))


def one_trace(title: str, target: Json) -> Panel:
    """Return a trace drawn as its spans."""
    return Panel(title, "traces", "tempo", [target], width=24, height=16)


def placed(panels: Sequence[Panel]) -> list[Json]:
    """Return the panels from left to right, a new row where one does not fit."""
    x = y = row_height = 0
    shown: list[Json] = []
    for number_of, panel in enumerate(panels, 1):
        if x + panel.width > _COLUMNS:
            x, y, row_height = 0, y + row_height, 0
        shown.append(_json(panel, number_of, {"x": x, "y": y, "w": panel.width, "h": panel.height}))
        x, row_height = x + panel.width, max(row_height, panel.height)
    return shown


def _json(panel: Panel, number_of: int, place: Json) -> Json:
    source = SOURCES[panel.source]
    targets = [{"refId": chr(ord("A") + at), "datasource": source, **target} for at, target in enumerate(panel.targets)]
    return {
        "id": number_of,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": source,
        "gridPos": place,
        "targets": targets,
        "fieldConfig": panel.field_config or {"defaults": {}, "overrides": []},
        "options": panel.options or {},
        "transformations": list(panel.transformations),
        "links": list(panel.links),
    }
