"""What the tests of logging, stages and requests share: a log that can be read back."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import structlog

from observability.lines import LineWriter, Source
from observability.logs import configure_logs

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[LineWriter]:
    with (tmp_path / "log").open("ab", buffering=0) as log:
        yield LineWriter(log.fileno(), Source("labels", "1.2", "a-1", 42))


@pytest.fixture
def lines(tmp_path: Path, writer: LineWriter) -> Iterator[Lines]:
    """Configure logging and return what reads the lines written so far. All is put back at the end."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logs(writer)
    yield lambda: [orjson.loads(line) for line in (tmp_path / "log").read_bytes().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
