"""The two ways in which a check ends."""

from observability.detector.signals import Check


def passed(name: str, what: str, found: str) -> Check:
    """Return a check that found what is needed."""
    return Check(name, ok=True, what=what, found=found, remedy="")


def failed(name: str, what: str, found: str, remedy: str) -> Check:
    """Return a check that did not, with one command or one line to change."""
    return Check(name, ok=False, what=what, found=found, remedy=remedy)
