"""Builds the dashboards: `python -m dashboards.build` writes json/, and a test fails where what is committed is another."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from dashboards.panels import (
    SOURCES,
    Json,
    Panel,
    log_lines,
    logs,
    metric,
    number,
    one_trace,
    placed,
    series,
    trace_list,
    traces,
)
from dashboards.queries import LOKI

HERE: Final = Path(__file__).parent / "json"
_TABLE_OF_INCIDENTS: Final[Sequence[Json]] = (
    {
        "id": "organize",
        "options": {
            "excludeByName": {"Time": True, "__name__": True, "instance": True, "job": True},
            "indexByName": {"cause": 0, "route": 1, "stage": 2, "severity": 3, "state": 4, "Value": 5, "incident": 6},
            "renameByName": {"Value": "since"},
        },
    },
)


def annotation(name: str, query: str, color: str, text: str) -> Json:
    """Return marks on the time line from log lines."""
    return {
        "name": name,
        "datasource": SOURCES["loki"],
        "enable": True,
        "iconColor": color,
        "expr": LOKI[query],
        "titleFormat": name,
        "textFormat": text,
        "tagKeys": "instance",
    }


_ANNOTATIONS: Final = (
    annotation("Deploy or start", "deploys", "blue", "{{version}} is up, pid {{pid}}"),
    annotation("Crash", "crashes", "red", "{{role}} died: {{signal}}{{exit_code}}"),
    {
        "name": "Incident",
        "datasource": SOURCES["prometheus"],
        "enable": True,
        "iconColor": "orange",
        "expr": "changes(detector_incidents_total[15s]) > 0",
        "step": "15s",
        "titleFormat": "Incident: {{cause}}",
        "useValueForTime": False,
    },
)


def dashboard(
    uid: str, title: str, panels: Sequence[Panel], *, variables: Sequence[Json] = (), refresh: str = "10s"
) -> Json:
    """Return a dashboard. Its uid is `barwatch-…`, which links name."""
    return {
        "uid": f"barwatch-{uid}",
        "title": title,
        "tags": ["barwatch"],
        "timezone": "browser",
        "schemaVersion": 41,
        "editable": False,
        "graphTooltip": 1,
        "refresh": refresh,
        "time": {"from": "now-1h", "to": "now"},
        "annotations": {"list": list(_ANNOTATIONS)},
        "templating": {"list": list(variables)},
        "links": [
            {"type": "dashboards", "tags": ["barwatch"], "title": "barwatch", "asDropdown": True, "keepTime": True}
        ],
        "panels": placed(panels),
    }


def text_box(name: str, label: str) -> Json:
    """Return a variable that a link, or a person, fills in."""
    return {"type": "textbox", "name": name, "label": label, "query": "", "current": {"text": "", "value": ""}}


def incidents_table() -> Panel:
    """Return what is broken now, why, since when; a click opens the incident."""
    link = {"title": "Open the incident", "url": "/incidents/${__data.fields.incident}", "targetBlank": False}
    overrides = [
        {
            "matcher": {"id": "byName", "options": "since"},
            "properties": [{"id": "unit", "value": "dateTimeFromNow"}, {"id": "decimals", "value": 0}],
        },
        {"matcher": {"id": "byName", "options": "incident"}, "properties": [{"id": "links", "value": [link]}]},
    ]
    return Panel(
        "What is broken now",
        "table",
        "prometheus",
        [metric("incidents open", instant=True)],
        width=24,
        height=8,
        description="Each incident that is not resolved. Empty: nothing is known to be broken.",
        field_config={"defaults": {"noValue": "nothing"}, "overrides": overrides},
        transformations=_TABLE_OF_INCIDENTS,
    )


def all_dashboards() -> dict[str, Json]:
    """Return each dashboard by its file's name."""
    return {
        "on-call.json": dashboard(
            "on-call",
            "On call",
            (
                number("Incidents not resolved", metric("incidents open count"), bad_from=1),
                number("Uploads failing", metric("uploads failing"), unit="percentunit", bad_from=0.01),
                number("Parts up", metric("parts up", "{{job}}")),
                number("Alerts firing", metric("alerts firing", "{{alertname}}"), bad_from=1),
                incidents_table(),
                series("Incidents opened, by cause", metric("incidents opened", "{{cause}}")),
                series("Uploads by status", metric("upload rate", "{{status}}"), unit="reqps"),
                log_lines("Errors of the backend", logs("errors of the backend")),
                log_lines("Errors of nginx", logs("errors of nginx")),
            ),
        ),
        "uploads.json": dashboard(
            "uploads",
            "Uploads",
            (
                series("Rate by status", metric("upload rate", "{{status}}"), unit="reqps"),
                series("Errors by stage", metric("stage failures", "{{stage}}")),
                series("Duration of the request, p95", metric("upload duration", "p95"), unit="s"),
                series("Stages a second", metric("stage rate", "{{stage}} {{outcome}}"), unit="ops"),
                series("Duration of each stage, p50", metric("stage p50", "{{stage}}"), unit="s"),
                series("Duration of each stage, p95", metric("stage p95", "{{stage}}"), unit="s"),
                trace_list("Uploads as traces", traces("slow uploads")),
                trace_list("Traces with an error", traces("failed stages")),
                log_lines("Stages that failed or were interrupted", logs("failed stages")),
            ),
        ),
        "edge.json": dashboard(
            "edge",
            "Edge",
            (
                series("Upstream errors by class", metric("upstream errors", "{{kind}}")),
                series("nginx itself and its clients", metric("nginx itself", "{{kind}}")),
                series("Answers of the backend by status", metric("requests by status", "{{status}}"), unit="reqps"),
                series("Answers of nginx by status", logs("edge by status"), unit="reqps"),
                log_lines("Answers with 5xx", logs("accesses with 5xx")),
                log_lines("Error log", logs("errors of nginx")),
            ),
        ),
        "detector.json": dashboard(
            "detector",
            "Detector",
            (
                number("Line to incident, p99", metric("line to incident p99"), unit="s", bad_from=0.5),
                number("Line to page, p99", metric("line to page p99"), unit="s", bad_from=1),
                number("Lag", metric("lag"), unit="s", bad_from=5),
                number("Waiting in the outbox", metric("outbox", "{{channel}}"), bad_from=50),
                series("Lines read", metric("lines read"), unit="cps"),
                series("Signals by kind", metric("signals", "{{kind}}")),
                series("Deliveries", metric("deliveries", "{{channel}} {{outcome}}")),
                series("Outbox", metric("outbox", "{{channel}}")),
                log_lines("Its own log", logs("detector")),
            ),
        ),
        "capacity.json": dashboard(
            "capacity",
            "Capacity",
            (
                series("Memory", metric("memory", "{{job}}"), unit="bytes"),
                series("Processor", metric("cpu", "{{job}}"), unit="percentunit"),
                series("Open files, of what is allowed", metric("files open", "{{job}}"), unit="percentunit"),
                series("Restarts of the backend within an hour", metric("restarts")),
                series("Series in Prometheus", metric("series")),
                series("Releases", metric("releases", "{{service}} {{version}}")),
            ),
            refresh="1m",
        ),
        "request.json": dashboard(
            "request",
            "One request",
            (
                log_lines("All lines of the request", logs("lines of a request"), height=14),
                log_lines("All lines of the trace", logs("lines of a trace"), height=14),
                one_trace("Trace", traces("one trace")),
            ),
            variables=(text_box("request_id", "Request id"), text_box("trace_id", "Trace id")),
            refresh="",
        ),
    }  # fmt: skip


def written(found: Json) -> str:
    """Return the file's text."""
    return json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> None:
    """Write all files."""
    HERE.mkdir(exist_ok=True)
    for name, found in all_dashboards().items():
        (HERE / name).write_text(written(found), "utf-8")


if __name__ == "__main__":
    main()
