"""`barwatch explain`: logs from files or stdin in, the analysis out. The edge of `report`: reads bytes, prints text."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from observability.detector.report import Explanation, explain, explanation_json, explanation_markdown, explanation_text

_STDIN: Final = "-"
_FORMATS: Final[dict[str, Callable[[Explanation], str]]] = {
    "text": explanation_text,
    "markdown": explanation_markdown,
    "json": lambda explanation: json.dumps(explanation_json(explanation), ensure_ascii=False) + "\n",
}


class _Subparsers(Protocol):
    def add_parser(self, name: str, *, help: str, description: str) -> argparse.ArgumentParser: ...


def add_parser(subparsers: _Subparsers) -> None:
    """Add `explain` to the command line."""
    parser = subparsers.add_parser(
        "explain",
        help="explain logs after the fact: what broke, why, and what to do",
        description="Read any mix of nginx, backend and system logs, and print what broke, why, and what to do next.",
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="log files; '-' or none: standard input")
    parser.add_argument("--each", action="store_true", help="each file is a case of its own")
    parser.add_argument("--format", choices=tuple(_FORMATS), default="text")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the explanation. Return 0, or 2 where a file cannot be read."""
    names = args.files or [_STDIN]
    try:
        cases = list(_cases(names, args.each))
    except OSError as error:
        sys.stderr.write(f"{error.filename or 'standard input'}: {error.strerror}\n")
        return 2
    now = datetime.now(UTC)
    for case in cases:
        sys.stdout.write(_shown(explain(case, now), args.format, each=args.each))
    return 0


def _cases(names: Iterable[str], each: bool) -> Iterator[list[tuple[str, str]]]:
    texts = [(name, _read(name)) for name in names]
    if each:
        yield from ([pair] for pair in texts)
    else:
        yield texts


def _read(name: str) -> str:
    """Return the text; bad bytes stay visible as ``\\xNN``."""
    raw = sys.stdin.buffer.read() if name == _STDIN else Path(name).read_bytes()
    return raw.decode("utf-8", "backslashreplace")


def _shown(explanation: Explanation, form: str, *, each: bool) -> str:
    if not each:
        return _FORMATS[form](explanation)
    if form == "json":
        return json.dumps({"source": explanation.source, **explanation_json(explanation)}, ensure_ascii=False) + "\n"
    return f"=== {explanation.source}\n\n{_FORMATS[form](explanation)}\n"
