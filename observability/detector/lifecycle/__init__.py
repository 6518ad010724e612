"""Changes, wishes and time → how each incident lives on, and what of it is told. Pure: lives and clock come in and go out."""

from observability.detector.lifecycle.policy import Policy
from observability.detector.lifecycle.silence import NO_SILENCES, MatchedBy, Silence, Silences, Standing, Weekly
from observability.detector.lifecycle.step import Before, Lived, Subject, live
from observability.detector.lifecycle.storm import Storm
from observability.detector.lifecycle.wishes import WishRefused, wished

__all__ = [
    "NO_SILENCES",
    "Before",
    "Lived",
    "MatchedBy",
    "Policy",
    "Silence",
    "Silences",
    "Standing",
    "Storm",
    "Subject",
    "Weekly",
    "WishRefused",
    "live",
    "wished",
]
