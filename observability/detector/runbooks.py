"""Runbooks as text: package data that an incident's `runbook` names, such as "alerts/runbooks/permission_denied.md"."""

import re
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[2]  # the checkout, or site-packages: `alerts` lies beside `observability`
_NAMED: Final = re.compile(r"alerts/runbooks/[A-Za-z0-9_]+\.md", re.ASCII)


def runbook_text(name: str) -> str | None:
    """Return the Markdown that an incident names, or None: there is no such runbook."""
    if not _NAMED.fullmatch(name):
        return None
    path = _ROOT / name
    return path.read_text("utf-8") if path.is_file() else None
