"""The migrations that are missing, in a process of their own: Alembic's memory goes with it."""

import subprocess
import sys
from typing import Final

from sqlalchemy import Engine, make_url

from observability.detector.store.engine import engine_of
from observability.detector.store.schema import is_current, upgrade

_PROGRAM: Final = "from observability.detector.store.migrate import main; main()"


def upgrade_apart(engine: Engine) -> None:
    """Run the migrations that are missing without loading Alembic here; here, where the other process fails: it says why."""
    if is_current(engine):
        return
    url = engine.url.render_as_string(hide_password=False)
    ran = subprocess.run([sys.executable, "-c", _PROGRAM], input=url, text=True, capture_output=True, check=False)
    if ran.returncode != 0:
        upgrade(engine)


def main() -> None:
    """Upgrade the database whose URL comes by stdin: it may hold a password, and arguments can be read by everyone."""
    upgrade(engine_of(make_url(sys.stdin.read())))
