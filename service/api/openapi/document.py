"""The whole document, put together once."""

from functools import cache

from service.api.openapi.derive import Json
from service.api.openapi.paths import paths
from service.api.openapi.schemas import schemas


@cache
def document() -> Json:
    """Return the document. It is shared: nobody changes it."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "barwatch",
            "version": "1",
            "summary": "Excel lists to PDF labels",
            "description": "Errors are `application/problem+json` (RFC 9457); `code` is stable, `detail` says what to do.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths(),
        "components": {"schemas": schemas()},
    }
