"""`components.schemas`: what the API takes and answers. Derived from our models where there is one."""

from typing import Any, Final

from observability.detector.signals import Check
from service.api.openapi.derive import Json, closed, or_null, schema_of, words
from service.jobs.model import State
from service.sheets import LAYOUT_MEMBERS, LAYOUTS, LOGO_MEMBER, Layout
from service.symbology import SYMBOLOGIES
from service.uploads.limits import Limits
from service.uploads.model import FIELDS, Column, Counts, Fault, Format, Row
from service.uploads.options import OptionProblem, option_schemas
from service.uploads.problems import FAULTS, PROBLEMS

TEXT: Final[Json] = {"type": "string"}
COUNT: Final[Json] = {"type": "integer", "minimum": 0}
FROM_ONE: Final[Json] = {"type": "integer", "minimum": 1}
_TIME: Final[Json] = {"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}
_ADDRESS: Final[Json] = {"type": "string", "format": "uri-reference"}
_TITLES: Final = "; ".join(f"`{code}`: {kind.title}" for code, kind in PROBLEMS.items())
# What aiohttp answers by itself, in our words (observability/problems.py).
OTHER_CODES: Final = {"bad_request": 400, "not_found": 404, "method_not_allowed": 405, "internal_error": 500}


def schemas() -> dict[str, Json]:
    """Return every schema by its name."""
    return {
        "Options": _options(),
        "Job": _job(),
        "JobProblem": _job_problem(),
        "Row": _row(),
        "Rows": closed({"rows": _list("Row"), "next_cursor": or_null({"type": "string", "pattern": "^[0-9]+$"})}),
        "Verdicts": _verdicts(),
        "Columns": _columns(),
        "Counts": schema_of(Counts, **dict.fromkeys(Counts.__dataclass_fields__, COUNT), pages=COUNT),
        "Problem": _problem(),
        "Sheets": closed({"sheets": _list("Sheet")}),
        "Sheet": schema_of(Layout, id={"type": "string", "enum": list(LAYOUTS)}, labels_per_page=FROM_ONE),
        "Limits": _limits(),
        "Health": closed({"ok": {"type": "boolean"}}),
        "Readiness": closed({"ok": {"type": "boolean"}, "checks": {"type": "array", "items": schema_of(Check)}}),
    }


def ref(name: str) -> Json:
    """Return a reference to the schema of that name."""
    return {"$ref": f"#/components/schemas/{name}"}


def _list(name: str) -> Json:
    return {"type": "array", "items": ref(name)}


def _symbology() -> Json:
    return {"type": "string", "enum": list(SYMBOLOGIES)}


def _limits() -> Json:
    whole = dict.fromkeys(("queue", "client_uploads_per_minute", "client_open_uploads"), FROM_ONE)
    return schema_of(Limits, **whole, symbologies={"type": "array", "items": _symbology()})


def _options() -> Json:
    schemas = option_schemas()
    layout = {**schemas["layout"], "anyOf": [{"type": "string", "enum": list(LAYOUTS)}, _custom_layout()]}
    return closed({**schemas, "layout": layout}, optional=tuple(schemas))


def _custom_layout() -> Json:
    pair = {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "number", "minimum": 0}}
    optional = tuple(name for name in LAYOUT_MEMBERS if name != "label_mm")
    box = {**pair, "minItems": 4, "maxItems": 4}
    described = closed({**dict.fromkeys(LAYOUT_MEMBERS, pair), LOGO_MEMBER: box}, optional=(*optional, LOGO_MEMBER))
    return {**described, "description": "A sheet of one's own: width before height, columns before rows"}


def _table() -> dict[str, Json]:
    return {
        "format": or_null(words(Format)),
        "sheet": or_null(TEXT),
        "header_row": or_null(FROM_ONE),
        "columns": ref("Columns"),
        "counts": ref("Counts"),
    }


def _job() -> Json:
    links = ("self", "rows", "events", "labels_pdf", "labels_zip", "errors_xlsx")
    sha256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    return closed(
        {
            "id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "state": words(State),
            "stage": or_null({"type": "string", "enum": ["receive", "read", "check", "draw", "verify", "publish"]}),
            "progress": closed({"done": COUNT, "total": COUNT}),
            "file": closed({"name": {**TEXT, "maxLength": 200}, "sha256": sha256, "bytes": FROM_ONE}),
            **_table(),
            "verified": or_null(closed({"checked": COUNT, "decoded": COUNT})),
            "next_start": or_null(FROM_ONE),
            "problem": or_null(ref("JobProblem")),
            "created": _TIME,
            "finished": or_null(_TIME),
            "links": closed(dict.fromkeys(links, _ADDRESS)),
        }
    )


def _columns() -> Json:
    column = schema_of(Column, letter={"type": "string", "pattern": "^[A-Z]{1,3}$"})
    return closed(dict.fromkeys(FIELDS, column), optional=FIELDS)


def _row() -> Json:
    fault = schema_of(Fault, code={"type": "string", "enum": list(FAULTS)})
    return schema_of(
        Row,
        row=FROM_ONE,
        cell={"type": "string", "pattern": "^[A-Z]{1,3}[1-9][0-9]*$"},
        symbology=or_null(_symbology()),
        quantity=or_null(COUNT),
        problems={"type": "array", "items": fault},
    )


def _verdicts() -> Json:
    problem = or_null(_of_job(dict(_MEMBERS), optional=tuple(_MEMBERS)))
    return closed({**_table(), "problem": problem, "rows": _list("Row"), "rows_truncated": {"type": "boolean"}})


# What a code needs beside the standard members of RFC 9457.
_MEMBERS: Final[dict[str, Any]] = {
    "limit": or_null({"type": "integer"}),
    "expected": {"anyOf": [TEXT, {"type": "array", "items": TEXT}]},
    "errors": FROM_ONE,
    "found": TEXT,
}


def _of_job(more: dict[str, Json], optional: tuple[str, ...]) -> Json:
    codes = {"type": "string", "enum": [*PROBLEMS, "internal_error"]}
    standard = {"type": {"const": "about:blank"}, "title": TEXT, "code": codes, "detail": {**TEXT, "minLength": 1}}
    return closed({**standard, **more}, optional=optional)


def _job_problem() -> Json:
    more = {"request_id": TEXT, "status": {"const": 500}, **_MEMBERS}
    return _of_job(more, optional=("status", *_MEMBERS))


def _problem() -> Json:
    codes = {"type": "string", "enum": [*PROBLEMS, *OTHER_CODES], "description": _TITLES}
    standard = {
        "type": {"const": "about:blank"},
        "title": TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": codes,
        "detail": {**TEXT, "minLength": 1},
        "request_id": TEXT,
    }
    more = {**_MEMBERS, "problems": {"type": "array", "items": schema_of(OptionProblem)}, "allowed": _methods()}
    return closed({**standard, **more}, optional=tuple(more))


def _methods() -> Json:
    return {"type": "array", "items": {"type": "string", "enum": ["DELETE", "GET", "HEAD", "POST"]}}
