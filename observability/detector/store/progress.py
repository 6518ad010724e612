"""How far we are: checkpoints of the sources, and the state of correlate in parts."""

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, delete, select, update

from observability.detector.signals import Position
from observability.detector.store.tables import CHECKPOINTS, STATE


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


def load_state(connection: Connection) -> dict[str, str]:
    """Return the parts of correlate's state, by name."""
    return {row.name: row.json for row in connection.execute(select(STATE))}


def write_state(connection: Connection, parts: Mapping[str, str | None]) -> None:
    """Keep these parts of correlate's state, and forget those that are None."""
    if not parts:
        return
    connection.execute(delete(STATE).where(STATE.c.name == bindparam("part")), [{"part": name} for name in parts])
    rows = [{"name": name, "json": json} for name, json in parts.items() if json is not None]
    if rows:
        connection.execute(STATE.insert(), rows)
