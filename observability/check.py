"""`barwatch check`: its arguments, and `python -m observability.check` as the supervisor runs it. Light until it runs."""

import argparse
import sys


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]", *, checks: str | None = None) -> None:
    """Add `check`. `checks` is the service's own list, such as "service.preflight:checks"."""
    parser = subparsers.add_parser("check", help="run the preflight checks; a remedy for each failure")
    _add_arguments(parser, checks=checks)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Look at everything once. Returns 1 where something failed."""
    from observability.preflight.command import run as look  # loads structlog and what the checks need

    return look(args)


def _add_arguments(parser: argparse.ArgumentParser, *, checks: str | None) -> None:
    nargs = "?" if checks else None
    parser.add_argument("checks", nargs=nargs, default=checks, help="the list, as package.module:function")
    parser.add_argument(
        "--when", choices=("start", "ready", "death", "failure"), default="ready", help="checks of which moment"
    )
    parser.add_argument(
        "--log", action="store_true", help="write one preflight.checked event instead of lines for people"
    )


def _main() -> int:
    parser = argparse.ArgumentParser(prog="observability.check")
    _add_arguments(parser, checks=None)
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(_main())
