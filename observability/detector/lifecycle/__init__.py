"""Changes, wishes and time → how each incident lives on, and what of it is told. Pure: lives and clock come in and go out."""

from observability.detector.lifecycle.policy import Policy
from observability.detector.lifecycle.step import Lived, Subject, live
from observability.detector.lifecycle.wishes import WishRefused, wished

__all__ = ["Lived", "Policy", "Subject", "WishRefused", "live", "wished"]
