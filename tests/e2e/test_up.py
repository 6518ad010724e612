"""`barwatch up`, as a newcomer meets it: one command, an upload through nginx, Ctrl-C, and again."""

import asyncio
import io
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import openpyxl
import pypdfium2
import pytest
import zxingcpp

from tests.e2e.chain import BARWATCH, ROOT, free_addresses, until

pytestmark = pytest.mark.e2e

CODES = ("5901234123457", "4006381333931", "9780306406157")
STOPS_WITHIN_S = 5.0  # what README promises for Ctrl-C


def settings(state: Path, addresses: list[str]) -> dict[str, str]:
    names = ("FRONT_ADDR", "BACKEND_ADDR", "DETECTOR_ADDR")
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "STATE_DIR": str(state),
        **dict(zip(names, addresses, strict=True)),
    }


async def start_up(env: dict[str, str], *options: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "service.cli",
        "up",
        *options,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def said_until(process: asyncio.subprocess.Process, word: str) -> str:
    """Return what it printed up to the line that holds the word."""
    assert process.stdout is not None
    said = ""
    async with asyncio.timeout(60):
        while word not in said:
            line = await process.stdout.readline()
            assert line, said
            said += line.decode()
    return said


@asynccontextmanager
async def up(env: dict[str, str], *options: str) -> AsyncIterator[str]:
    """Run `barwatch up` until the block ends, then Ctrl-C. Yields what it printed."""
    process = await start_up(env, *options)
    try:
        yield await said_until(process, "pkill")
    finally:
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        output, _ = await process.communicate()
        took_s = time.monotonic() - began
    assert process.returncode == 0, output
    assert took_s < STOPS_WITHIN_S
    assert b"Traceback" not in output


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(("EAN", "Name", "Quantity"))
    for code in CODES:
        sheet.append((code, f"Article {code[-3:]}", 2))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


async def upload(client: aiohttp.ClientSession, front: str) -> dict[str, object]:
    form = aiohttp.FormData()
    form.add_field("file", workbook(), filename="list.xlsx")
    async with client.post(f"{front}/api/barcodes/upload-excel", data=form, headers={"Prefer": "wait=30"}) as answer:
        assert answer.status == 200, await answer.text()
        job: dict[str, object] = await answer.json()
        return job


def scanned(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    return sorted(
        found.text
        for page in document
        for found in zxingcpp.read_barcodes(page.render(scale=300 / 72).to_pil(), try_rotate=False)
    )


async def test_a_newcomer_gets_labels_that_scan_and_a_second_start_keeps_them(tmp_path: Path) -> None:
    addresses = free_addresses(3)
    env = settings(tmp_path / "var", addresses)
    front = f"http://{addresses[0]}"
    async with aiohttp.ClientSession() as client:
        async with up(env) as said:
            token = (tmp_path / "var/access-token").read_text().strip()
            assert token in said
            assert f"{front}/incidents" in said
            job = await upload(client, front)
            assert job["state"] == "succeeded"
            async with client.get(f"{front}/api/jobs/{job['id']}/labels.pdf") as answer:
                assert scanned(await answer.read()) == sorted(CODES * 2)
            async with client.get(f"{front}/metrics") as answer:
                assert 'upload_stage_duration_seconds_count{outcome="ok",stage="publish"} 1.0' in await answer.text()
            async with client.get(f"{front}/api/incidents", headers={"Authorization": f"Bearer {token}"}) as answer:
                assert (await answer.json())["incidents"] == []
        async with up(env) as again:
            assert token in again
            async with client.get(f"{front}/api/jobs/{job['id']}/labels.pdf") as answer:
                assert scanned(await answer.read()) == sorted(CODES * 2)


async def test_a_selftest_passes_beside_the_scheduled_one(tmp_path: Path) -> None:
    env = settings(tmp_path / "var", free_addresses(3))
    async with up(env):
        log = tmp_path / "var/logs/selftest.log"
        await until(lambda: log.exists() and b"barwatch-proof" in log.read_bytes(), "the first scheduled one")
        for _ in range(2):
            test = await asyncio.create_subprocess_exec(
                *BARWATCH, "selftest", env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
            )
            said, _ = await test.communicate()
            assert (test.returncode, said[:15]) == (0, b"selftest passed"), said.decode()


async def test_without_nginx_the_backend_is_reached_itself(tmp_path: Path) -> None:
    addresses = free_addresses(3)
    async with aiohttp.ClientSession() as client, up(settings(tmp_path / "var", addresses), "--no-nginx") as said:
        assert addresses[0] not in said
        assert (await upload(client, f"http://{addresses[1]}"))["state"] == "succeeded"


async def refusal(env: dict[str, str]) -> str:
    """Return what it says when it can't start."""
    process = await start_up(env)
    output, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    return output.decode()


@pytest.mark.parametrize("name", ["FRONT_ADDR", "BACKEND_ADDR", "DETECTOR_ADDR"])
async def test_an_occupied_port_is_one_sentence(tmp_path: Path, name: str) -> None:
    env = settings(tmp_path / "var", free_addresses(3))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        env[name] = f"127.0.0.1:{taken.getsockname()[1]}"
        said = await refusal(env)
    assert said.count("\n") == 1
    assert f"{name}={env[name]} is in use" in said


async def test_a_state_directory_that_can_not_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where a directory should be")
    said = await refusal(settings(tmp_path / "var", free_addresses(3)))
    assert said.count("\n") == 1
    assert f"{tmp_path / 'var'} can't be written" in said


async def test_bad_settings_are_all_named_at_once(tmp_path: Path) -> None:
    env = settings(tmp_path / "var", ["nowhere", "127.0.0.1:99999", "127.0.0.1:8035"])
    said = await refusal(env)
    assert "FRONT_ADDR=nowhere" in said
    assert "BACKEND_ADDR=127.0.0.1:99999" in said
    assert "Traceback" not in said
