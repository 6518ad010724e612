"""`barwatch supervise -- CMD…`: arguments to a running supervisor."""

import argparse
import os
import sys
from pathlib import Path

from observability.supervisor.options import MAX_QUICK_DEATHS, Options


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `supervise`."""
    parser = subparsers.add_parser("supervise", help="run a command, say how it dies, start it again")
    parser.add_argument("--address", help="host:port that the command listens on, as nginx names it")
    parser.add_argument(
        "--log", type=Path, help="file for the command's stdout and for what became of it; default: stdout"
    )
    parser.add_argument(
        "--turn-over-mb", type=int, help="copy the log to LOG.1 and empty it at this size; default: never"
    )
    parser.add_argument("--journal", type=Path, help="its stage journal, read after a death")
    parser.add_argument("--name", default="backend", help="role of the process in the log")
    parser.add_argument("--preflight", metavar="MODULE:FUNCTION", help="checks to run after a death")
    parser.add_argument("--max-quick-deaths", type=int, default=MAX_QUICK_DEATHS, help="give up after so many in a row")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="-- CMD", help="what to run")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Supervise until asked to stop. Returns the exit code."""
    from observability.config import SettingsError, load_observability
    from observability.supervisor.logfile import SharedLog
    from observability.supervisor.loop import Supervisor

    command = tuple(args.command[1:] if args.command[:1] == ["--"] else args.command)
    if not command:
        return _refuse("nothing to run: give the command after --")
    try:
        log = SharedLog(args.log, load_observability(os.environ).source())
    except SettingsError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"--log {args.log}: {error.strerror}. Run: ls -ld {args.log.absolute().parent}")
    return Supervisor(_options(args, command), log, os.environ).run()


def _options(args: argparse.Namespace, command: tuple[str, ...]) -> Options:
    return Options(
        command,
        role=args.name,
        address=args.address,
        log=args.log,
        journal=args.journal,
        preflight=args.preflight,
        max_quick_deaths=args.max_quick_deaths,
        turn_over_at=args.turn_over_mb * 1_000_000 if args.turn_over_mb else None,
    )


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"barwatch supervise: {sentence}\n")
    return 2
