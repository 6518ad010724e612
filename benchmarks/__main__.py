"""`python -m benchmarks [NAME…] [--write]`: run the measurements, print their tables, and keep them in benchmarks/RESULTS.md."""

import argparse
import asyncio
import os
import platform
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from benchmarks.table import markdown

NAMES = ("latency", "catch_up", "incidents", "labels", "reading", "uploads", "overhead")
RESULTS = Path(__file__).with_name("RESULTS.md")


def machine() -> str:
    """Return what the numbers were measured on."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        "",
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores of {model or platform.machine()}, {memory:.0f} GiB, Python {platform.python_version()}"
    )


async def measured(name: str) -> str:
    """Return one measurement as a section."""
    module = import_module(f"benchmarks.{name}")
    return f"## {name}\n\n{(module.__doc__ or '').strip()}\n\n{markdown(await module.rows())}\n"


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of {', '.join(NAMES)}; default: all")
    parser.add_argument("--write", action="store_true", help="write benchmarks/RESULTS.md")
    args = parser.parse_args()
    if unknown := set(args.names) - set(NAMES):
        parser.error(f"no measurement named {', '.join(sorted(unknown))}: there are {', '.join(NAMES)}")
    head = (
        "# Results\n\nEach row was measured beside its peer, or its limit, in one run. "
        "The machine is shared: trust ratios before seconds.\n\n"
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}. Command: `python -m benchmarks --write`\n"
    )
    sections = [head]
    print(head)
    for name in args.names or NAMES:
        sections.append(await measured(name))
        print(sections[-1], flush=True)
    if args.write:
        RESULTS.write_text("\n".join(sections), "utf-8")


asyncio.run(main())
