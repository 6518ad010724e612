"""How an operation is described: its answers with headers and content, and what it refuses with which codes. Pure."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from service.api.openapi.derive import Json
from service.api.openapi.schemas import FROM_ONE, OTHER_CODES, TEXT, ref
from service.uploads.problems import PROBLEMS

_PROBLEM: Final = "application/problem+json"
_REQUEST_ID: Final[Json] = {
    "description": "The id of this request on every line of our logs",
    "required": True,
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,64}$"},
}
_TRACEPARENT: Final[Json] = {"description": "W3C Trace Context of this request", "schema": TEXT}
_COMMON: Final = {"X-Request-ID": _REQUEST_ID, "traceparent": _TRACEPARENT}
RETRY_AFTER: Final[Json] = {"description": "Seconds to wait", "required": True, "schema": FROM_ONE}
ALLOW: Final[Json] = {"description": "The methods that this address takes", "required": True, "schema": TEXT}
JOB_ID: Final[Json] = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "`id` of a job",
    "schema": {"type": "string", "minLength": 1, "pattern": "^[^/]+$"},
}
_GIVEN_ID: Final[Json] = {
    "name": "X-Request-ID",
    "in": "header",
    "description": "Kept where it is a plain token of at most 64 characters; otherwise the request gets an id of ours",
    "schema": TEXT,
}


def answer(description: str, content: Json | None = None, headers: Mapping[str, Json] | None = None) -> Json:
    """Return a response. `headers` come on top of those that every answer has."""
    made: Json = {"description": description, "headers": {**_COMMON, **(headers or {})}}
    return made if content is None else {**made, "content": content}


def as_json(name: str) -> Json:
    """Return the content of a schema of ours."""
    return {"application/json": {"schema": ref(name)}}


def operation(
    name: str,
    summary: str,
    answers: Mapping[str, Json],
    *,
    refuses: tuple[str, ...] = (),
    also: Mapping[str, tuple[str, ...]] | None = None,
    parameters: tuple[Json, ...] = (),
    body: Json | None = None,
) -> Json:
    """Return an operation. `refuses` are codes, each with its own status; `also` codes that come with another one."""
    made: Json = {
        "operationId": name,
        "summary": summary,
        "parameters": [*parameters, _GIVEN_ID],
        "responses": {**answers, **_refusals(refuses, also or {})},
    }
    return made if body is None else {**made, "requestBody": body}


def head_of(get: Json) -> Json:
    """Return HEAD of a GET: the same answers without content."""
    answers = {
        status: {name: value for name, value in answer.items() if name in ("description", "headers")}
        for status, answer in get["responses"].items()
    }
    return {**get, "operationId": head_name(get["operationId"]), "responses": answers}


def head_name(get: str) -> str:
    """Return the operationId of HEAD beside that of GET."""
    return f"{get}Head"


def _refusals(codes: tuple[str, ...], also: Mapping[str, tuple[str, ...]]) -> dict[str, Json]:
    by_status: dict[int, list[str]] = {500: ["internal_error"]}
    for code in codes:
        status = PROBLEMS[code].status if code in PROBLEMS else OTHER_CODES[code]
        by_status.setdefault(status or 409, []).append(code)
    for other, more in also.items():
        by_status.setdefault(int(other), []).extend(more)
    return {str(status): _refusal(status, found) for status, found in sorted(by_status.items())}


def _refusal(status: int, codes: list[str]) -> Json:
    words = {code: PROBLEMS[code].title if code in PROBLEMS else HTTPStatus(status).phrase for code in codes}
    description = "; ".join(f"`{code}`: {title}" for code, title in words.items())
    narrowed = {"properties": {"code": {"enum": codes}, "status": {"const": status}}}
    headers = {"Retry-After": RETRY_AFTER} if status == HTTPStatus.TOO_MANY_REQUESTS else {}
    return answer(description, {_PROBLEM: {"schema": {"allOf": [ref("Problem"), narrowed]}}}, headers)
