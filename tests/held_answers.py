"""Every answer that a test gets, held against the OpenAPI document: status, headers, content type, and the schema of its JSON."""

import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, Final

import aiohttp
import orjson
from jsonschema import Draft202012Validator, FormatChecker

from service.api.openapi import document

_PATHS: Final[dict[re.Pattern[str], str]] = {
    re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))): path for path in document()["paths"]
}
_ALWAYS: Final = frozenset({404, 405})  # of addresses and methods that are none
Schema = Mapping[str, Any]


def held() -> aiohttp.TraceConfig:
    """Return what makes a client session raise AssertionError for an answer that the document does not hold."""
    config = aiohttp.TraceConfig()
    config.on_request_end.append(_look)
    return config


async def _look(_: aiohttp.ClientSession, __: SimpleNamespace, ended: aiohttp.TraceRequestEndParams) -> None:
    answer = ended.response
    is_json = answer.content_type.endswith("json")
    body = await answer.read() if is_json and ended.method != "HEAD" else None
    faults_ = faults(ended.method, ended.url.path, answer.status, answer.headers, body)
    assert faults_ == [], (ended.method, ended.url.path, answer.status, body and body[:2_000])


def faults(method: str, path: str, status: int, headers: Mapping[str, str], body: bytes | None) -> list[str]:
    """Return what of an answer is not as documented. `body` is JSON; None: it is not looked at."""
    template = next((known for pattern, known in _PATHS.items() if pattern.fullmatch(path)), None)
    operation = document()["paths"].get(template, {}).get(method.lower())
    if operation is None:
        return [] if status not in _ALWAYS else _of_body(_problem(), body)
    if (answer := operation["responses"].get(str(status))) is None:
        return [f"{method} {template} answers {status}, which is not documented"]
    return [*_of_headers(answer, headers), *_of_content(answer, headers, body)]


def _problem() -> Schema:
    return {"$ref": "#/components/schemas/Problem"}


def _of_headers(answer: Schema, headers: Mapping[str, str]) -> list[str]:
    found = []
    for name, header in answer["headers"].items():
        if name in headers:
            text = headers[name]
            value = int(text) if header["schema"].get("type") == "integer" and text.isdigit() else text
            found += [f"{name}: {fault}" for fault in _violations(header["schema"], value)]
        elif header.get("required"):
            found.append(f"{name} is missing")
    return found


def _of_content(answer: Schema, headers: Mapping[str, str], body: bytes | None) -> list[str]:
    if "content" not in answer:
        return []
    content_type = headers.get("Content-Type", "").partition(";")[0].strip()
    if content_type not in answer["content"]:
        return [f"Content-Type {content_type!r} is none of {list(answer['content'])}"]
    return _of_body(answer["content"][content_type].get("schema", {}), body)


def _of_body(schema: Schema, body: bytes | None) -> list[str]:
    return [] if body is None else _violations(schema, orjson.loads(body))


def _violations(schema: Schema, value: object) -> list[str]:
    """Return what is wrong with a value. The schema may refer to the document's components."""
    whole = {**schema, "components": document()["components"]}
    validator = Draft202012Validator(whole, format_checker=FormatChecker())
    return [f"{'/'.join(map(str, fault.path))}: {fault.message[:300]}" for fault in validator.iter_errors(value)]


def violations(name: str, value: object) -> list[str]:
    """Return what is wrong with a value of one of the document's schemas."""
    return _violations({"$ref": f"#/components/schemas/{name}"}, value)
