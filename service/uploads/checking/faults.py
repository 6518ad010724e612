"""A fault of a row, its severity taken from the catalogue of codes."""

from service.uploads.model import Fault
from service.uploads.problems import FAULTS


def fault(code: str, detail: str, suggestion: str | None = None) -> Fault:
    """Return the fault. `code` is one of the contract: a KeyError is a mistake of ours."""
    return Fault(code, FAULTS[code].severity, detail, suggestion)
