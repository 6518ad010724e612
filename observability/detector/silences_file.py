"""The silences file, read again when it changes. A bad one says what is wrong, and the last good one stays in force."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from observability.detector.lifecycle import Silence, Silences
from observability.detector.silences_text import BadSilences, Wrong, silences_of
from observability.logs import get_logger

_MAX_BYTES = 1_000_000
_log = get_logger()
_Stamp = tuple[int, int, int]


class SilencesFile:
    """Without a path there are no silences."""

    def __init__(self, path: Path | None, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._clock = clock
        self._stamp: _Stamp | None = None
        self._silences = Silences()
        self.wrong: tuple[Wrong, ...] = ()

    def current(self) -> Silences:
        """Return what is in force: the same object until the file has changed."""
        if self._path is None:
            return self._silences
        try:
            found = self._path.stat()
            stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
            if stamp != self._stamp:
                self._stamp = stamp
                self._read(self._path)
        except OSError as error:
            if self._stamp != (0, 0, 0):
                self._stamp = (0, 0, 0)  # said once
                self._refuse(
                    (Wrong(0, f"it cannot be read ({error.strerror})", "Put it there, or unset SILENCES_FILE"),)
                )
        return self._silences

    def _read(self, path: Path) -> None:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
        try:
            if len(raw) > _MAX_BYTES:
                raise BadSilences((Wrong(1, "it is larger than 1 MB", "Delete the entries that are over"),))
            self._silences = Silences(silences_of(raw.decode("utf-8")))
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            self._refuse((Wrong(line, "it is not UTF-8", "Save it as UTF-8"),))
        except BadSilences as bad:
            self._refuse(bad.wrong)
        else:
            self.wrong = ()
            _log.info("detector.silences.loaded", file=str(path), count=len(self._silences.entries))
            self._report_expired()

    def _refuse(self, wrong: tuple[Wrong, ...]) -> None:
        self.wrong = wrong
        in_force = len(self._silences.entries)
        for one in wrong:
            _log.error("detector.silences.bad", file=str(self._path), line=one.line, found=one.found, remedy=one.remedy,
                       still_in_force=in_force)  # fmt: skip

    def _report_expired(self) -> None:
        for one in self._silences.entries:
            if one.standing(self._clock()) == "expired":
                _log.warning("detector.silence.expired", file=str(self._path), line=one.line, author=one.author,
                             reason=one.reason, remedy="Delete it from the file")  # fmt: skip

    def shown(self) -> Mapping[str, Any]:
        """Return the file as the API shows it: what is wrong with it, and how each entry stands."""
        now, silences = self._clock(), self.current()
        return {
            "file": str(self._path) if self._path else None,
            "wrong": [{"line": one.line, "found": one.found, "remedy": one.remedy} for one in self.wrong],
            "silences": [_shown(one, now) for one in silences.entries],
        }


def _shown(silence: Silence, now: datetime) -> Mapping[str, Any]:
    weekly = silence.weekly
    return {
        "line": silence.line,
        "standing": silence.standing(now),
        "reason": silence.reason,
        "author": silence.author,
        "match": dict(silence.patterns),
        "from": silence.since,
        "until": silence.until,
        "weekly": weekly and {"from": f"{weekly.start:%H:%M}", "until": f"{weekly.end:%H:%M}", "zone": weekly.zone.key,
                              "days": sorted(weekly.days)},
        "ends": silence.ends(now),
    }  # fmt: skip
