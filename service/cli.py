"""The `barwatch` command. Light: each part is imported when its command runs."""

import argparse
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    from observability.cli import add_commands
    from service import backend, up

    parser = argparse.ArgumentParser(
        prog="barwatch", description="Excel lists to label PDFs, and every crash explained."
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    up.add_parser(subparsers)
    backend.add_parser(subparsers)
    add_commands(subparsers, checks="service.preflight:checks")
    args = parser.parse_args(argv)
    code: int = args.run(args)
    return code


if __name__ == "__main__":
    sys.exit(main())
