"""Law: whatever is done to a log and whenever the reader restarts, each written line is read once, in the order of its file."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from observability.detector.sources.tail import LINGER_S
from tests.unit.observability.detector.sources.test_tail import Script


class LogMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.log = Script(self.directory)
        self.written: list[str] = []
        self.half_open = False
        self.log.reopen()
        self.log.read()  # what was rotated before the first look is history

    @rule(lines=st.integers(1, 3), size=st.sampled_from([0, 5, 70, 3000]))
    def write(self, lines: int, size: int) -> None:
        for _ in range(lines):
            text = f"line {len(self.written)} {'x' * size}"
            self.log.write(f"{text}\n")
            if self.half_open:
                text = f"half {text}"
                self.half_open = False
            self.written.append(text)

    @precondition(lambda self: not self.half_open)
    @rule()
    def write_half_a_line(self) -> None:
        self.log.write("half ")
        self.half_open = True

    @precondition(lambda self: self.log.path.exists() and not self.half_open)
    @rule()
    def rotate(self) -> None:
        self.log.rotate()
        self.log.reopen()

    @precondition(lambda self: self.log.path.exists() and not self.half_open)
    @rule()
    def rotate_and_write_on_for_a_while(self) -> None:
        self.log.read()
        self.log.rotate()
        self.log.path.touch()
        self.log.read()
        self.write(1, 5)
        self.log.read()
        self.log.reopen()

    @precondition(lambda self: not self.half_open)
    @rule()
    def copytruncate(self) -> None:
        self.log.read()
        for old in self.directory.glob("error.log.*"):
            old.unlink()  # one rotation scheme at a time
        self.log.reopen()
        self.write(1, 5)
        self.log.read()  # nothing read yet, nothing to tell a truncation by
        self.write(1, 70)
        self.log.copytruncate()
        self.log.read()

    @rule()
    def read(self) -> None:
        self.log.read()

    @rule()
    def restart(self) -> None:
        self.log.restart()

    @rule()
    def wait(self) -> None:
        self.log.clock += LINGER_S

    def teardown(self) -> None:
        self.log.read()
        self.log.close()
        shutil.rmtree(self.directory)
        assert self.log.seen == self.written


LogMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestLogMachine = LogMachine.TestCase
