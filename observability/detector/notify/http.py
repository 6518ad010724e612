"""JSON over HTTP to a receiver; every way in which that fails, as a closed reason with *retry or not*."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import aiohttp
import orjson

from observability.detector.notify.channel import DeliveryFailed, Reason

TIMEOUT = aiohttp.ClientTimeout(total=10, connect=3)
_MAX_ANSWER = 64 * 1024
_MAX_WORDS = 300
# The receiver, or our settings for it, are not right yet: keep the page until they are. Other 4xx refuse this very message.
_MENDABLE = frozenset({401, 403, 404, 405, 407, 408, 421, 425})


async def post_json(session: aiohttp.ClientSession, url: str, body: object, headers: Mapping[str, str]) -> bytes:
    """Post as JSON; return the answer's body. Raises DeliveryFailed."""
    return await post(session, url, orjson.dumps(body), headers)


async def post(session: aiohttp.ClientSession, url: str, data: bytes, headers: Mapping[str, str]) -> bytes:
    """Post JSON; return the answer's body, bounded. Raises DeliveryFailed."""
    return await _answered(session, "POST", url, data, {"Content-Type": "application/json", **headers})


async def ask(session: aiohttp.ClientSession, url: str) -> None:
    """Get a URL, for the sake of having asked. Raises DeliveryFailed."""
    await _answered(session, "GET", url, None, {})


async def _answered(
    session: aiohttp.ClientSession, method: str, url: str, data: bytes | None, headers: Mapping[str, str]
) -> bytes:
    """Take any 2xx. Redirects are not followed, they would lose the body or leak it."""
    asked = session.request(method, url, data=data, headers=headers, allow_redirects=False, timeout=TIMEOUT)
    try:
        async with asked as answer:
            if answer.status // 100 == 2:
                return await _read(answer, _MAX_ANSWER)
            words = (await _read(answer, _MAX_WORDS)).decode("utf-8", "replace")
            raise failure_of(answer.status, answer.headers.get("Retry-After"), words, url)
    except TimeoutError:
        raise DeliveryFailed("timeout", f"{redact(url)} did not answer in time", retry=True) from None
    except (aiohttp.ClientSSLError, aiohttp.ClientConnectorCertificateError) as error:
        raise DeliveryFailed("tls", f"{redact(url)}: {type(error).__name__}", retry=True) from None
    except (aiohttp.ClientError, OSError) as error:
        raise DeliveryFailed("connection", f"{redact(url)}: {type(error).__name__}", retry=True) from None


async def _read(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """Return the body up to that many bytes; `read(n)` alone gives what has come so far."""
    parts: list[bytes] = []
    while most > 0 and (part := await answer.content.read(most)):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)


def failure_of(status: int, retry_after: str | None, words: str, url: str) -> DeliveryFailed:
    """Return what an answer other than 2xx means."""
    detail = f"{redact(url)} answered {status}: {' '.join(words.split())}".rstrip(": ")
    if status == 429 or status >= 500:
        reason: Reason = "rate_limited" if status == 429 else "server_error"
        return DeliveryFailed(reason, detail, retry=True, after_s=_seconds(retry_after))
    if status < 400 or status in _MENDABLE:
        return DeliveryFailed("misconfigured", detail, retry=True)
    return DeliveryFailed("refused", detail, retry=False)


def redact(url: str) -> str:
    """Return scheme and host only: paths and queries of webhooks are secrets, and user info always is."""
    parts = urlsplit(url)
    host = parts.hostname or "?"
    shown = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{shown}{port}/…"


def _seconds(retry_after: str | None) -> float | None:
    """Return the seconds of Retry-After; its other form, a date, is rare and our own backoff does as well."""
    return min(float(retry_after), 3600.0) if retry_after and retry_after.isascii() and retry_after.isdigit() else None
