"""JSON over HTTP to a receiver; every way in which that fails, as a closed reason with *retry or not*."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import aiohttp
import orjson

from observability.detector.notify.channel import DeliveryFailed, Reason

TIMEOUT = aiohttp.ClientTimeout(total=10, connect=3)
_MAX_ANSWER = 300
# The receiver, or our settings for it, are not right yet: keep the page until they are. Other 4xx refuse this very message.
_MENDABLE = frozenset({401, 403, 404, 405, 407, 408, 421, 425})


async def post_json(session: aiohttp.ClientSession, url: str, body: object, headers: Mapping[str, str]) -> None:
    """Post and take any 2xx. Raises DeliveryFailed; redirects are not followed, they would lose the body or leak it."""
    data = orjson.dumps(body)
    sent = {"Content-Type": "application/json", **headers}
    try:
        async with session.post(url, data=data, headers=sent, allow_redirects=False, timeout=TIMEOUT) as answer:
            if answer.status // 100 == 2:
                await answer.read()
                return
            words = (await answer.content.read(_MAX_ANSWER)).decode("utf-8", "replace")
            raise failure_of(answer.status, answer.headers.get("Retry-After"), words, url)
    except TimeoutError:
        raise DeliveryFailed("timeout", f"{redact(url)} did not answer in time", retry=True) from None
    except (aiohttp.ClientSSLError, aiohttp.ClientConnectorCertificateError) as error:
        raise DeliveryFailed("tls", f"{redact(url)}: {type(error).__name__}", retry=True) from None
    except (aiohttp.ClientError, OSError) as error:
        raise DeliveryFailed("connection", f"{redact(url)}: {type(error).__name__}", retry=True) from None


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
