"""A followed path through writes, rotations, truncations and restarts: what is written is read exactly once, in order."""

import os
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import pytest

from observability.detector.signals import Position
from observability.detector.sources.tail import LINGER_S, Tail

NOW = datetime(2025, 11, 7, 19, 0, 19, tzinfo=UTC)


class Script:
    """What happens to a log, step by step, and what a reader saw."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "error.log"
        self.clock = 0.0
        self.seen: list[str] = []
        self.checkpoints: Mapping[str, Position] = {}
        self._tail = Tail(self.path, {})
        self._writer: BinaryIO | None = None

    def write(self, text: str) -> None:
        if self._writer is None:
            self._writer = self.path.open("ab", buffering=0)
        self._writer.write(text.encode())

    def reopen(self) -> None:
        if self._writer:
            self._writer.close()
        self._writer = self.path.open("ab", buffering=0)

    def rotate(self) -> None:
        """Shift the numbers as logrotate does; the writer goes on in the old file until `reopen`."""
        for number in range(30, 0, -1):
            old = self.path.with_name(f"error.log.{number}")
            if old.exists():
                old.rename(self.path.with_name(f"error.log.{number + 1}"))
        self.path.rename(self.path.with_name("error.log.1"))

    def copytruncate(self) -> None:
        shutil.copyfile(self.path, self.path.with_name("error.log.1"))
        os.truncate(self.path, 0)

    def read(self) -> list[str]:
        """Read all there is; return the new lines."""
        new: list[str] = []
        while True:
            self._tail.look(NOW, self.clock)
            new += [line.text for part in self._tail.read(NOW, self.clock) for line in part.lines]
            if not self._tail.behind:
                break
        self.checkpoints = self._tail.checkpoints()
        self.seen += new
        return new

    def restart(self) -> None:
        self._tail.close()
        self._tail = Tail(self.path, self.checkpoints)

    def close(self) -> None:
        self._tail.close()
        if self._writer:
            self._writer.close()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Script]:
    script = Script(tmp_path)
    yield script
    script.close()


def test_a_file_that_appears_later_is_read_from_its_beginning(log: Script) -> None:
    assert log.read() == []
    log.write("one\n")
    assert log.read() == ["one"]


def test_a_directory_that_appears_later(tmp_path: Path) -> None:
    log = Script(tmp_path / "later")
    assert log.read() == []
    (tmp_path / "later").mkdir()
    log.write("one\n")
    assert log.read() == ["one"]
    log.close()


def test_a_line_is_delivered_once_it_is_complete(log: Script) -> None:
    log.write("one\ntw")
    assert log.read() == ["one"]
    log.write("o\n")
    assert log.read() == ["two"]


def test_the_rotated_file_is_finished_before_the_new_one(log: Script) -> None:
    log.write("one\n")
    log.read()
    log.write("two\n")
    log.rotate()
    log.reopen()
    log.write("three\n")
    assert log.read() == ["two", "three"]


def test_a_writer_that_has_not_reopened_yet_is_still_heard(log: Script) -> None:
    log.write("one\n")
    log.read()
    log.rotate()
    log.path.touch()
    log.read()
    log.clock += 10 * LINGER_S
    log.read()
    log.write("late, in the old file\n")
    assert log.read() == ["late, in the old file"]
    log.reopen()
    log.write("new\n")
    assert log.read() == ["new"]


def test_the_last_line_of_a_rotated_file_may_lack_its_line_break(log: Script) -> None:
    log.write("one\ntwo")
    log.read()
    log.rotate()
    log.reopen()
    log.write("three\n")
    assert log.read() == ["three"]
    log.clock += LINGER_S
    assert log.read() == ["two"]


def test_a_removed_file_is_finished_and_its_successor_read(log: Script) -> None:
    log.write("one\n")
    log.read()
    log.write("two\n")
    log.path.unlink()
    log.reopen()
    log.write("three\n")
    assert log.read() == ["two", "three"]


def test_truncation_starts_again(log: Script) -> None:
    log.write("a long first line\n")
    log.read()
    os.truncate(log.path, 0)
    log.write("short\n")
    assert log.read() == ["short"]


def test_truncation_is_seen_even_when_the_file_grew_past_the_old_end(log: Script) -> None:
    log.write("one\n")
    log.read()
    os.truncate(log.path, 0)
    log.write("longer than what stood there before\nand more\n")
    assert log.read() == ["longer than what stood there before", "and more"]


def test_truncation_delivers_the_unfinished_line_that_it_cut_off(log: Script) -> None:
    log.write("one\ntw")
    log.read()
    os.truncate(log.path, 0)
    assert log.read() == ["tw"]
    log.write("three\n")
    assert log.read() == ["three"]


def test_copytruncate_loses_nothing_that_stands_in_the_copy(log: Script) -> None:
    log.write("one\ntw")
    log.read()
    log.write("o\nthree\n")
    log.copytruncate()
    log.write("four\n")
    assert log.read() == ["two", "three", "four"]


def test_a_restart_continues_exactly(log: Script) -> None:
    log.write("one\ntwo, unfin")
    log.read()
    log.restart()
    log.write("ished\nthree\n")
    assert log.read() == ["two, unfinished", "three"]


def test_a_restart_before_the_file_exists_keeps_the_checkpoint(log: Script) -> None:
    log.write("one\n")
    log.read()
    log.path.rename(log.path.with_name("elsewhere"))
    log.restart()
    log.read()
    log.path.with_name("elsewhere").rename(log.path)
    log.restart()
    log.write("two\n")
    assert log.read() == ["two"]


def test_a_restart_finishes_what_was_rotated_meanwhile_first(log: Script) -> None:
    log.write("one\n")
    log.read()
    log.write("two\n")
    for text in ("three\n", "four\n"):
        log.rotate()
        log.reopen()
        log.write(text)
    log.restart()
    assert log.read() == ["two", "three", "four"]


def test_a_restart_after_copytruncate_reads_the_copy_on(log: Script) -> None:
    log.write("one\n")
    log.read()
    log.write("two\n")
    log.copytruncate()
    log.restart()
    assert log.read() == ["two"]
    log.write("three\n")
    assert log.read() == ["three"]


def test_a_restart_when_the_rotated_file_is_gone_starts_with_the_new_one(log: Script) -> None:
    log.write("one\n")
    log.read()
    log.rotate()
    log.reopen()
    log.path.with_name("error.log.1").unlink()
    log.write("two\n")
    log.restart()
    assert log.read() == ["two"]


def test_a_restart_while_the_old_file_is_still_written_to(log: Script) -> None:
    log.write("one\n")
    log.read()
    log.rotate()
    log.path.write_text("new\n")
    assert log.read() == ["new"]
    log.write("late\n")
    log.restart()
    assert log.read() == ["late"]


def test_memory_is_bounded_while_catching_up(log: Script) -> None:
    log.write("".join(f"{number} {'x' * 1000}\n" for number in range(3000)))
    log.read()
    assert [int(line.split()[0]) for line in log.seen] == list(range(3000))


def test_what_is_not_a_regular_file_is_waited_out(log: Script) -> None:
    log.path.mkdir()
    assert log.read() == []
    log.path.rmdir()
    log.write("one\n")
    assert log.read() == ["one"]


def test_a_new_file_with_the_inode_of_a_removed_one_is_read_once(log: Script) -> None:
    """A file system hands out the inode of a removed file again: the old checkpoint must not open the new file."""
    log.write("one\n")
    log.read()
    log.rotate()
    log.reopen()
    log.write("two\n")
    log.rotate()
    log.reopen()
    reused = log.path.with_name("error.log.1").stat().st_ino
    log.checkpoints = {f"{log.path}#{reused}": Position(reused, 0, 1), **log.checkpoints}
    log.restart()
    log.read()
    assert log.seen == ["one", "two"]
