"""Faults at random against the real chain with traffic all the time: `make soak`, and for twenty seconds in CI.

python -m tests.e2e.soak --seconds 600 --seed 7
"""

import argparse
import asyncio
import random
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp

from observability.detector.incidents import CauseCode
from tests.e2e.chain import Chain, chain, until
from tests.e2e.fault_actions import FAULTY, Action, Hurt, failing, killing, well
from tests.e2e.soak_vitals import Vitals, vitals_of

_MIB: Final = 1024 * 1024
# Two deaths within ten seconds have the same victims.
_AFTER_DEATH_S: Final = 11.0
_TRAFFIC_EVERY_S: Final = 0.05
_GROWTH_BYTES: Final = 24 * _MIB
_WARM: Final = 5  # faults after which nothing may grow any more: all channels have their connections
_OPEN_FILES: Final = 6  # connections of the moment come and go


@dataclass(frozen=True, slots=True)
class Kind:
    """A fault that may be chosen, and what must come of it."""

    name: str
    do: Action
    cause: CauseCode
    deadly: bool = False


def _raising(fault: str, cause: CauseCode) -> Kind:
    return Kind(fault, failing(fault), cause)


KINDS: Final = (
    _raising("bug", "programming_error"),
    _raising("group_of_errors", "programming_error"),
    _raising("read_a_missing_file", "path_not_found"),
    _raising("import_a_missing_module", "import_error"),
    _raising("use_a_missing_variable", "missing_env"),
    _raising("fill_the_disk", "disk_full"),
    _raising("ask_a_service_that_refuses", "network"),
    _raising("take_more_memory_than_there_is", "out_of_memory"),
    Kind("SIGKILL", killing(signal.SIGKILL), "killed", deadly=True),
    Kind("SIGSEGV", killing(signal.SIGSEGV), "segfault", deadly=True),
    Kind("os._exit", failing("leave"), "other", deadly=True),
)


@dataclass(slots=True)
class Tally:
    """What was done and what was wrong with what came of it."""

    seed: int
    done: Counter[str] = field(default_factory=Counter)
    uploads: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    vitals: list[Vitals] = field(default_factory=list)
    incidents: int = 0
    pages: int = 0

    def lines(self) -> list[str]:
        """Return the summary."""
        first, last = self.vitals[0], self.vitals[-1]
        faults = ", ".join(f"{name} {count}" for name, count in sorted(self.done.items()))
        return [
            f"seed {self.seed}: {self.done.total()} faults ({faults})",
            f"{self.uploads.total()} other uploads ({dict(sorted(self.uploads.items()))})",
            f"{self.incidents} incidents, {self.pages} notifications delivered",
            *(
                f"{name}: {first.rss[name] // _MIB} → {last.rss[name] // _MIB} MiB, {first.files[name]} → {last.files[name]} files"
                for name in first.rss
            ),
            *(self.wrong or ["all as it should be"]),
        ]


async def soak(state: Path, seconds: float, seed: int) -> Tally:
    """Run for about that long, and return what happened."""
    tally, chance = Tally(seed), random.Random(seed)
    calm = {"STORM_AFTER": "0"}  # in a storm one page speaks of many incidents: here each is to be told by itself
    async with chain(
        state, FAULTY, options=("--max-quick-deaths", "1000"), read_timeout_s=5, extra_env=calm
    ) as running:
        clock = asyncio.get_running_loop().time
        ends, free_at = clock() + seconds, 0.0
        async with traffic(running, tally):
            while clock() < ends:
                kind = chance.choice(KINDS)
                if kind.deadly and clock() < free_at:
                    kind = chance.choice([other for other in KINDS if not other.deadly])
                await one(running, kind, tally)
                free_at = clock() + _AFTER_DEATH_S if kind.deadly else free_at
                if tally.done.total() == _WARM:
                    tally.vitals.append(vitals_of(running.pids))
                await asyncio.sleep(chance.uniform(0.3, 1.5))
        await judge(running, tally)
    return tally


async def one(running: Chain, kind: Kind, tally: Tally) -> None:
    """Do it, and see that its request is in one incident of the right cause before anything else is done."""
    hurt = await kind.do(running)
    tally.done[kind.name] += 1
    try:
        await until(lambda: _known(running, hurt, kind), f"{kind.name} of {hurt.request_id} to be known", 15.0)
    except AssertionError as error:
        found = [(i["cause"]["code"], i["request_ids"]) for i in await running.incidents()]
        tally.wrong.append(f"{error}; there are {[(c, hurt.request_id in ids) for c, ids in found]}")
    if kind.deadly:
        await until(lambda: _answers(running), "the backend to answer again")


async def _known(running: Chain, hurt: Hurt, kind: Kind) -> bool:
    with_it = [i for i in await running.incidents() if hurt.request_id in i["request_ids"]]
    return [i["cause"]["code"] for i in with_it] == [kind.cause]


async def _answers(running: Chain) -> bool:
    return (await well(running)).status == 200


@asynccontextmanager
async def traffic(running: Chain, tally: Tally) -> AsyncIterator[None]:
    """Upload well, all the time. What is lost to a death is one of its victims."""

    async def keep_on() -> None:
        while True:
            try:
                tally.uploads[(await well(running)).status or 0] += 1
            except aiohttp.ClientError:
                tally.uploads[0] += 1
            await asyncio.sleep(_TRAFFIC_EVERY_S)

    task = asyncio.create_task(keep_on())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def judge(running: Chain, tally: Tally) -> None:
    """Hold the whole against what was done: each fault once, nothing else, every page delivered, nothing grown."""
    await asyncio.sleep(3.0)
    tally.vitals.append(vitals_of(running.pids))
    found = await running.incidents()
    tally.incidents, tally.pages = len(found), len(running.pages)
    counted: Counter[str] = Counter()
    for incident in found:
        counted[incident["cause"]["code"]] += incident["occurrences"]
    wanted: Counter[str] = Counter()
    for kind in KINDS:
        wanted[kind.cause] += tally.done[kind.name]
    if counted != +wanted:
        tally.wrong.append(f"occurrences by cause: {dict(counted)}, and there were {dict(+wanted)}")
        tally.wrong += [
            _told(incident)
            for incident in found
            if counted[incident["cause"]["code"]] != wanted[incident["cause"]["code"]]
        ]
    told = {page["incident"]["id"] for page in running.pages}
    tally.wrong += [f"nobody was told of {i['title']}" for i in found if i["id"] not in told]
    tally.wrong += [f"not delivered: {_undelivered(i)}" for i in found if _undelivered(i)]
    tally.wrong += _grown(tally.vitals[0], tally.vitals[-1])


def _told(incident: dict[str, Any]) -> str:
    pieces = "; ".join(f"{e['kind']} {e['at']} {e['joined_by']}" for e in incident["evidence"])
    return f"{incident['title']} ({incident['occurrences']}): {pieces}"


def _undelivered(incident: dict[str, Any]) -> list[dict[str, Any]]:
    return [attempt for attempt in incident["notifications"] if attempt["outcome"] != "delivered"]


def _grown(first: Vitals, last: Vitals) -> list[str]:
    rss = [
        f"{name} grew by {(last.rss[name] - first.rss[name]) // _MIB} MiB"
        for name in first.rss
        if last.rss[name] - first.rss[name] > _GROWTH_BYTES
    ]
    files = [
        f"{name} has {last.files[name]} files open, and had {first.files[name]}"
        for name in first.files
        if last.files[name] - first.files[name] > _OPEN_FILES
    ]
    return rss + files


def main() -> int:
    """Run it and print the summary. Returns 1 where something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as state:
        tally = asyncio.run(soak(Path(state), args.seconds, args.seed))
    sys.stdout.write("\n".join(tally.lines()) + "\n")
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
