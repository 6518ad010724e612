"""Where the files of a job are kept: its workspace under UPLOAD_DIR, what is published under DOWNLOAD_DIR or FILES_URL."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from observability.ids import JobId

_OS_ERROR: Final = re.compile(r"\(os error (\d+)\)")
_MISSING: Final = (NotFoundError, FileNotFoundError)  # which of the two depends on the store
_CHUNK: Final = 1 << 20


class Files:
    """`workspace` holds the upload and what the stages make of it; the result goes out through obstore, whole or not at all."""

    def __init__(
        self, upload_dir: Path, results: ObjectStore, results_dir: Path | None, mirror: ObjectStore | None
    ) -> None:
        self._upload_dir = upload_dir
        self._results = results
        self._results_dir = results_dir  # where the results are local: to say the path when one cannot be written
        self._mirror = mirror  # where replicas share no disk: a copy of each workspace file

    def workspace(self, job_id: JobId) -> Path:
        """Return the directory of a job's own files, made if need be. Raises OSError."""
        path = self._upload_dir / job_id
        path.mkdir(mode=0o700, exist_ok=True)
        return path

    def incoming(self, executor: str) -> Path:
        """Return the directory of uploads that this replica is receiving. Raises OSError."""
        path = self._upload_dir / "incoming" / executor
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    async def keep(self, job_id: JobId, name: str) -> None:
        """Copy a finished workspace file to where other replicas find it."""
        if self._mirror is not None:
            await self._mirror.put_async(f"work/{job_id}/{name}", self.workspace(job_id) / name)

    async def have(self, job_id: JobId, name: str) -> Path | None:
        """Return a workspace file, fetched from the mirror if this disk lacks it; None if it does not exist."""
        path = self._upload_dir / job_id / name
        if await asyncio.to_thread(path.exists):
            return path
        if self._mirror is None:
            return None
        return await self._fetch(job_id, name)

    async def _fetch(self, job_id: JobId, name: str) -> Path | None:
        assert self._mirror is not None
        try:
            found = await self._mirror.get_async(f"work/{job_id}/{name}")
        except _MISSING:
            return None
        path = self.workspace(job_id) / name
        partial = path.with_suffix(".part")
        await asyncio.to_thread(partial.write_bytes, bytes(await found.bytes_async()))
        await asyncio.to_thread(partial.replace, path)
        return path

    async def discard(self, job_id: JobId, names: tuple[str, ...]) -> None:
        """Delete workspace files that no stage needs any more."""
        for name in names:
            await asyncio.to_thread((self._upload_dir / job_id / name).unlink, missing_ok=True)
        if self._mirror is not None:
            kept = await _keys(self._mirror, f"work/{job_id}/")
            if gone := [key for key in kept if key.rpartition("/")[2] in names]:
                await self._mirror.delete_async(gone)

    async def publish(self, job_id: JobId, name: str, source: Path) -> None:
        """Make a result available, whole or not at all, again with the same content if it was there. Raises OSError."""
        key = f"{job_id}/{name}"
        try:
            await self._results.put_async(key, source)
        except BaseError as error:
            raise self._as_os_error(error, key) from error

    async def published(self, job_id: JobId, name: str) -> "Result | None":
        """Return a result to be streamed; None if there is none of that name."""
        try:
            found = await self._results.get_async(f"{job_id}/{name}")
        except _MISSING:
            return None
        return Result(int(found.meta["size"]), aiter(found.stream(min_chunk_size=_CHUNK)))

    async def remove(self, job_id: JobId) -> None:
        """Delete all files of a job."""
        await asyncio.to_thread(shutil.rmtree, self._upload_dir / job_id, ignore_errors=True)
        for store, prefix in ((self._results, f"{job_id}/"), (self._mirror, f"work/{job_id}/")):
            if store is not None:
                await _delete_all(store, prefix)

    def _as_os_error(self, error: BaseError, key: str) -> Exception:
        """obstore puts the errno of a local write into its text; an OSError carries it, and the path, as fields."""
        found = _OS_ERROR.search(str(error))
        if self._results_dir is None or found is None:
            return OSError(str(error))
        number = int(found[1])
        return OSError(number, os.strerror(number), str(self._results_dir / key))


class Result:
    """A published file: its size and its bytes."""

    def __init__(self, size_bytes: int, chunks: AsyncIterator[bytes]) -> None:
        self.size_bytes = size_bytes
        self.chunks = chunks


def open_files(upload_dir: Path, download_dir: Path, files_url: str | None) -> Files:
    """Return the files: on local directories, or results and a mirror of the workspaces at `files_url`."""
    if files_url is None:
        return Files(upload_dir, LocalStore(str(download_dir), automatic_cleanup=True), download_dir, None)
    shared = from_url(files_url)
    return Files(upload_dir, shared, None, shared)


async def _delete_all(store: ObjectStore, prefix: str) -> None:
    if keys := await _keys(store, prefix):
        await store.delete_async(keys)


async def _keys(store: ObjectStore, prefix: str) -> list[str]:
    return [meta["path"] async for batch in obstore.list(store, prefix) for meta in batch]
