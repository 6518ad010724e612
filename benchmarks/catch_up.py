"""Catching up after an outage: 350 MB of access and error log with 22 killed backends, from the files to the stored incidents.

Seconds are of CPU, on one core. mtail counts three patterns in one-shot mode; ripgrep counts the lines with the same needles and
does nothing with them, which is the limit. Memory: a minute of generated traffic of which each line is parsed, and 50 million lines
that are followed as a backlog is.
"""

import asyncio
import json
import resource
import sys
import tempfile
from pathlib import Path

from benchmarks.table import Row
from benchmarks.traffic import write_logs

TOTAL_BYTES = 350_000_000
PER_SECOND, CRASH_EACH = 300, 30_000
NEEDLES = (
    *('"status":5', '"status":499', '"status":413', '"status":408', "[error] ", "[crit] ", "[alert] ", "[emerg] "),
    *('"level":"error"', '"exception', '"process.', "interrupted"),
)
MTAIL_PROGRAM = r"""counter unwell by status
counter errors
counter died
/"status":(?P<status>5\d\d|499|413|408),/ {
  unwell[$status]++
}
/\[(?:error|crit|alert|emerg)\] / {
  errors++
}
/"event":"process\.exited"/ {
  died++
}
"""


async def cpu_of(*command: str, cwd: Path) -> tuple[float, bytes]:
    """Return the seconds of CPU of a command, and what it wrote. Raises RuntimeError if it failed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    written, complained = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {complained[-500:]!r}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, written


async def ours(name: str, *arguments: str) -> dict[str, float]:
    """Return what a process of ours measured of itself."""
    _, written = await cpu_of(sys.executable, "-m", f"benchmarks.{name}", *arguments, cwd=Path.cwd())
    measured: dict[str, float] = json.loads(written)
    return measured


async def rows() -> list[Row]:
    """Measure all in one run, over the same files."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        write_logs(directory, TOTAL_BYTES, PER_SECOND, CRASH_EACH)
        logs = [str(directory / log) for log in ("access.log", "error.log", "backend.log")]
        (directory / "three.mtail").write_text(MTAIL_PROGRAM)
        caught = await ours("catch_up_process", name)
        needles = [word for needle in NEEDLES for word in ("-e", needle)]
        ripgrep, _ = await cpu_of("rg", "--no-config", "-j1", "-F", "-c", *needles, *logs, cwd=directory)
        programs = ("--progs", "three.mtail", "--logs", ",".join(logs))
        mtail, _ = await cpu_of("mtail", "--one_shot", "--logtostderr", *programs, cwd=directory)
    replayed, day = await ours("replay_process"), await ours("day_process")
    cpu_s = caught["cpu_s"]
    what = f"catch up on {TOTAL_BYTES / 1e6:.0f} MB, one core"
    took = f"{cpu_s:.2f} s, {TOTAL_BYTES / 1e6 / cpu_s:,.0f} MB/s"
    return [
        Row(what, took, f"mtail: {mtail:.2f} s", f"{mtail / cpu_s:.1f}", "≥ 20", mtail / cpu_s >= 20),
        Row(what, took, f"ripgrep: {ripgrep:.2f} s", f"{cpu_s / ripgrep:.2f}", "≤ 2", cpu_s / ripgrep <= 2),
        _memory("memory at its peak meanwhile", caught["rss_mb"]),
        *_weight("each parsed", replayed),
        *_weight("caught up on", day),
    ]


def _memory(what: str, megabytes: float) -> Row:
    return Row(what, f"{megabytes:.0f} MB", "limit: 100 MB", f"{megabytes / 100:.2f}", "≤ 100 MB", megabytes <= 100)


def _weight(how: str, measured: dict[str, float]) -> tuple[Row, Row]:
    """Return the rows of the memory after so many lines, and of its growth over the later half."""
    growth = measured["growth_mb"]
    what = f"growth over the last {measured['later_lines'] / 1e6:.1f} M of them"
    return (
        _memory(f"memory after {measured['lines'] / 1e6:.1f} M lines, {how}", measured["rss_mb"]),
        Row(what, f"{growth:+.2f} MB", "flat", "–", "≤ 1 MB", growth <= 1),
    )
