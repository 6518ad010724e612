"""A small private value that is made once and found again at the next start: a token, the name of a replica."""

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def kept(path: Path, make: Callable[[], str]) -> str:
    """Return the file's content; made at the first start, readable by its owner only. Raises OSError.

    Of two that start at once the first wins, and nobody reads half a value: a link, unlike a rename, never replaces.
    """
    with suppress(FileNotFoundError):
        if value := path.read_text("ascii").strip():
            return value
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(make() + "\n")
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()
    return path.read_text("ascii").strip()
