"""`barwatch selftest`: sends a marked synthetic crash through the whole chain, and fails loudly if no incident comes out."""

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from observability.config import SettingsError
from observability.detector.config import DetectorSettings, load_detector
from observability.detector.synthetic import SELFTEST, append, crash

_POLL_S: Final = 0.02
T = TypeVar("T")
_Call = Callable[[str, str], Any]  # method and path to the JSON of the answer


class SelftestFailed(Exception):
    """The chain is broken: where, what was seen, and what to do."""

    def __init__(self, where: str, found: str, remedy: str) -> None:
        self.where, self.found, self.remedy = where, found, remedy
        super().__init__(f"{where}: {found}. {remedy}")


@dataclass(frozen=True, slots=True)
class Passed:
    """How long it took, in seconds after the lines were written."""

    incident_id: str
    to_incident_s: float
    to_webhook_s: float | None  # None: no webhook hears of it


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `selftest`."""
    parser = subparsers.add_parser(
        "selftest", help="send a synthetic crash through the whole chain; 1 if no incident came out"
    )
    parser.add_argument("--within", type=float, default=10.0, metavar="SECONDS", help="how long to wait (10)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Return 0 and say how long it took, or 1 and say what broke."""
    try:
        settings = load_detector(os.environ)
        passed = selftest(settings, _caller(settings), within_s=args.within)
    except (SelftestFailed, SettingsError) as problem:
        sys.stderr.write(f"selftest FAILED: {problem}\n")
        return 1
    told = (
        "no webhook hears of it"
        if passed.to_webhook_s is None
        else f"webhook after {passed.to_webhook_s * 1000:.0f} ms"
    )
    sys.stdout.write(f"selftest passed: incident after {passed.to_incident_s * 1000:.0f} ms, {told}\n")
    return 0


def selftest(settings: DetectorSettings, call: _Call, *, within_s: float) -> Passed:
    """Write the crash, wait for its incident and its notification, resolve it. Raises SelftestFailed."""
    call("GET", "/healthz")
    began, start = datetime.now(UTC), time.monotonic()
    _append(settings.selftest_log, crash(began, uuid.uuid4().hex))
    deadline = start + within_s
    incident = _wait(lambda: _fresh(call, began), deadline)
    if incident is None:
        found = f"no incident within {within_s:g} s of the lines in {settings.selftest_log}"
        raise SelftestFailed(
            "detector", found, "Does it run with the same LOGS_DIR? Read its log, STATE_DIR/logs/detector.log"
        )
    seen_s = time.monotonic() - start
    try:
        told_s = (
            _wait_for_webhook(call, incident["id"], began, start, deadline) if settings.channels.webhook_url else None
        )
    finally:
        call("POST", f"/api/incidents/{incident['id']}/resolve")
    return Passed(incident["id"], seen_s, told_s)


def heard(settings: DetectorSettings) -> bool:
    """Return whether a webhook hears of selftests."""
    reserve = (settings.channels.fallback, *settings.policy.escalate_to)
    return bool(settings.channels.webhook_url) and "webhook" not in reserve


def _append(path: Path, lines: tuple[Mapping[str, object], ...]) -> None:
    try:
        append(path, lines)
    except OSError as error:
        raise SelftestFailed(
            str(path), f"cannot be written ({error.strerror})", "Run it as the detector's user"
        ) from error


def _fresh(call: _Call, began: datetime) -> dict[str, Any] | None:
    """Return the incident of this run: the same one comes back each time, so only its time tells."""
    found: list[dict[str, Any]] = call("GET", "/api/incidents?synthetic=true")["incidents"]
    ours = (one for one in found if one["service"] == SELFTEST.service and one["state"] != "resolved")
    return next((one for one in ours if datetime.fromisoformat(one["last_seen"]) >= began), None)


def _wait_for_webhook(call: _Call, incident_id: str, began: datetime, start: float, deadline: float) -> float:
    def attempts() -> list[dict[str, Any]]:
        every = call("GET", f"/api/incidents/{incident_id}")["notifications"]
        return [one for one in every if one["channel"] == "webhook" and datetime.fromisoformat(one["at"]) >= began]

    if _wait(lambda: any(one["outcome"] == "delivered" for one in attempts()) or None, deadline):
        return time.monotonic() - start
    failed = next((one["reason"] for one in reversed(attempts()) if one["reason"]), "no attempt was made")
    raise SelftestFailed("webhook", f"not delivered: {failed}", "Check WEBHOOK_URL and its receiver")


def _wait(look: Callable[[], T | None], deadline: float) -> T | None:
    while (found := look()) is None and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    return found


def _caller(settings: DetectorSettings) -> _Call:
    """Return a client of the detector's API. Standard library only: a check must start at once, and load little that can break."""
    address = f"http://{settings.address}"
    token = _token(settings)

    def call(method: str, path: str) -> Any:
        request = urllib.request.Request(address + path, method=method, headers={"Authorization": f"Bearer {token}"})  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 (our own address)
                return json.load(answer)
        except urllib.error.HTTPError as error:
            remedy = "Is ACCESS_TOKEN the detector's own?" if error.code == 401 else "Read the detector's log"
            raise SelftestFailed(
                f"DETECTOR_ADDR={settings.address}", f"{path} answered {error.code}", remedy
            ) from error
        except OSError as error:
            reason = getattr(error, "reason", error)
            raise SelftestFailed(
                f"DETECTOR_ADDR={settings.address}", f"no answer ({reason})", "Start it: barwatch up"
            ) from error

    return call


def _token(settings: DetectorSettings) -> str:
    if settings.given_token:
        return settings.given_token
    try:
        return settings.token_file.read_text("ascii").strip()
    except OSError as error:
        found = f"cannot be read ({error.strerror})"
        raise SelftestFailed(
            str(settings.token_file), found, "Start the detector first, or set ACCESS_TOKEN"
        ) from error
