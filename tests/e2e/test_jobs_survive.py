"""`kill -9` of the backend at any stage and a restart: the job ends once, with one result."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from service.jobs.model import MAX_ATTEMPTS
from tests.e2e.backend_process import Backend, backend
from tests.lists import ean_list
from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
LIST = ean_list(2_000)  # each stage takes long enough to be met


def results(state: Path) -> list[str]:
    """Return what was published, by name."""
    return sorted(
        str(path.relative_to(state / "downloads")) for path in (state / "downloads").rglob("*") if path.is_file()
    )


@pytest.mark.parametrize("stage", ["read", "check", "draw", "verify", "publish"])
async def test_a_job_whose_process_is_killed_ends_once(stage: str, tmp_path: Path) -> None:
    async with backend(tmp_path) as running:
        status, accepted = await running.upload(LIST)
        assert status == 202
        await running.until_started(stage)
        await running.kill()
        await running.start()
        job = await running.job_of(accepted)
        assert job["state"] == "succeeded", job
        assert job["counts"]["labels"] == 2_000
        assert results(tmp_path) == [f"{accepted['id']}/labels.pdf"]
        finished = [e["stage"] for e in running.events(event="upload.stage.finished", job_id=accepted["id"])]
        before = ("read", "check", "draw", "verify", "publish").index(stage)
        for done in ("read", "check", "draw", "verify", "publish")[: max(0, before - 1)]:
            assert finished.count(done) == 1, "a stage that was done is not done again"
        await running.stop()
        assert "Traceback" not in running.errors.read_text()


async def test_a_killed_upload_leaves_nothing_behind(tmp_path: Path) -> None:
    async with backend(tmp_path) as running:
        sending = asyncio.create_task(_send_slowly(running))
        await running.until_started("receive")
        await running.kill()
        with pytest.raises(aiohttp.ClientError):
            await sending
        await running.start()
        assert [path for path in (tmp_path / "uploads").rglob("*") if path.is_file()] == []


async def test_a_job_that_kills_its_process_is_interrupted_after_two_retries_and_its_neighbour_succeeds(
    tmp_path: Path,
) -> None:
    async with backend(tmp_path) as running:
        _, killer = await running.upload(LIST)
        _, neighbour = await running.upload(ean_list(20, first=50_000))
        for _ in range(MAX_ATTEMPTS):
            await _until_it_draws_again(running, killer)
            await running.kill()
            await running.start()
        job = await running.job_of(killer)
        assert job["state"] == "failed"
        assert job["problem"]["code"] == "interrupted"
        assert [event["attempts"] for event in running.events(event="upload.job.interrupted")] == [3]
        assert (await running.job_of(neighbour))["state"] == "succeeded"
        attempts = len(_draws(running, killer))
        await running.kill()
        await running.start()
        assert len(_draws(running, killer)) == attempts == 3, "it never loops"
        assert results(tmp_path) == [f"{neighbour['id']}/labels.pdf"]


async def test_a_deploy_is_no_attempt_and_the_job_goes_on(tmp_path: Path) -> None:
    async with backend(tmp_path) as running:
        _, accepted = await running.upload(LIST)
        for times in range(1, 5):
            await running.until_started("draw", times)
            assert await running.stop() == 0
            await running.start()
        job = await running.job_of(accepted)
        assert job["state"] == "succeeded", job
        assert running.events(event="process.exited", role="worker", expected=False) == []


async def test_the_result_is_the_same_as_without_a_death(tmp_path: Path) -> None:
    async with backend(tmp_path / "calm") as calm, backend(tmp_path / "killed") as killed:
        _, first = await calm.upload(LIST)
        _, second = await killed.upload(LIST)
        await killed.until_started("verify")
        await killed.kill()
        await killed.start()
        await calm.job_of(first)
        await killed.job_of(second)
        digests = [
            hashlib.sha256((running.state / "downloads" / job["id"] / "labels.pdf").read_bytes()).hexdigest()
            for running, job in ((calm, first), (killed, second))
        ]
        assert digests[0] == digests[1]


async def test_an_idempotency_key_gives_the_same_job_after_a_death(tmp_path: Path) -> None:
    async with backend(tmp_path) as running:
        headers = {"Idempotency-Key": "order-17"}
        _, first = await running.upload(LIST, **headers)
        await running.until_started("read")
        await running.kill()
        await running.start()
        _, again = await running.upload(LIST, **headers)
        assert again["id"] == first["id"]
        status, other = await running.upload(ean_list(3), **headers)
        assert (status, other["code"]) == (422, "idempotency_mismatch")
        assert (await running.job_of(first))["state"] == "succeeded"


async def test_a_job_survives_on_postgresql_too(tmp_path: Path, postgres_url: str) -> None:
    async with backend(tmp_path, DATABASE_URL=postgres_url) as running:
        _, accepted = await running.upload(LIST)
        await running.until_started("draw")
        await running.kill()
        await running.start()
        job = await running.job_of(accepted)
        assert (job["state"], job["counts"]["labels"]) == ("succeeded", 2_000)
        assert results(tmp_path) == [f"{accepted['id']}/labels.pdf"]
        assert not (tmp_path / "jobs.sqlite").exists()
        assert await running.stop() == 0


async def _until_it_draws_again(running: Backend, job: dict[str, Any]) -> None:
    seen = len(_draws(running, job))
    await running.until(lambda: len(_draws(running, job)) > seen, "the job draws again")


def _draws(running: Backend, job: dict[str, Any]) -> list[dict[str, Any]]:
    return running.events(event="upload.stage.started", stage="draw", job_id=job["id"])


async def _send_slowly(running: Backend) -> None:
    async def drip() -> Any:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="list.xlsx"\r\n\r\n'
        while True:
            yield b"x" * 65_536
            await asyncio.sleep(0.02)

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    async with (
        aiohttp.ClientSession() as client,
        client.post(f"{running.url}/api/barcodes/upload-excel", data=drip(), headers=headers) as answer,
    ):
        await answer.read()
