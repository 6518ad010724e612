"""`python -m observability.supervisor supervise -- CMD`: the supervisor without the rest of the command line."""

import argparse
import sys

from observability.supervisor.command import add_parser


def main() -> int:
    parser = argparse.ArgumentParser(prog="observability.supervisor")
    add_parser(parser.add_subparsers(required=True))
    args = parser.parse_args()
    return int(args.run(args))


if __name__ == "__main__":
    sys.exit(main())
