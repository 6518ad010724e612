"""Time as a script: changes and ticks of a lifecycle, and what was told when."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from observability.detector.incidents import Enriched, Incident, IncidentChange, Opened, Recurred, Reopened, Resolved
from observability.detector.life import Life, Telling, due_at
from observability.detector.lifecycle import Before, Lived, Policy, Silence, Silences, Storm, Subject, live
from tests.unit.observability.detector.incident_examples import T0, incident


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


@dataclass
class Script:
    """Feeds `live` as the pipeline would. `told` is (seconds after the start, change, incident's id)."""

    policy: Policy = field(default_factory=Policy)
    incidents: dict[str, Incident] = field(default_factory=dict)
    lives: dict[str, Life] = field(default_factory=dict)
    told: list[tuple[float, str, str]] = field(default_factory=list)
    tellings: list[Telling] = field(default_factory=list)
    storm: Storm = field(default_factory=Storm)
    silences: Silences = field(default_factory=Silences)

    now: datetime = T0

    def at(self, seconds: float, *changes: IncidentChange) -> None:
        """Let these changes happen, and what is due by then."""
        now = T0 + timedelta(seconds=seconds)
        self._live(seconds, now, changes)

    def until(self, seconds: float) -> None:
        """Let time go by, from one due moment to the next."""
        end = T0 + timedelta(seconds=seconds)
        while (due := self._next()) is not None and due <= end:
            self._live((due - T0).total_seconds(), due, ())

    def opens(self, seconds: float, one: str = "inc-1", **changes: object) -> None:
        self.at(seconds, Opened(incident(one, **changes)))  # type: ignore[arg-type]

    def recurs(self, seconds: float, one: str = "inc-1") -> None:
        before = self.incidents[one]
        self.at(seconds, Recurred(replace(before, occurrences=before.occurrences + 1)))

    def learns(self, seconds: float, one: str = "inc-1") -> None:
        self.at(seconds, Enriched(replace(self.incidents[one], stage="draw"), cause_changed=False))

    def resolves(self, seconds: float, one: str = "inc-1") -> None:
        self.at(seconds, Resolved(replace(self.incidents[one], state="resolved"), "proof"))

    def reopens(self, seconds: float, one: str = "inc-1") -> None:
        self.at(seconds, Reopened(replace(self.incidents[one], state="open"), "came back"))

    def reads(self, seconds: float, *entries: Silence) -> None:
        """Let the silences file hold these from now on."""
        self.silences = Silences(entries)
        due = tuple(Subject(self.incidents[key], life) for key, life in self.lives.items())
        self._take(seconds, live(Before(self.lives, due, self.storm, self.silences), (), at(seconds), self.policy))

    def history(self, one: str = "inc-1") -> list[str]:
        return [entry.what for entry in self.lives[one].history]

    def _next(self) -> datetime | None:
        boundary = self.silences.boundary(self.now)
        moments = (self.storm.due, boundary, *(due_at(life) for life in self.lives.values()))
        return min((moment for moment in moments if moment is not None), default=None)

    def _live(self, seconds: float, now: datetime, changes: tuple[IncidentChange, ...]) -> None:
        boundary = self.silences.boundary(self.now)
        reviewed = boundary is not None and boundary <= now
        due = [
            Subject(self.incidents[key], life)
            for key, life in self.lives.items()
            if reviewed or ((moment := due_at(life)) is not None and moment <= now)
        ]
        self.now = now
        lived = live(Before(self.lives, tuple(due), self.storm, self.silences), changes, now, self.policy)
        self._take(seconds, lived)

    def _take(self, seconds: float, lived: Lived) -> None:
        self.lives |= lived.lives
        self.storm = lived.storm
        self.incidents |= {change.incident.id: change.incident for change in lived.changes}
        self.told += [(seconds, telling.change, telling.incident.id) for telling in lived.tell]
        self.tellings += lived.tell
