"""receive: a stream of bytes → a file of known size and hash. Stage 1 of 6; runs while the request does."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from service.uploads.problems import PROBLEMS, ReadProblem
from service.uploads.stage import stage


@dataclass(frozen=True, slots=True)
class Received:
    """A whole file in the directory of what comes in; nobody else knows of it yet."""

    path: Path
    sha256: str
    size_bytes: int


async def receive(chunks: AsyncIterator[bytes], directory: Path, limit_bytes: int) -> Received:
    """Write the stream to a new file. Raises ReadProblem: empty_file, file_too_large; OSError. Nothing stays behind then."""
    path = directory / f"{secrets.token_hex(8)}.part"
    async with stage("receive") as s:
        try:
            received = await _write(chunks, path, limit_bytes)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        s.set(bytes=received.size_bytes)
        return received


async def _write(chunks: AsyncIterator[bytes], path: Path, limit_bytes: int) -> Received:
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        async for chunk in chunks:
            size += len(chunk)
            if size > limit_bytes:
                detail = f"The file is larger than {limit_bytes} bytes. {PROBLEMS['file_too_large'].remedy}"
                raise ReadProblem("file_too_large", detail, limit=limit_bytes)
            digest.update(chunk)
            await asyncio.to_thread(file.write, chunk)
    if size == 0:
        raise ReadProblem("empty_file", f"The file has 0 bytes. {PROBLEMS['empty_file'].remedy}")
    return Received(path, digest.hexdigest(), size)
