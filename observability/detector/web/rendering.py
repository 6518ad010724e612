"""Templates to answers: escaped, compressed, under a policy that runs nothing but our own script."""

from datetime import datetime
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from observability.detector.web import runbook

HERE: Final = Path(__file__).parent
HEADERS: Final = {
    # Everything is ours and nothing of it inline: what a log line says can at worst be read.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_PAGES = web.AppKey("pages", Environment)


def add_rendering(app: web.Application) -> None:
    """Give the application its templates."""
    app[_PAGES] = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    app[_PAGES].filters["moment"] = moment
    app[_PAGES].filters["spans"] = runbook.spans


def page(request: web.Request, name: str, *, key: str, status: int = 200, **values: Any) -> web.Response:
    """Return the page. `key` is that of the reader's forms, "" for a stranger."""
    text = request.app[_PAGES].get_template(name).render(key=key, **values)
    answer = web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)
    answer.enable_compression()
    return answer


def moment(value: str | None) -> str:
    """Return a time of a document as people read it."""
    if value is None:
        return "time not known"
    at = datetime.fromisoformat(value)
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d} {at.tzname() or ''}".rstrip()
