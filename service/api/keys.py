"""What handlers find in the application: one typed key each. `app.py` fills them."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from aiohttp import web
from prometheus_client import CollectorRegistry

from service.api.admission import Admission
from service.api.turns import Turns
from service.jobs.files import Files
from service.jobs.runner import Runner
from service.jobs.store import JobStore
from service.uploads.work import Shop

STORE: Final = web.AppKey("store", JobStore)
FILES: Final = web.AppKey("files", Files)
SHOP: Final = web.AppKey("shop", Shop)
RUNNER: Final = web.AppKey("runner", Runner)
EXECUTOR: Final = web.AppKey("executor", str)
QUEUE_LIMIT: Final = web.AppKey("queue_limit", int)
ADMISSION: Final = web.AppKey("admission", Admission)
TURNS: Final = web.AppKey("turns", Turns)
STOPPING: Final = web.AppKey("stopping", asyncio.Event)
REGISTRY: Final = web.AppKey("registry", CollectorRegistry)
ENVIRON: Final = web.AppKey("environ", Mapping[str, str])
CLOCK: Final[web.AppKey[Callable[[], datetime]]] = web.AppKey("clock")
