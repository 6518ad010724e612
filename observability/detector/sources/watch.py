"""Wakes on changes in directories: inotify where it reaches, a tick where it does not (a network, a directory to come)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from asyncinotify import Inotify, Mask, Watch

from observability.logs import get_logger

_CHANGES = Mask.MODIFY | Mask.CREATE | Mask.MOVED_TO | Mask.MOVED_FROM | Mask.DELETE | Mask.DELETE_SELF | Mask.MOVE_SELF

_log = get_logger()


class Changes:
    """Something changed in one of the directories since the last wait, or nothing did for a tick."""

    def __init__(self, inotify: Inotify | None, directories: Iterable[Path]) -> None:
        self._inotify = inotify
        self._watches: dict[Path, tuple[int, Watch] | None] = dict.fromkeys(directories)
        self._changed = asyncio.Event()

    async def wait(self, timeout_s: float) -> None:
        """Return at the first change, at the latest after `timeout_s`."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), timeout_s)
        self._changed.clear()

    def also(self, directories: Iterable[Path]) -> None:
        """Watch these, too."""
        for directory in directories:
            self._watches.setdefault(directory, None)

    def refresh(self) -> None:
        """Watch directories that appeared, or that stand where another was before."""
        if self._inotify is None:
            return
        alive = set(self._inotify.watches)
        for directory, held in self._watches.items():
            file_id = _inode(directory)
            if file_id is None or (held and held[0] == file_id and held[1] in alive):
                continue
            with contextlib.suppress(OSError):  # gone again, or no more watches to be had: the tick reads it
                self._watches[directory] = (file_id, self._inotify.add_watch(directory, _CHANGES))

    async def listen(self, inotify: Inotify) -> None:
        """Turn events into wakes until cancelled."""
        async for _ in inotify:
            self._changed.set()


@contextlib.asynccontextmanager
async def watch(directories: Iterable[Path]) -> AsyncIterator[Changes]:
    """Watch directories, also those that do not exist yet. Where the kernel gives no inotify the tick alone wakes us."""
    with contextlib.ExitStack() as opened:
        try:
            inotify = opened.enter_context(Inotify())
        except OSError as error:  # fs.inotify.max_user_instances is 128, and other programs of this user count
            _log.warning(
                "sources.inotify.missing", reason=str(error), remedy="sysctl fs.inotify.max_user_instances=512"
            )
            yield Changes(None, directories)
            return
        changes = Changes(inotify, directories)
        listener = asyncio.create_task(changes.listen(inotify))
        try:
            yield changes
        finally:
            listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listener


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None
