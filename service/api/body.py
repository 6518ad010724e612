"""The multipart body of an upload: a stream in, a file on disk and the text fields out."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from service.uploads.problems import PROBLEMS, ReadProblem
from service.uploads.receive import Received, receive

_FIELD_BYTES: Final = 64 * 1024
_FIELDS: Final = 50
MULTIPART_MARGIN: Final = 1 << 20  # words of the body beside the file
_CHUNK: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent. The file is on disk: whoever holds the form moves it to its place or deletes it."""

    file: Received
    name: str
    fields: Mapping[str, str]


async def read_form(request: web.Request, directory: Path, limit_bytes: int) -> Form:
    """Return the form. Raises ReadProblem: upload_incomplete, empty_file, file_too_large, invalid_options."""
    if request.content_length is not None and request.content_length > limit_bytes + MULTIPART_MARGIN:
        detail = f"The body is larger than a file of {limit_bytes} bytes needs. {PROBLEMS['file_too_large'].remedy}"
        raise ReadProblem("file_too_large", detail, limit=limit_bytes)
    if not request.content_type.startswith("multipart/"):
        raise _incomplete("The body is not multipart/form-data with a part `file`")
    reading = _Reading(directory, limit_bytes)
    try:
        return await reading.form(request)
    except BaseException:
        reading.discard()
        raise


class _Reading:
    def __init__(self, directory: Path, limit_bytes: int) -> None:
        self._directory = directory
        self._limit = limit_bytes
        self._file: Received | None = None

    async def form(self, request: web.Request) -> Form:
        name, fields = "", dict[str, str]()
        with _broken_body():
            reader = await request.multipart()
        while (part := await _next_part(reader)) is not None:
            if not isinstance(part, BodyPartReader):
                raise _incomplete("A part of the body is itself multipart")
            if part.name == "file":
                if self._file is not None:
                    raise ReadProblem(
                        "invalid_options", "The body has two parts named `file`. Upload one list at a time."
                    )
                name = file_name(part.filename)
                self._file = await receive(_chunks(part), self._directory, self._limit)
            elif part.name is not None and len(fields) < _FIELDS:
                fields[part.name] = await _text(part)
        if self._file is None:
            raise _incomplete("The body has no part named `file`")
        return Form(self._file, name, fields)

    def discard(self) -> None:
        if self._file is not None:
            self._file.path.unlink(missing_ok=True)


async def _next_part(reader: MultipartReader) -> MultipartReader | BodyPartReader | None:
    with _broken_body():
        return await reader.next()


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await _next_chunk(part):
        yield chunk


async def _next_chunk(part: BodyPartReader) -> bytes:
    with _broken_body():
        return await part.read_chunk(_CHUNK)


@contextmanager
def _broken_body() -> Iterator[None]:
    """Turn what aiohttp raises for a body that breaks off, or is no multipart, into a problem of the client's.

    Around the reading alone: what our own disk says is an error of ours.
    """
    try:
        yield
    except HttpProcessingError as error:
        raise _incomplete(
            "The head of a part of the body is not valid: a control character, or one line too long"
        ) from error
    except (web.RequestPayloadError, ConnectionError, ValueError, AssertionError, EOFError) as error:
        raise _incomplete("The body ended before the whole file was there") from error


async def _text(part: BodyPartReader) -> str:
    data = bytearray()
    async for chunk in _chunks(part):
        data += chunk
        if len(data) > _FIELD_BYTES:
            raise ReadProblem("invalid_options", f"The part {part.name} is larger than {_FIELD_BYTES} bytes.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise ReadProblem("invalid_options", f"The part {part.name} is not UTF-8.") from None


def file_name(given: str | None) -> str:
    """Return the last part of a client's file name, printable and of bounded length; never used as a path."""
    last = (given or "").replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable())[:200]


def _incomplete(what: str) -> ReadProblem:
    return ReadProblem("upload_incomplete", f"{what}. {PROBLEMS['upload_incomplete'].remedy}")
