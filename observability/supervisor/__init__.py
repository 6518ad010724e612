"""The parent of a backend: starts it, passes signals on, says what became of it, starts it again (DESIGN section 3).

Command line in, log events out. Single-threaded and free of asyncio and structlog, so that it outlives what it watches.
"""

from observability.supervisor.command import add_parser, run
from observability.supervisor.options import Options

__all__ = ["Options", "add_parser", "run"]
