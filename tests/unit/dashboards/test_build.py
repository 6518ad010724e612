"""What Grafana is given is what the code says, and each link in it leads somewhere."""

import json
import re
from typing import Any

import pytest
import yaml

from dashboards.build import HERE, all_dashboards, written
from dashboards.panels import SOURCES
from dashboards.queries import LOKI, PROMETHEUS, TEMPO
from tests.compose import ROOT, services

BUILT = all_dashboards()
each_dashboard = pytest.mark.parametrize("name", sorted(BUILT))


def test_what_is_committed_is_what_the_code_builds() -> None:
    committed = {path.name: path.read_text("utf-8") for path in HERE.glob("*.json")}
    assert committed == {name: written(found) for name, found in BUILT.items()}, "run: python -m dashboards.build"


@each_dashboard
def test_its_panels_have_titles_of_their_own_and_do_not_overlap(name: str) -> None:
    panels = BUILT[name]["panels"]
    titles = [panel["title"] for panel in panels]
    assert len(set(titles)) == len(titles)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not taken & cells, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells


def test_every_query_is_shown_somewhere() -> None:
    shown = {
        target.get("expr", target.get("query"))
        for one in BUILT.values()
        for p in one["panels"]
        for target in p["targets"]
    }
    shown |= {mark["expr"] for one in BUILT.values() for mark in one["annotations"]["list"]}
    assert {query for query in (*PROMETHEUS.values(), *LOKI.values(), *TEMPO.values()) if query not in shown} == set()


def test_crashes_deploys_and_incidents_are_marked_on_every_dashboard() -> None:
    for one in BUILT.values():
        assert [mark["name"] for mark in one["annotations"]["list"]] == ["Deploy or start", "Crash", "Incident"]


def _provisioned() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(
        (ROOT / "dashboards/provisioning/datasources/stack.yml").read_text("utf-8")
    )["datasources"]
    return found


def test_each_datasource_is_provisioned_and_reaches_a_service_of_the_stack() -> None:
    provisioned = _provisioned()
    assert {(one["type"], one["uid"]) for one in provisioned} == {(s["type"], s["uid"]) for s in SOURCES.values()}
    assert {re.sub(r"https?://|:\d+", "", one["url"]) for one in provisioned} <= set(services())


def test_ids_lead_from_logs_to_trace_and_incident_and_from_spans_to_logs() -> None:
    sources = {one["uid"]: one["jsonData"] for one in _provisioned()}
    fields = {field["name"]: field for field in sources["loki"]["derivedFields"]}
    assert fields["trace"]["datasourceUid"] == "tempo"
    assert fields["incident"]["url"] == "$PUBLIC_URL/incidents?request_id=$${__value.raw}"
    assert sources["tempo"]["tracesToLogsV2"]["datasourceUid"] == "loki"
    assert sources["prometheus"]["exemplarTraceIdDestinations"][0] == {
        "name": "trace_id", "datasourceUid": "tempo", "urlDisplayLabel": "Trace",
    }  # fmt: skip


def test_each_link_to_a_dashboard_names_one_and_its_variables() -> None:
    texts = [
        (ROOT / "docker-compose.yml").read_text("utf-8"),
        (ROOT / "dashboards/provisioning/datasources/stack.yml").read_text("utf-8"),
    ]
    known = {one["uid"]: {v["name"] for v in one["templating"]["list"]} for one in BUILT.values()}
    linked = re.findall(r"/grafana/d/([a-z-]+)\?var-([a-z_]+)=", "\n".join(texts))
    assert linked
    assert all(variable in known[uid] for uid, variable in linked)


def test_the_home_dashboard_is_there() -> None:
    home = services()["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home.rpartition("/")[2] in BUILT
    assert all(json.loads(written(one))["uid"].startswith("barwatch-") for one in BUILT.values())
