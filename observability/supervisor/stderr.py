"""The stderr that a child and its workers share: entries, each with the process that wrote it.

A socket pair instead of a pipe, as systemd does: the kernel says with each piece who wrote it (unix(7), SO_PASSCRED). A worker that
crashes leaves its dump here too, and without that it would look like a dump of the backend. The price: a shell cannot
open /dev/stderr by name, `>&2` works.
"""

import socket
import struct
from collections.abc import Iterator
from typing import Final

from observability.supervisor.output import Entry, Grouping

_PIECE_BYTES: Final = 64 * 1024
_PIECES_IN_A_ROW: Final = 64  # a child that never stops writing must not keep us from its death
_UCRED: Final = struct.Struct("=iII")  # unix(7): pid, uid, gid
Written = tuple[int, Entry]  # pid of the writer; 0: out of our sight


class Stderr:
    """One child's stderr, from its start to its end."""

    def __init__(self) -> None:
        """Open both ends. Raises OSError."""
        self._ours, self._theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._ours.setblocking(False)
        self._groups: dict[int, Grouping] = {}
        self.is_open = True

    @property
    def for_child(self) -> int:
        """The descriptor that the child writes to."""
        return self._theirs.fileno()

    def fileno(self) -> int:
        """The descriptor to wait for."""
        return self._ours.fileno()

    def started(self) -> None:
        """Leave the writing end to the child."""
        self._theirs.close()

    def due(self) -> float | None:
        """Return when the first burst is over."""
        return min((group.due for group in self._groups.values() if group.due is not None), default=None)

    def read(self, now: float) -> Iterator[Written]:
        """Yield what is complete. Never blocks."""
        for _ in range(_PIECES_IN_A_ROW):
            if not self.is_open:
                return
            try:
                data, control, _, _ = self._ours.recvmsg(_PIECE_BYTES, socket.CMSG_SPACE(_UCRED.size))
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                data, control = b"", []
            if not data:
                self.is_open = False
                return
            pid = _writer(control)
            yield from ((pid, entry) for entry in self._groups.setdefault(pid, Grouping()).feed(data, now))

    def over(self, now: float) -> Iterator[Written]:
        """Yield the bursts that are over."""
        for pid in [pid for pid, group in self._groups.items() if group.due is None or now >= group.due]:
            yield from ((pid, entry) for entry in self._groups.pop(pid).flush())

    def rest(self) -> Iterator[Written]:
        """Yield all that was held back: the child is dead."""
        return self.over(float("inf"))

    def close(self) -> None:
        self._ours.close()
        self._theirs.close()
        self.is_open = False


def _writer(control: list[tuple[int, int, bytes]]) -> int:
    for level, kind, data in control:
        if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
            return int(_UCRED.unpack_from(data)[0])
    return 0
