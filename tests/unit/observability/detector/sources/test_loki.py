"""Loki as a source: from the checkpoint on, gaps and drops filled by query, an entry once however often it is shown."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from observability.detector.signals import Position
from observability.detector.sources import Batch
from observability.detector.sources.loki import LokiSource, follow_loki
from observability.detector.sources.loki import follow as module
from observability.detector.sources.loki.client import LokiClient, LokiUnavailable
from observability.detector.sources.loki.entries import Streams, entries_of, selector_of
from tests import loki as stand_in
from tests.loki import Loki, matches

NGINX, BACKEND = {"service": "nginx", "stream": "error"}, {"service": "backend", "stream": "stdout"}
QUERY = '{service=~"nginx|backend"}'
SHARED = Path(os.environ.get("BARWATCH_SHARED", Path(__file__).parents[6] / "shared")) / "recordings/loki"


@pytest.fixture
async def server() -> AsyncIterator[Loki]:
    async with stand_in.loki() as running:
        yield running


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WAITS_S", (0.01,))


class Reader:
    """Reads until told, and remembers what a commit would have kept."""

    def __init__(self, server: Loki, checkpoints: Mapping[str, Position] | None = None, query: str = QUERY) -> None:
        self._source = LokiSource(server.url, query, server.tenant, server.token)
        self.checkpoints = dict(checkpoints or {})
        self.texts: list[str] = []
        self._server = server

    async def until(self, *texts: str, then: int = 2) -> "Reader":
        """Read until the last of these was read (and some ticks more), and hold that all were: once, and in order."""
        async with aiohttp.ClientSession() as session:
            batches = follow_loki(session, self._source, self.checkpoints, 0.01, clock=lambda: datetime.now(UTC))
            async with aclosing(batches), asyncio.timeout(10):
                left = then
                async for batch in batches:
                    self._take(batch)
                    left -= len(self.texts) >= len(texts) and not batch.lines
                    if left < 0:
                        break
        assert self.texts == list(texts)
        return self

    def _take(self, batch: Batch) -> None:
        self.texts += [line.text for line in batch.lines]
        self.checkpoints = dict(batch.checkpoints)


async def connected(server: Loki) -> None:
    """Wait until somebody tails."""
    async with asyncio.timeout(5):
        while not server.tails:
            await asyncio.sleep(0.005)
    await asyncio.sleep(0.03)


async def test_entries_come_as_they_are_pushed(server: Loki) -> None:
    reading = asyncio.create_task(Reader(server).until("one", "two", "three"))
    await connected(server)
    await server.push(NGINX, "one")
    await server.push(BACKEND, "two", metadata={"request_id": "4f1c"})
    await server.push(NGINX, "three")
    reader = await reading
    assert sorted(reader.checkpoints) == [
        'loki:{service="backend", service_name="backend", stream="stdout"}',
        'loki:{service="nginx", service_name="nginx", stream="error"}',
    ]


async def test_after_a_restart_it_goes_on_where_it_was(server: Loki) -> None:
    reading = asyncio.create_task(Reader(server).until("one", "two"))
    await connected(server)
    await server.push(NGINX, "one", "two")
    reader = await reading
    await server.push(NGINX, "three", "four")
    await server.push(BACKEND, "five", metadata={"trace_id": "4bf9"})
    again = Reader(server, reader.checkpoints)
    await again.until("three", "four", "five")


async def test_of_entries_at_one_moment_the_rest_comes_after_a_restart(server: Loki) -> None:
    reading = asyncio.create_task(Reader(server).until("one", "two"))
    await connected(server)
    moment = await server.push(NGINX, "one", "two")
    reader = await reading
    await server.push(NGINX, "three", at_ns=moment)
    await Reader(server, reader.checkpoints).until("three")


async def test_a_restart_of_loki_loses_nothing_and_repeats_nothing(server: Loki) -> None:
    reading = asyncio.create_task(Reader(server).until("one", "two", "three"))
    await connected(server)
    await server.push(NGINX, "one")
    await asyncio.sleep(0.05)
    await server.stop()
    await server.push(NGINX, "two")
    await asyncio.sleep(0.05)
    await server.start()
    await connected(server)
    await server.push(NGINX, "three")
    await reading


async def test_what_the_tail_had_no_room_for_is_fetched(server: Loki) -> None:
    reading = asyncio.create_task(Reader(server).until("three", "one", "two"))
    await connected(server)
    server.to_drop = 2
    await server.push(NGINX, "one", "two", "three")
    await reading


async def test_a_late_entry_is_new_and_moves_no_checkpoint_back(server: Loki) -> None:
    reading = asyncio.create_task(Reader(server).until("one", "late"))
    await connected(server)
    moment = await server.push(NGINX, "one")
    await server.push(NGINX, "late", at_ns=moment - 3_600 * 10**9)
    reader = await reading
    assert [position.offset for position in reader.checkpoints.values()] == [moment]


async def test_a_stream_that_lags_behind_another_is_read_from_where_it_was(server: Loki) -> None:
    reading = asyncio.create_task(Reader(server).until("slow 1", "quick 1"))
    await connected(server)
    moment = await server.push(BACKEND, "slow 1")
    await server.push(NGINX, "quick 1")
    reader = await reading
    await server.push(BACKEND, "slow 2", at_ns=moment + 1)
    await Reader(server, reader.checkpoints).until("slow 2")


async def test_a_gap_is_read_in_pages(server: Loki, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = asyncio.create_task(Reader(server).until("0"))
    await connected(server)
    moment = await server.push(NGINX, "0")
    reader = await reading
    monkeypatch.setattr("observability.detector.sources.loki.client.PAGE", 7)
    for number in range(1, 40):
        await server.push(NGINX, str(number), at_ns=moment + number // 3)
    await Reader(server, reader.checkpoints).until(*map(str, range(1, 40)))


async def test_tenant_and_token_are_sent() -> None:
    async with stand_in.loki(tenant="edge", token="secret-1") as server:
        reading = asyncio.create_task(Reader(server).until("one"))
        await connected(server)
        await server.push(NGINX, "one")
        await reading
        assert {path for path, _, _ in server.requests} >= {"/loki/api/v1/tail", "/loki/api/v1/query_range"}


async def test_a_bad_query_is_said_in_lokis_words(server: Loki) -> None:
    async with aiohttp.ClientSession() as session:
        client = LokiClient(session, LokiSource(server.url, "{service="))
        with pytest.raises(LokiUnavailable, match="parse error at line 1"):
            async for _ in client.span(0, 1):
                pass
        with pytest.raises(LokiUnavailable, match="400"):
            async with client.tail(0):
                pass


SELECTORS = {
    '{a="b"}': '{a="b"}',
    '{a="b"} |= "x}"': '{a="b"}',
    '{a="}"} | json': '{a="}"}',
    '{a="\\"}"}': '{a="\\"}"}',
    "{a=": "{a=",
}


@pytest.mark.parametrize(("query", "selector"), SELECTORS.items(), ids=SELECTORS)
def test_selector_of(query: str, selector: str) -> None:
    assert selector_of(query) == selector


if SHARED.is_dir():

    def test_recorded_frames_and_answers_are_the_same_entries() -> None:
        """A replayed frame, a live one and an answer differ in their labels; each entry is new once."""
        http = json.loads((SHARED / "http.json").read_text())
        series = next(x["response"]["body"]["data"] for x in http if x["request"]["path"].endswith("/series"))
        tails = {tail["name"]: tail for tail in json.loads((SHARED / "tail.json").read_text())}
        streams = Streams({})
        streams.learn([*series, {"service": "backend", "service_name": "backend", "stream": "stdout"}])
        frames = [frame["data"] for name in ("live", "filtered") for frame in tails[name]["frames"]]
        texts = [text for frame in frames for _, _, text in streams.tail(entries_of(frame["streams"]))]
        answers = [
            x["response"]["body"]["data"]["result"]
            for x in http
            if x["request"]["path"].endswith("query_range") and x["response"]["status"] == 200
        ]
        again = [text for answer in answers for _, _, text in streams.fill(entries_of(answer))]
        assert len(texts) == 9
        assert again == []

    async def test_the_stand_in_answers_as_the_recorded_loki_did(server: Loki) -> None:
        http = json.loads((SHARED / "http.json").read_text())
        refused = next(x for x in http if x["request"]["params"] == {"query": "{service="})
        async with aiohttp.ClientSession() as session:
            url = server.url + refused["request"]["path"]
            async with session.get(url, params=refused["request"]["params"]) as answer:
                assert (answer.status, await answer.text()) == (400, refused["response"]["body"])
            for push in (x for x in http if x["request"]["path"].endswith("/push") and x["request"]["json"]):
                async with session.post(server.url + push["request"]["path"], json=push["request"]["json"]) as answer:
                    assert answer.status == push["response"]["status"]
        asked = next(x for x in http if "|=" in str(x["request"]["params"]))
        (result,) = asked["response"]["body"]["data"]["result"]
        (stored,) = [
            e
            for e in server.entries
            if matches(asked["request"]["params"]["query"], e.labels, e.line) and str(e.at_ns) == result["values"][0][0]
        ]
        assert stored.shown() == result["stream"]
