"""The OpenAPI document says what is there, no more and no less."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from observability.config import load_observability
from observability.problems import _OWN_WORDS
from observability.tracing import tracer_provider
from service.api import PAGES, ROUTES
from service.api.openapi import document
from service.app import Wiring, build_app
from service.config import load_backend
from service.sheets import LAYOUTS
from service.uploads.options import InvalidOptions, parse_options
from service.uploads.problems import FAULTS, PROBLEMS
from tests.held_answers import faults, violations
from tests.unit.service.backend_app import environment
from tests.unit.service.uploads.test_options import INVALID, VALID

OPERATIONS = [
    (method.upper(), path, operation)
    for path, methods in document()["paths"].items()
    for method, operation in methods.items()
]


def test_each_route_of_the_api_is_described_and_nothing_else() -> None:
    routes = {(method, path) for method, path, _ in ROUTES}
    heads = {("HEAD", path) for method, path in routes if method == "GET"}
    assert {(method, path) for method, path, _ in OPERATIONS} == routes | heads


def test_the_application_has_no_third_kind_of_route(tmp_path: Path) -> None:
    env = environment(tmp_path)
    observability = load_observability(env)
    app = build_app(Wiring(load_backend(env), observability, tracer_provider(observability), env))
    known = {path for _, path, _ in (*ROUTES, *PAGES)}
    assert {route.resource.canonical for route in app.router.routes() if route.resource is not None} == known


def test_each_problem_code_is_in_the_document() -> None:
    codes = set(document()["components"]["schemas"]["Problem"]["properties"]["code"]["enum"])
    assert codes >= set(PROBLEMS)
    assert codes - set(PROBLEMS) <= {code for code, _ in _OWN_WORDS.values()}


def test_each_code_with_a_status_is_an_answer_of_some_operation() -> None:
    told = {
        (int(status), code)
        for _, _, operation in OPERATIONS
        for status, answer in operation["responses"].items()
        for content in answer.get("content", {}).values()
        for part in content.get("schema", {}).get("allOf", [])
        for code in part.get("properties", {}).get("code", {}).get("enum", [])
    }
    assert {(kind.status, code) for code, kind in PROBLEMS.items() if kind.status is not None} <= told
    assert {code for _, code in told} >= set(PROBLEMS)


def test_each_row_fault_is_in_the_document() -> None:
    row = document()["components"]["schemas"]["Row"]["properties"]
    assert row["problems"]["items"]["properties"]["code"]["enum"] == list(FAULTS)


def test_operations_have_names_of_their_own_and_links_lead_to_them() -> None:
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(names) == len(set(names))
    linked = set(re.findall(r'"operationId": "(\w+)", "parameters": \{"id"', json.dumps(document())))
    assert linked
    assert linked <= set(names)


def test_parameters_of_a_path_are_described() -> None:
    for method, path, operation in OPERATIONS:
        described = {item["name"] for item in operation["parameters"] if item["in"] == "path"}
        assert described == set(re.findall(r"\{(\w+)\}", path)), (method, path)


def _every_schema(node: Any) -> Any:
    if isinstance(node, dict):
        if isinstance(node.get("schema"), dict):
            yield node["schema"]
        for value in node.values():
            yield from _every_schema(value)
    elif isinstance(node, list):
        for value in node:
            yield from _every_schema(value)


def test_every_schema_is_one_and_every_reference_leads_somewhere() -> None:
    schemas = document()["components"]["schemas"]
    for schema in (*schemas.values(), *_every_schema(document()["paths"])):
        Draft202012Validator.check_schema(schema)
    assert set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document()))) <= set(schemas)


def test_every_object_is_closed() -> None:
    def objects(node: Any) -> Any:
        if isinstance(node, dict):
            if node.get("type") == "object" and "properties" in node:
                yield node
            for value in node.values():
                yield from objects(value)

    described = list(objects(document()["components"]["schemas"]))
    assert len(described) > 10
    assert all(node["additionalProperties"] is False for node in described)


# The parser takes a name as people write it, the document has one spelling; a layout is judged where sheets are known.
_JUDGED_LATER = ("a symbology as people write it", "a layout of one's own")


@pytest.mark.parametrize("text", [text for name, (text, _) in VALID.items() if name not in _JUDGED_LATER])
def test_the_schema_of_the_options_takes_what_the_parser_takes(text: str | None) -> None:
    assert violations("Options", json.loads((text or "").strip() or "{}")) == []


@pytest.mark.parametrize("text", [text for text, members in INVALID.values() if members != [""]])
def test_the_schema_of_the_options_refuses_what_the_parser_refuses(text: str) -> None:
    assert violations("Options", json.loads(text))


@pytest.mark.parametrize("name", document()["components"]["schemas"]["Options"]["properties"])
def test_the_default_of_each_option_is_valid(name: str) -> None:
    default = document()["components"]["schemas"]["Options"]["properties"][name]["default"]
    assert violations("Options", {name: default}) == []
    try:
        parse_options(json.dumps({name: default}))
    except InvalidOptions as error:
        pytest.fail(str(error))


@pytest.mark.parametrize("name", LAYOUTS)
def test_each_layout_is_a_valid_option(name: str) -> None:
    assert violations("Options", {"layout": name}) == []


HEADERS = {"X-Request-ID": "a1", "Content-Type": "application/json"}
DRIFT: dict[str, tuple[str, str, int, dict[str, str], bytes | None]] = {
    "a status that is not documented": ("GET", "/healthz", 418, HEADERS, b'{"ok":true}'),
    "a member that is not documented": ("GET", "/healthz", 200, HEADERS, b'{"ok":true,"more":1}'),
    "a member that is missing": ("GET", "/healthz", 200, HEADERS, b"{}"),
    "another content type": ("GET", "/healthz", 200, {**HEADERS, "Content-Type": "text/html"}, None),
    "no request id": ("GET", "/healthz", 200, {"Content-Type": "application/json"}, b'{"ok":true}'),
    "429 without Retry-After": (
        "POST",
        "/api/barcodes/upload-excel",
        429,
        {"X-Request-ID": "a1", "Content-Type": "application/problem+json"},
        None,
    ),
    "an unknown address without a problem": ("GET", "/nothing", 404, HEADERS, b"{}"),
}


@pytest.mark.parametrize(("method", "path", "status", "headers", "body"), DRIFT.values(), ids=DRIFT)
def test_drift_is_noticed(method: str, path: str, status: int, headers: dict[str, str], body: bytes | None) -> None:
    assert faults(method, path, status, headers, body)
    assert faults("GET", "/healthz", 200, HEADERS, b'{"ok":true}') == []
