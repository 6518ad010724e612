"""The detector's own metrics."""

from collections import Counter as Counted
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from observability.detector.incidents import Attempt, CauseCode, IncidentChange
from observability.detector.lifecycle import Standing
from observability.detector.signals import Signal
from observability.detector.sources import Batch
from observability.detector.store import Due

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_CHANGES = ("opened", "enriched", "recurred", "resolved", "reopened")


class Measures:
    """Counts what goes through. Known metric label values are there from the start."""

    def __init__(self, registry: CollectorRegistry, channels: tuple[str, ...]) -> None:
        self._channels = channels
        self.lines = Counter("detector_lines", "Log lines read.", registry=registry)
        self.signals = Counter("detector_signals", "Signals found in them.", ("kind",), registry=registry)
        self.incidents = Counter("detector_incidents", "Incidents opened.", ("cause",), registry=registry)
        self.changes = Counter("detector_incident_changes", "Changes of incidents.", ("change",), registry=registry)
        self.notifications = Counter(
            "detector_notifications", "Attempts to deliver.", ("channel", "outcome"), registry=registry
        )
        self.outbox = Gauge("detector_outbox_rows", "Changes that wait for delivery.", ("channel",), registry=registry)
        self.silences = Gauge(
            "detector_silences", "Entries of the silences file, by how they stand.", ("standing",), registry=registry
        )
        self.mistakes = Gauge("detector_silences_mistakes", "Mistakes in the silences file.", registry=registry)
        self.lag = Gauge("detector_lag_seconds", "Age of the last batch of lines when it was kept.", registry=registry)
        self.files_lag = Gauge(
            "detector_files_lag_bytes", "Written to the followed files and not read yet.", registry=registry
        )
        self.loki_lag = Gauge("detector_loki_lag_seconds", "Since Loki was last heard of.", registry=registry)
        self.open_since = Gauge(
            "detector_incident_open_since_seconds",
            "When each incident that is not resolved was first seen, as Unix time.",
            ("incident", "severity", "cause", "route", "stage", "state"),
            registry=registry,
        )
        self.to_incident = Histogram(
            "detector_line_to_incident_seconds",
            "From reading the line that began an occurrence to keeping its incident, with the wait for better evidence.",
            buckets=_BUCKETS,
            registry=registry,
        )
        self.to_page = Histogram(
            "detector_line_to_page_seconds",
            "From reading the line to the receiver's answer, for opened and reopened.",
            buckets=_BUCKETS,
            registry=registry,
        )
        self._initialize()

    def _initialize(self) -> None:
        for cause in get_args(CauseCode):
            self.incidents.labels(cause)
        for change in _CHANGES:
            self.changes.labels(change)
        for channel in self._channels:
            for outcome in ("delivered", "retry", "refused"):
                self.notifications.labels(channel, outcome)

    def saw(self, batch: Batch, signals: Iterable[Signal]) -> None:
        """Count a batch."""
        self.lines.inc(len(batch.lines))
        if batch.lag_bytes is not None:
            self.files_lag.set(batch.lag_bytes)
        if batch.lag_s is not None:
            self.loki_lag.set(batch.lag_s)
        for signal in signals:
            self.signals.labels(signal.kind).inc()

    def kept(self, changes: tuple[IncidentChange, ...], at: datetime, newest: datetime | None) -> None:
        """Count what a commit kept at that moment; its newest line was read at `newest`, None: it had none."""
        self.lag.set((at - newest).total_seconds() if newest else 0.0)
        for change in changes:
            self._count(change)
            if change.line_at is not None:
                self.to_incident.observe((at - change.line_at).total_seconds())

    def _count(self, change: IncidentChange) -> None:
        """Count a change, but none that we made ourselves: selftests come and go all day."""
        if change.incident.synthetic:
            return
        self.changes.labels(change.change).inc()
        if change.change == "opened":
            self.incidents.labels(change.incident.cause.code).inc()

    def told(self, due: Due, attempt: Attempt) -> None:
        """Count a delivery attempt."""
        self.notifications.labels(attempt.channel, attempt.outcome).inc()
        pages = due.change in ("opened", "reopened") and attempt.outcome == "delivered"
        if pages and due.line_at is not None:
            self.to_page.observe((attempt.at - due.line_at).total_seconds())

    def not_resolved(self, documents: Iterable[Mapping[str, Any]]) -> None:
        """Show these incidents, and none that was shown before."""
        self.open_since.clear()
        for document in documents:
            labels = (document[name] or "" for name in ("id", "severity"))
            where = (document[name] or "" for name in ("route", "stage", "state"))
            first_seen = datetime.fromisoformat(document["first_seen"])
            self.open_since.labels(*labels, document["cause"]["code"], *where).set(first_seen.timestamp())

    def waiting(self, sizes: dict[str, int]) -> None:
        """Set the size of the outbox; a channel without rows has 0."""
        for channel in self._channels:
            self.outbox.labels(channel).set(sizes.get(channel, 0))

    def silencing(self, shown: Mapping[str, Any]) -> None:
        """Set how the silences file stands, as the API shows it."""
        self.mistakes.set(len(shown["wrong"]))
        standing = Counted(one["standing"] for one in shown["silences"])
        for word in get_args(Standing):
            self.silences.labels(word).set(standing[word])


Outcome = Literal["passed", "lost", "unwritable"]  # of a scheduled selftest


class ProofMeasures:
    """What the detector proves of itself. A time of 0: not once since the start; an interval of 0: it is not asked for."""

    def __init__(self, registry: CollectorRegistry, *, every_s: float, beats_every_s: float) -> None:
        self._runs = Counter("selftest_runs", "Scheduled selftests.", ("outcome",), registry=registry)
        for outcome in get_args(Outcome):
            self._runs.labels(outcome)
        self._passed = Gauge(
            "selftest_last_success_timestamp_seconds", "When a scheduled selftest last passed.", registry=registry
        )
        self._beat = Gauge(
            "heartbeat_last_success_timestamp_seconds", "When HEARTBEAT_URL last took a beat.", registry=registry
        )
        interval = Gauge("selftest_interval_seconds", "Time between scheduled selftests.", registry=registry)
        interval.set(every_s)
        beats = Gauge("heartbeat_interval_seconds", "Time between beats at HEARTBEAT_URL.", registry=registry)
        beats.set(beats_every_s)

    def ran(self, outcome: Outcome, passed_at: datetime | None) -> None:
        """Count a scheduled selftest; `passed_at` is when one last passed."""
        self._runs.labels(outcome).inc()
        if passed_at is not None:
            self._passed.set(passed_at.timestamp())

    def beat(self, at: datetime) -> None:
        """Note a beat that was taken."""
        self._beat.set(at.timestamp())
