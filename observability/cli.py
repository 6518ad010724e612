"""The observability part of the `barwatch` command: its subcommands by name, each imported only when it is called."""

import argparse
import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

# `barwatch explain` has to start in 0.4 s: a module that imports a server must not load for it.
COMMANDS: Final = (
    ("supervise", "observability.supervisor", "start a command, watch it, and start it again when it dies"),
    ("check", "observability.check", "run the preflight checks, with a remedy for each failure"),
    ("detector", "observability.detector.run", "follow the logs and keep one incident per death"),
    ("explain", "observability.detector.explaining", "explain logs after the fact: what broke, why, and what to do"),
    ("selftest", "observability.detector.selftest", "send a synthetic crash through the whole chain"),
)


def add_commands(subparsers: "Subparsers", *, checks: str | None = None) -> None:
    """Mount all subcommands. A module gives `add_parser(subparsers)`, which sets `run(args) -> int` as a default.

    `checks` is the service's own list of preflight checks, such as "service.preflight:checks".
    """
    for name, module, summary in COMMANDS:
        options = {"checks": checks} if name == "check" and checks else {}
        parser = subparsers.add_parser(name, help=summary, add_help=False)
        subparsers.choices[name] = _Deferred(parser.prog, name, module, options)  # the table that argparse asks


class _Deferred(argparse.ArgumentParser):
    """Stands for a subcommand until it is called; then its module makes the real parser."""

    def __init__(self, prog: str, name: str, module: str, options: dict[str, str]) -> None:
        super().__init__(prog=prog, add_help=False)
        self._name = name
        self._module = module
        self._options = options

    def parse_known_args(  # type: ignore[override]  # argparse calls it with exactly these
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        return self._real().parse_known_args(args, namespace)

    def _real(self) -> argparse.ArgumentParser:
        only = argparse.ArgumentParser(prog=self.prog.rpartition(" ")[0]).add_subparsers()
        module: Any = importlib.import_module(self._module)
        module.add_parser(only, **self._options)
        return only.choices[self._name]
