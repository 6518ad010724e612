"""RFC 9457 problem documents: what a client gets for every error."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import orjson
from aiohttp import web

CONTENT_TYPE: Final = "application/problem+json"
# A stable code and what to do about it, for errors that aiohttp raises by itself.
_OWN_WORDS: Final[dict[int, tuple[str, str]]] = {
    400: ("bad_request", "The request is not valid HTTP or its body does not parse."),
    401: ("unauthorized", "Send a valid access token as 'Authorization: Bearer …'."),
    403: ("forbidden", "The access token does not allow this."),
    404: ("not_found", "There is nothing at this address. Check the path."),
    405: ("method_not_allowed", "This address does not take the method {method}. It takes {allowed}."),
    413: ("payload_too_large", "The body is larger than {limit} bytes. Send a smaller one."),
    415: ("unsupported_media_type", "The body is not of a type that is read here."),
    500: (
        "internal_error",
        "Something failed on our side and has been recorded. Name the request id when you report it.",
    ),
    503: ("unavailable", "The service cannot do this just now. Try again later."),
}


def problem(
    status: int,
    *,
    code: str,
    title: str,
    detail: str,
    request_id: str | None,
    members: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """Return the response. `members` are what the code needs beside the standard ones: `limit`, `expected`."""
    body = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    body |= {"request_id": request_id} if request_id else {}
    return web.Response(
        body=orjson.dumps({**body, **(members or {})}),
        status=status,
        headers={**(headers or {}), "Content-Type": CONTENT_TYPE},
    )


def problem_of(error: web.HTTPException, *, method: str, request_id: str | None) -> web.Response:
    """Return the document for an exception that aiohttp, or a handler, raised. Its own headers (Allow, Location) stay."""
    members: dict[str, object] = {}
    if isinstance(error, web.HTTPMethodNotAllowed):
        members["allowed"] = sorted(error.allowed_methods)
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        members["limit"] = _limit_of(error)
    code, words = _OWN_WORDS.get(error.status, (f"http_{error.status}", "{reason}"))
    allowed = ", ".join(sorted(error.allowed_methods)) if isinstance(error, web.HTTPMethodNotAllowed) else ""
    detail = words.format(method=method, allowed=allowed, limit=members.get("limit"), reason=error.reason)
    kept = {
        name: value for name, value in error.headers.items() if name.lower() not in ("content-type", "content-length")
    }
    title = error.reason or HTTPStatus(error.status).phrase
    return problem(
        error.status, code=code, title=title, detail=detail, request_id=request_id, members=members, headers=kept
    )


def internal_error(request_id: str | None) -> web.Response:
    """Return 500 without a word about what failed: that is in the log, under the request id."""
    code, detail = _OWN_WORDS[500]
    return problem(500, code=code, title="Internal Server Error", detail=detail, request_id=request_id)


def _limit_of(error: web.HTTPRequestEntityTooLarge) -> int | None:
    """Return the limit; aiohttp keeps it in the text only: "Maximum request body size 1048576 exceeded, …"."""
    digits = [word for word in (error.text or "").split() if word.isdigit()]
    return int(digits[0]) if digits else None
