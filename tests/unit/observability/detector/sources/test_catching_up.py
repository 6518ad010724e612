"""A backlog is understood as if every line of it had been parsed."""

import random
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from observability.detector.correlate import State, correlate, intake
from observability.detector.incidents import Incident, IncidentChange
from observability.detector.parse import Pending, step
from observability.detector.parse.clues import Clues
from observability.detector.parse.sieve import Sifted
from observability.detector.signals import Line
from observability.detector.sources import catching_up, files, follow, reading
from tests.unit.observability.detector import logs
from tests.unit.observability.detector.logs import START, Written
from tests.unit.observability.detector.play import standing

READ = datetime.fromtimestamp(START + 9_000, UTC)
STATUSES = (200, 200, 201, 304, 404)
ROUTES = (logs.UPLOAD, "GET /api/jobs/17", "GET /healthz", "POST /api/barcodes/check")


def scene(seed: int, ordinary: int, troubles: int, *, apart_s: float = 0.0) -> list[Written]:
    """Return troubles of all kinds among ordinary requests, in the order of time; anywhere, or one each `apart_s`."""
    dice = random.Random(seed)
    lasts = apart_s * (troubles + 1) or ordinary / 50
    number = iter(range(1, 10**6))
    lines = [
        logs.access(dice.uniform(0, lasts), dice.choice(STATUSES), dice.choice(ROUTES), number=next(number))
        for _ in range(ordinary)
    ]
    for place in range(1, troubles + 1):
        at = place * apart_s or int(dice.uniform(0, lasts))  # the error log has whole seconds: no success lies between
        lines += dice.choice(logs.TROUBLES)(at, next(number), dice.choice(ROUTES[:2]))
    return sorted(lines, key=lambda line: line.at)


class Understanding:
    """Parses and correlates; all lines are read at one moment, as those of a backlog are."""

    def __init__(self) -> None:
        self._pending, self._state = Pending(), State()
        self.changes: list[IncidentChange] = []

    def take(self, lines: Sequence[Line]) -> None:
        self._pending, signals = step(self._pending, [replace(line, read_at=READ) for line in lines], READ)
        self._state, more = correlate(self._state, signals, READ)
        self.changes += more

    def incidents(self) -> list[tuple[object, ...]]:
        for after in (0.3, 1, 5, 40):
            self._pending, signals = step(self._pending, (), READ + timedelta(seconds=after))
            self._state, more = correlate(self._state, signals, READ + timedelta(seconds=after))
            self.changes += more
        return sorted((essence(incident) for incident in standing(self.changes)), key=repr)


def essence(incident: Incident) -> tuple[object, ...]:
    """Return all of an incident that a reader of it sees, but its id."""
    evidence = sorted((e.kind, str(e.at), e.text) for e in incident.evidence)
    return (
        *(incident.fingerprint, incident.state, incident.severity, incident.title, incident.route, incident.stage),
        *(
            incident.cause.code,
            incident.occurrences,
            incident.suspect_request_id,
            incident.first_seen,
            incident.last_seen,
        ),
        *(sorted(incident.request_ids), sorted(incident.trace_ids), evidence),
    )


async def caught_up(directory: Path, lines: Iterable[Written]) -> tuple[list[tuple[object, ...]], int]:
    """Return the incidents of a detector that comes late, and how many lines it parsed."""
    for name in ("access.log", "error.log", "backend.log"):
        (directory / name).write_text("".join(f"{line.text}\n" for line in lines if line.file == name), "utf-8")
    understanding, read = Understanding(), 0
    paths = [directory / name for name in ("access.log", "error.log", "backend.log")]
    async with aclosing(follow(paths, {}, 0, clock=lambda: READ)) as batches:
        async for batch in batches:
            understanding.take(batch.lines)
            read += len(batch.lines)
            if all(batch.checkpoints[str(path)].offset == path.stat().st_size for path in paths):
                break
    return understanding.incidents(), read


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BEHIND_BYTES", 0)
    monkeypatch.setattr(reading, "SIFTED_BYTES", 6_000)
    monkeypatch.setattr(reading, "CHUNK_BYTES", 3_000)
    monkeypatch.setattr(intake, "MAX_ACCESSES", 100_000)  # the reference may not forget what it needs


def all_lines(chunk: bytes, clues: Clues) -> Sifted:
    """Sift nothing out."""
    ends = [at for at, byte in enumerate(chunk) if byte == 10]
    return Sifted(tuple(zip([0, *(end + 1 for end in ends)], ends, strict=False)), clues)


@settings(
    max_examples=10,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 10**9), ordinary=st.integers(0, 150), troubles=st.integers(0, 8))
async def test_a_backlog_gives_the_incidents_of_all_of_its_lines(
    tmp_path: Path, seed: int, ordinary: int, troubles: int
) -> None:
    lines = scene(seed, ordinary, troubles)
    incidents, _ = await caught_up(tmp_path, lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catching_up, "sift", all_lines)
        parsed, read = await caught_up(tmp_path, lines)
    assert read == len(lines)
    assert incidents == parsed


async def test_of_thousands_of_ordinary_lines_few_are_parsed(tmp_path: Path) -> None:
    lines = scene(7, 3_000, 6, apart_s=45)
    incidents, read = await caught_up(tmp_path, lines)
    assert len(incidents) >= 3
    assert read < 250


async def test_a_backlog_where_nothing_broke_is_not_parsed(tmp_path: Path) -> None:
    lines = scene(1, 2_000, 0)
    assert await caught_up(tmp_path, lines) == ([], 0)


async def test_a_kept_line_has_its_own_place_and_number(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    ordinary, broken = (logs.access(1, status, logs.UPLOAD, number=1).text for status in (200, 502))
    log.write_text(f"{ordinary}\n" * 40 + f"{broken}\n" + f"{ordinary}\n" * 40)
    async with aclosing(follow([log], {}, 0, clock=lambda: READ)) as batches:
        first = next(line for batch in [await anext(batches) for _ in range(10)] for line in batch.lines)
    assert first.text == broken
    assert (first.position.number, first.position.offset) == (41, 40 * (len(ordinary) + 1))
