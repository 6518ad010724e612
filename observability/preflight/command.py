"""`barwatch check`: a service's probes to ✅/❌ lines, or to one log event. Also run by the supervisor after a death."""

import argparse
import dataclasses
import importlib
import os
import sys
from collections.abc import Iterable, Mapping, Sequence

from observability.config import load_observability
from observability.detector.signals import Check
from observability.lines import LineWriter
from observability.logs import configure_logs
from observability.preflight.probes import Probe, When, log_checks, run_probes
from observability.preflight.verdicts import failed


def run(args: argparse.Namespace) -> int:
    """Look at everything once. Returns 1 where something failed."""
    if args.when == "death":
        os.nice(10)  # the restart has the way: uploads wait for it, not for us
    checks = examine(args.checks, args.when, os.environ)
    if args.log:
        configure_logs(LineWriter(sys.stdout.fileno(), load_observability(os.environ).source()))
        log_checks(checks, args.when)
    else:
        sys.stdout.write("".join(f"{line}\n" for line in describe(checks)))
    return 0 if all(check.ok for check in checks) else 1


def examine(target: str, when: When, environ: Mapping[str, str]) -> tuple[Check, ...]:
    """Return the checks of "package.module:function". Where the list itself cannot be made, that is what was found."""
    try:
        module, _, function = target.partition(":")
        probes: Sequence[Probe] = getattr(importlib.import_module(module), function)(environ)
    except Exception as error:  # noqa: BLE001 — the edge: the code that just died may not even load
        return tuple(_of_failure(target, error))
    return run_probes(probes, when)


def describe(checks: Iterable[Check]) -> Iterable[str]:
    """Return a line for each check as a person reads it."""
    for check in checks:
        yield f"✅ {check.what}: {check.found}" if check.ok else f"❌ {check.what}: {check.found}. {check.remedy}"


def _of_failure(target: str, error: Exception) -> Iterable[Check]:
    failures = getattr(error, "failures", ())  # settings errors list what is wrong with each value
    if failures and all(dataclasses.is_dataclass(failure) for failure in failures):
        for failure in failures:
            yield failed(failure.what.partition("=")[0], failure.what, failure.found, failure.remedy)
        return
    found = f"{type(error).__name__}: {error}"
    yield failed("preflight", target, found, f"Try: python -c 'import {target.partition(':')[0]}'")
