"""Incidents, outbox, checkpoints and correlate's state, kept in one transaction; SQLite or PostgreSQL by URL."""

from observability.detector.store.documents import document_of, incident_of, to_json
from observability.detector.store.incidents import ANY_STATE, NOT_OVER, Filters, Page
from observability.detector.store.lives import life_of
from observability.detector.store.migrate import upgrade_apart
from observability.detector.store.opening import StoreBusy, open_store
from observability.detector.store.outbox import UPDATES, Due, Tells, Wanted
from observability.detector.store.store import Loaded, Store, StoreUnavailable

__all__ = [
    "ANY_STATE",
    "NOT_OVER",
    "UPDATES",
    "Due",
    "Filters",
    "Loaded",
    "Page",
    "Store",
    "StoreBusy",
    "StoreUnavailable",
    "Tells",
    "Wanted",
    "document_of",
    "incident_of",
    "life_of",
    "open_store",
    "to_json",
    "upgrade_apart",
]
