"""How far we are: checkpoints of the sources, and the state of correlate as JSON."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, select, update

from observability.detector.signals import Position
from observability.detector.store.tables import CHECKPOINTS, STATE

_CORRELATE = "correlate"


def load_checkpoints(connection: Connection) -> dict[str, Position]:
    """Return where each source continues."""
    rows = connection.execute(select(CHECKPOINTS)).all()
    return {row.source: Position(row.file_id, row.offset, row.number) for row in rows}


def write_checkpoints(
    connection: Connection, before: Mapping[str, Position], checkpoints: Mapping[str, Position]
) -> None:
    """Bring the table from `before` to `checkpoints`."""
    gone = before.keys() - checkpoints.keys()
    if gone:
        connection.execute(delete(CHECKPOINTS).where(CHECKPOINTS.c.source.in_(gone)))
    for source, position in checkpoints.items():
        if before.get(source) != position:
            row = {"file_id": position.file_id, "offset": position.offset, "number": position.number}
            _write_checkpoint(connection, source, row)


def _write_checkpoint(connection: Connection, source: str, row: dict[str, int]) -> None:
    # Not decided by `before`: a commit whose answer was lost may have been kept all the same.
    if not connection.execute(update(CHECKPOINTS).where(CHECKPOINTS.c.source == source).values(row)).rowcount:
        connection.execute(CHECKPOINTS.insert().values(source=source, **row))


def load_state(connection: Connection) -> str | None:
    """Return correlate's state, or None: there is none yet."""
    return connection.execute(select(STATE.c.json).where(STATE.c.name == _CORRELATE)).scalar()


def write_state(connection: Connection, state: str) -> None:
    """Keep correlate's state."""
    if not connection.execute(update(STATE).where(STATE.c.name == _CORRELATE).values(json=state)).rowcount:
        connection.execute(STATE.insert().values(name=_CORRELATE, json=state))
