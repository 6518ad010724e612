"""Edges of an upload over real HTTP: headers, bodies, names and sizes that nobody would send, and a few that people do."""

import asyncio
import gzip
import json
import os
import zipfile
import zlib
from collections.abc import AsyncIterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from tests.e2e.backend_process import Backend, backend
from tests.held_answers import held
from tests.lists import ean, ean_list, xlsx

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]
UPLOAD, VALIDATE = "/api/barcodes/upload-excel", "/api/barcodes/validate"
LIMIT = 20_000_000
Answer = tuple[int, dict[str, Any]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Backend]:
    async with backend(tmp_path_factory.mktemp("edges")) as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(running: Backend) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(running.url, trace_configs=[held()]) as session:
        yield session


def body(*parts: tuple[str, bytes]) -> bytes:
    """Return a multipart body with the boundary `b`; the first of each part is what stands after `form-data; `."""
    made = b"".join(
        b"--b\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + content + b"\r\n"
        for head, content in parts
    )
    return made + b"--b--\r\n"


async def sent(client: aiohttp.ClientSession, data: object, path: str = UPLOAD, **headers: str) -> Answer:
    """Return status and answer of a body with the boundary `b`."""
    given = {"Content-Type": "multipart/form-data; boundary=b", **headers}
    async with client.post(path, data=data, headers=given) as answer:
        return answer.status, await answer.json()


FILE = 'name="file"; filename="list.xlsx"'
OPTIONS = 'name="options"'
GOOD, PNG = ean_list(1), b"\x89PNG\r\n\x1a\n" + b"\0" * 50


async def posted(client: aiohttp.ClientSession, content: bytes = GOOD, path: str = UPLOAD, **headers: str) -> Answer:
    return await sent(client, body((FILE, content)), path, **headers)


# Prefer (RFC 7240)

PREFER: dict[str, tuple[str, bool]] = {
    "seconds": ("wait=30", True),
    "more seconds than we wait": ("wait=86400", True),
    "seconds without end": ("wait=" + "9" * 5_000, True),
    "beside another preference": ("respond-async, wait=30", True),
    "quoted": ('wait="30"', True),
    "blanks around the equals sign": ("wait = 30", True),
    "in capitals": ("WAIT=30", True),
    "the first that is a number": ("wait=x, wait=30", True),
    "0": ("wait=0", False),
    "negative": ("wait=-1", False),
    "a fraction": ("wait=1.5", False),
    "no number": ("wait=soon", False),
    "digits of another script": ("wait=٣٠", False),
    "no value": ("wait", False),
    "within the text of another": ('foo="wait=30"', False),
    "as the end of a word": ("nowait=30", False),
    "garbage": ('";=,,"', False),
}


@pytest.mark.parametrize(("prefer", "waits"), PREFER.values(), ids=PREFER)
async def test_prefer_waits_for_a_whole_number_of_seconds(
    client: aiohttp.ClientSession, prefer: str, waits: bool
) -> None:
    status, job = await posted(client, Prefer=prefer)
    assert (status, job["finished"] is not None) == ((200, True) if waits else (202, False))


async def test_what_was_granted_is_said(client: aiohttp.ClientSession) -> None:
    data = body((FILE, GOOD))
    for asked, granted in (("wait=86400", "wait=60"), ("wait=5", "wait=5"), ("return=minimal", None)):
        headers = {"Content-Type": "multipart/form-data; boundary=b", "Prefer": asked}
        async with client.post(UPLOAD, data=data, headers=headers) as answer:
            assert answer.headers.get("Preference-Applied") == granted
            assert answer.headers["Location"] == (await answer.json())["links"]["self"]


# What is wrong with a body, and which of two wrongs is told

BODIES: dict[str, tuple[bytes, int, str]] = {
    "no part named file": (body((OPTIONS, b"{}")), 400, "upload_incomplete"),
    "no part at all": (b"--b--\r\n", 400, "upload_incomplete"),
    "a file without bytes": (body((FILE, b"")), 400, "empty_file"),
    "a picture": (body((FILE, PNG)), 415, "not_a_spreadsheet"),
    "no last boundary": (body((FILE, GOOD))[:-9], 400, "upload_incomplete"),
    "broken off in the middle of the file": (body((FILE, GOOD))[:1_000], 400, "upload_incomplete"),
    "broken off in the head of the file": (body((FILE, GOOD))[:30], 400, "upload_incomplete"),
    "two files": (body((FILE, GOOD), (FILE, GOOD)), 400, "invalid_options"),
    "two files, the first empty": (body((FILE, b""), (FILE, GOOD)), 400, "invalid_options"),
    "options twice": (body((FILE, GOOD), (OPTIONS, b"{}"), (OPTIONS, b"{}")), 400, "invalid_options"),
    "options without end": (body((FILE, GOOD), (OPTIONS, b" " * 70_000)), 400, "invalid_options"),
    "options that are no UTF-8": (body((FILE, GOOD), (OPTIONS, b"\xff")), 400, "invalid_options"),
    "options nested without end": (body((FILE, GOOD), (OPTIONS, b"[" * 60_000)), 400, "invalid_options"),
    "half a character in the name of an option": (
        body((FILE, GOOD), (OPTIONS, b'{"layout": {"\\ud800": 1}}')),
        400,
        "invalid_options",
    ),
    "a part whose name is no text": (
        body(('name="x"', b"x" * 70_000), (FILE, GOOD)).replace(b'"x"', b'"\xff"'),
        400,
        "invalid_options",
    ),
    "a hundred parts": (body((FILE, GOOD), *[('name="x"', b"")] * 100), 400, "invalid_options"),
    "another part without end": (body(('name="x"', b"x" * 70_000), (FILE, GOOD)), 400, "invalid_options"),
    "a part within a part": (
        b'--b\r\nContent-Type: multipart/mixed; boundary=c\r\nContent-Disposition: form-data; name="file"\r\n\r\n'
        b"--c\r\n\r\nx\r\n--c--\r\n--b--\r\n",
        400,
        "upload_incomplete",
    ),
    # of several, in the order of the contract's table
    "bad options before an empty file": (body((OPTIONS, b"{"), (FILE, b"")), 400, "invalid_options"),
    "bad options after an empty file": (body((FILE, b""), (OPTIONS, b"{")), 400, "invalid_options"),
    "bad options and a picture": (body((FILE, PNG), (OPTIONS, b"{")), 400, "invalid_options"),
    "bad options and no file": (body((OPTIONS, b"{")), 400, "invalid_options"),
    "bad options before too large a file": (
        body((OPTIONS, b"{"), (FILE, b"x" * (LIMIT + 1))),
        400,
        "invalid_options",
    ),
    "good options after an empty file": (body((FILE, b""), (OPTIONS, b"{}")), 400, "empty_file"),
}


@pytest.mark.parametrize("path", [UPLOAD, VALIDATE])
@pytest.mark.parametrize(("data", "status", "code"), BODIES.values(), ids=BODIES)
async def test_a_wrong_body(client: aiohttp.ClientSession, data: bytes, status: int, code: str, path: str) -> None:
    found, problem = await sent(client, data, path)
    assert (found, problem["code"]) == (status, code)


RIGHT: dict[str, bytes] = {
    "options first": body((OPTIONS, b'{"copies": 2}'), (FILE, GOOD)),
    "options that are empty": body((FILE, GOOD), (OPTIONS, b"")),
    "parts that nobody asked for": body(('name="comment"', b"hello"), (FILE, GOOD), ('name=""', b"")),
    "a file without a name": body(('name="file"', GOOD)),
    "a preamble": b"hello\r\n" + body((FILE, GOOD)),
    "an epilogue": body((FILE, GOOD)) + b"goodbye",
}


@pytest.mark.parametrize("data", RIGHT.values(), ids=RIGHT)
async def test_a_right_body(client: aiohttp.ClientSession, data: bytes) -> None:
    status, job = await sent(client, data, Prefer="wait=30")
    assert (status, job["state"]) == (200, "succeeded")


CONTENT_TYPES = {
    "none": "",
    "JSON": "application/json",
    "a form that is no multipart": "application/x-www-form-urlencoded",
    "no boundary": "multipart/form-data",
    "a boundary that is empty": "multipart/form-data; boundary=",
    "a boundary without end": "multipart/form-data; boundary=" + "b" * 200,
    "garbage": "multipart/;;;=",
}


@pytest.mark.parametrize("content_type", CONTENT_TYPES.values(), ids=CONTENT_TYPES)
async def test_a_body_that_says_to_be_something_else(client: aiohttp.ClientSession, content_type: str) -> None:
    status, problem = await sent(client, body((FILE, GOOD)), **{"Content-Type": content_type})
    assert (status, problem["code"]) == (400, "upload_incomplete")


# Names

NAMES: dict[str, tuple[str, str]] = {
    "a path": ('filename="../../etc/passwd.xlsx"', "passwd.xlsx"),
    "a path of Windows": ('filename="C:\\\\lists\\\\a.xlsx"', "a.xlsx"),
    "an absolute path": ('filename="/etc/cron.d/a.xlsx"', "a.xlsx"),
    "dots alone": ('filename=".."', ".."),
    "a line break, escaped": ('filename="a%0D%0ASet-Cookie: x.xlsx"', "a%0D%0ASet-Cookie: x.xlsx"),
    "right to left": ('filename="a\u202excod.xlsx"', "axcod.xlsx"),
    "as RFC 5987 has it": ("filename*=UTF-8''Preisliste%20M%C3%A4rz.xlsx", "Preisliste März.xlsx"),
    "a line break as RFC 5987 has it": ("filename*=UTF-8''a%0D%0Ab.xlsx", "ab.xlsx"),
    "10,000 characters": ('filename="' + "x" * 10_000 + '"', "x" * 200),
    "another alphabet": ('filename="商品リスト.xlsx"', "商品リスト.xlsx"),
    "empty": ('filename=""', ""),
}


@pytest.mark.parametrize(("given", "kept"), NAMES.values(), ids=NAMES)
async def test_a_file_name_is_kept_as_text_alone(
    client: aiohttp.ClientSession, running: Backend, given: str, kept: str
) -> None:
    status, job = await sent(client, body((f'name="file"; {given}', GOOD)), Prefer="wait=30")
    assert (status, job["state"], job["file"]["name"]) == (200, "succeeded", kept)
    for path in ("labels_pdf", "errors_xlsx"):
        async with client.get(job["links"][path]) as answer:
            assert "\n" not in answer.headers["Content-Disposition"]
            assert answer.status == 200


async def test_a_line_break_in_the_head_of_a_part_is_refused(client: aiohttp.ClientSession) -> None:
    status, problem = await sent(client, body(('name="file"; filename="a\r\nb.xlsx"', GOOD)))
    assert (status, problem["code"]) == (400, "upload_incomplete")


# Idempotency-Key


async def test_a_key_gives_the_same_job_while_it_runs_and_after(client: aiohttp.ClientSession) -> None:
    content = ean_list(2_000, first=50_000)
    first, again = await asyncio.gather(*(posted(client, content, **{"Idempotency-Key": "flight"}) for _ in range(2)))
    status, ended = await posted(client, content, **{"Idempotency-Key": "flight", "Prefer": "wait=60"})
    assert (first[0], again[0], status) == (202, 202, 200)
    assert first[1]["id"] == again[1]["id"] == ended["id"]
    status, problem = await posted(client, ean_list(3), **{"Idempotency-Key": "flight"})
    assert (status, problem["code"]) == (422, "idempotency_mismatch")


async def test_a_key_means_the_options_too_but_not_how_they_are_written(client: aiohttp.ClientSession) -> None:
    headers = {"Idempotency-Key": "options"}
    answers = [
        await sent(client, body((FILE, GOOD), (OPTIONS, options)), **headers)
        for options in (b'{"copies": 2, "start": 3}', b'{"start":3,"copies":2}', b'{"start":3,"copies":3}')
    ]
    assert answers[0][1]["id"] == answers[1][1]["id"]
    assert (answers[2][0], answers[2][1]["code"]) == (422, "idempotency_mismatch")


async def test_without_a_key_the_same_list_twice_is_two_jobs(client: aiohttp.ClientSession) -> None:
    for key in ({}, {"Idempotency-Key": ""}, {"Idempotency-Key": "  "}):
        first, second = [await posted(client, GOOD, UPLOAD, **key) for _ in range(2)]
        assert first[1]["id"] != second[1]["id"]


KEYS: dict[str, tuple[str, int]] = {
    "255 characters": ("k" * 255, 202),
    "256 characters": ("k" * 256, 400),
    "10,000 characters": ("k" * 10_000, 400),
    "letters of any alphabet": ("bestellung-ä-7", 202),
    "quoted": ('"8e03978e-40d5-43dd-bc93-6894a57f9324"', 202),
    "SQL": ("'; DROP TABLE jobs; --", 202),
    "direction marks": ("a\u202eb", 400),
}


@pytest.mark.parametrize(("key", "status"), KEYS.values(), ids=KEYS)
async def test_a_key_is_a_short_text(client: aiohttp.ClientSession, key: str, status: int) -> None:
    found, answer = await posted(client, GOOD, UPLOAD, **{"Idempotency-Key": key})
    assert (found, answer.get("code")) == (status, None if status == 202 else "invalid_options")


async def test_a_key_that_is_no_text_is_refused(running: Backend) -> None:
    data = body((FILE, GOOD))
    status, problem = await raw(running, b"Idempotency-Key: \xff\xfe\r\n", data, len(data))
    assert (status, problem["code"]) == (400, "invalid_options")


async def raw(running: Backend, headers: bytes, data: bytes, length: int) -> Answer:
    """Send bytes as they are; return status and answer."""
    host, _, port = running.address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"POST {UPLOAD} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n".encode()
        + b"Content-Type: multipart/form-data; boundary=b\r\n" + headers + b"\r\n" + data
    )  # fmt: skip
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ")[1]), json.loads(answer.partition(b"\r\n\r\n")[2])


# Sizes


def padded(size_bytes: int) -> bytes:
    """Return a workbook of exactly that size: a picture makes it heavy, as in life."""
    buffer = BytesIO(xlsx([("EAN",), (ean(1),)]))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("xl/media/image1.png", os.urandom(size_bytes - len(buffer.getvalue()) - 1_000))
    comment = size_bytes - len(buffer.getvalue())
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = b"x" * comment
    assert len(buffer.getvalue()) == size_bytes
    return buffer.getvalue()


async def in_chunks(data: bytes) -> AsyncIterator[bytes]:
    """Yield the body without saying how long it is."""
    for start in range(0, len(data), 1_000_000):
        yield data[start : start + 1_000_000]


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
async def test_the_limit_is_the_last_size_that_is_taken(client: aiohttp.ClientSession, chunked: bool) -> None:
    data = body((FILE, padded(LIMIT)))
    status, job = await sent(client, in_chunks(data) if chunked else data, Prefer="wait=60")
    assert (status, job["state"], job["file"]["bytes"]) == (200, "succeeded", LIMIT)


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
@pytest.mark.parametrize("over", [1, 5_000_000])
async def test_one_byte_more_is_refused(client: aiohttp.ClientSession, chunked: bool, over: int) -> None:
    data = body((FILE, b"x" * (LIMIT + over)))
    status, problem = await sent(client, in_chunks(data) if chunked else data)
    assert (status, problem["code"], problem["limit"]) == (413, "file_too_large", LIMIT)


async def test_a_body_that_inflates_without_end_is_refused_soon(client: aiohttp.ClientSession) -> None:
    packer = zlib.compressobj(9, wbits=31)
    packed = packer.compress(b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n")
    packed += b"".join(packer.compress(bytes(1_000_000)) for _ in range(200)) + packer.flush()
    async with asyncio.timeout(5):
        status, problem = await sent(client, packed, **{"Content-Encoding": "gzip"})
    assert (status, problem["code"]) == (400, "invalid_options")


ENCODED: dict[str, tuple[str, bytes, int]] = {
    "gzip": ("gzip", gzip.compress(body((FILE, GOOD))), 202),
    "deflate": ("deflate", zlib.compress(body((FILE, GOOD))), 202),
    "gzip that is none": ("gzip", body((FILE, GOOD)), 400),
    "gzip that is damaged": ("gzip", gzip.compress(body((FILE, GOOD)))[:100] + bytes(1_000), 400),
}


@pytest.mark.parametrize(("encoding", "data", "status"), ENCODED.values(), ids=ENCODED)
async def test_a_body_may_be_packed(running: Backend, encoding: str, data: bytes, status: int) -> None:
    found, answer = await raw(running, f"Content-Encoding: {encoding}\r\n".encode(), data, len(data))
    assert (found, answer.get("code")) == (status, None if status == 202 else "upload_incomplete")


# What stays behind


def left_behind(running: Backend) -> list[str]:
    """Return what is under UPLOAD_DIR, but for the directories of jobs that there are."""
    uploads = running.state / "uploads"
    files = [path for path in uploads.rglob("*") if path.is_file()]
    return [str(path) for path in files if path.relative_to(uploads).parts[0] == "incoming"]


async def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind(running: Backend) -> None:
    host, _, port = running.address.rpartition(":")
    incoming = running.state / "uploads" / "incoming"
    for goodbye in ("abort", "close"):
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            f"POST {UPLOAD} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
            "Content-Length: 10000000\r\n\r\n".encode()
            + body((FILE, b"x" * 1_000_000))[:900_000]
        )  # fmt: skip
        await writer.drain()
        await running.until(lambda: any(path.is_file() for path in incoming.rglob("*")), "the file has begun")
        writer.transport.abort() if goodbye == "abort" else writer.close()
        await running.until(lambda: not left_behind(running), "the file is gone")


async def test_what_was_refused_left_nothing_behind(client: aiohttp.ClientSession, running: Backend) -> None:
    jobs_before = directories(running)
    for data, _, _ in BODIES.values():
        await sent(client, data)
    await posted(client, path=VALIDATE)
    assert left_behind(running) == []
    assert directories(running) == jobs_before
    assert running.events(level="error") == []


def directories(running: Backend) -> set[str]:
    return {path.name for path in (running.state / "uploads").iterdir()}


# A full queue, and a client that sends too much


async def test_a_client_that_sends_too_often_is_told_so_before_it_has_sent_all(tmp_path: Path) -> None:
    async with backend(tmp_path, CLIENT_UPLOADS_PER_MINUTE="2") as small, aiohttp.ClientSession(
        small.url, trace_configs=[held()]
    ) as client:  # fmt: skip
        from_outside = {"X-Forwarded-For": "198.51.100.1, 192.0.2.7"}
        for _ in range(2):
            assert (await posted(client, GOOD, UPLOAD, **from_outside))[0] == 202
        status, problem = await posted(client, b"x" * LIMIT, UPLOAD, **from_outside)
        assert (status, problem["code"], problem["limit"]) == (429, "queue_full", 2)
        assert "2 uploads a minute" in problem["detail"]
        assert (await posted(client, GOOD, UPLOAD, **{"X-Forwarded-For": "192.0.2.8"}))[0] == 202
        answers = await asyncio.gather(*(posted(client) for _ in range(20)))
        assert {status for status, _ in answers} == {202}, "this machine is not counted"


async def test_a_full_queue_says_when_to_come_back(tmp_path: Path) -> None:
    async with backend(tmp_path, QUEUE_LIMIT="1") as small, aiohttp.ClientSession(
        small.url, trace_configs=[held()]
    ) as client:  # fmt: skip
        tried = await asyncio.gather(*(posted(client, ean_list(5_000)) for _ in range(8)))
        ((_, job),) = [answer for answer in tried if answer[0] == 202]
        assert {status for status, _ in tried} == {202, 429}
        refused: Mapping[str, Any] = (await posted(client))[1]
        assert (refused["status"], refused["code"], refused["limit"]) == (429, "queue_full", 1)
        status, verdicts = await posted(client, path=VALIDATE)
        assert (status, verdicts["counts"]["ok"]) == (200, 1), "a judgement is no job"
        async with client.delete(job["links"]["self"]):
            pass
        assert (await posted(client, Prefer="wait=30"))[1]["state"] == "succeeded"
