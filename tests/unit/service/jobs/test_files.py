"""Files are there whole or not at all, and what a disk refuses is an OSError with its path."""

from pathlib import Path

import pytest

from observability.ids import JobId
from service.jobs.files import Files, open_files

JOB = JobId("j1")


@pytest.fixture(params=["directories", "a shared store"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    for name in ("up", "down", "shared"):
        (tmp_path / name).mkdir()
    url = None if request.param == "directories" else f"file://{tmp_path / 'shared'}"
    return open_files(tmp_path / "up", tmp_path / "down", url)


async def content(files: Files, name: str) -> bytes | None:
    result = await files.published(JOB, name)
    return None if result is None else b"".join([bytes(chunk) async for chunk in result.chunks])


async def test_what_is_published_can_be_fetched_and_published_again(files: Files, tmp_path: Path) -> None:
    source = tmp_path / "labels"
    source.write_bytes(b"%PDF" * 1_000)
    for _ in range(2):
        await files.publish(JOB, "labels.pdf", source)
    assert await content(files, "labels.pdf") == b"%PDF" * 1_000
    assert await content(files, "other.pdf") is None


async def test_removing_a_job_leaves_nothing(files: Files, tmp_path: Path) -> None:
    (files.workspace(JOB) / "rows.jsonl").write_bytes(b"{}")
    await files.keep(JOB, "rows.jsonl")
    await files.publish(JOB, "labels.pdf", files.workspace(JOB) / "rows.jsonl")
    await files.remove(JOB)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert await files.have(JOB, "rows.jsonl") is None


async def test_what_no_stage_needs_is_discarded_and_the_rest_stays(files: Files) -> None:
    for name in ("table.pickle", "rows.jsonl"):
        (files.workspace(JOB) / name).write_bytes(b"x")
        await files.keep(JOB, name)
    await files.discard(JOB, ("table.pickle", "never-made"))
    assert await files.have(JOB, "table.pickle") is None
    assert await files.have(JOB, "rows.jsonl") is not None


async def test_another_replica_finds_the_workspace_in_the_shared_store(tmp_path: Path) -> None:
    for name in ("one", "two", "down", "shared"):
        (tmp_path / name).mkdir()
    first, second = (
        open_files(tmp_path / name, tmp_path / "down", f"file://{tmp_path / 'shared'}") for name in ("one", "two")
    )
    (first.workspace(JOB) / "upload").write_bytes(b"list")
    await first.keep(JOB, "upload")
    found = await second.have(JOB, "upload")
    assert found is not None
    assert found.read_bytes() == b"list"


async def test_what_the_disk_refuses_is_an_os_error_with_number_and_path(tmp_path: Path) -> None:
    (tmp_path / "down").mkdir()
    (tmp_path / "labels").write_bytes(b"%PDF")
    (tmp_path / "down" / "j1").write_bytes(b"a file where a directory must be")
    files = open_files(tmp_path, tmp_path / "down", None)
    with pytest.raises(NotADirectoryError) as raised:
        await files.publish(JOB, "labels.pdf", tmp_path / "labels")
    assert raised.value.filename == str(tmp_path / "down/j1/labels.pdf")
