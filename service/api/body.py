"""The multipart body of an upload: a stream in, a file on disk and the text fields out."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from service.uploads.problems import PROBLEMS, ReadProblem
from service.uploads.receive import Received, receive

_FIELD_BYTES: Final = 64 * 1024
_PARTS: Final = 50
MULTIPART_MARGIN: Final = 1 << 20  # words of the body beside the file
_CHUNK: Final = 256 * 1024


CheckOptions = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent. The file is on disk: whoever holds the form moves it to its place or deletes it."""

    file: Received
    name: str
    fields: Mapping[str, str]


async def read_form(request: web.Request, directory: Path, limit_bytes: int, check_options: CheckOptions) -> Form:
    """Return the form. Raises ReadProblem: upload_incomplete, empty_file, file_too_large, invalid_options.

    `check_options` may raise for the text of the part `options`; what it says goes before what is wrong with the file.
    """
    if request.content_length is not None and request.content_length > limit_bytes + MULTIPART_MARGIN:
        detail = f"The body is larger than a file of {limit_bytes} bytes needs. {PROBLEMS['file_too_large'].remedy}"
        raise ReadProblem("file_too_large", detail, limit=limit_bytes)
    if not request.content_type.startswith("multipart/"):
        raise _incomplete("The body is not multipart/form-data with a part `file`")
    reading = _Reading(directory, limit_bytes, check_options)
    try:
        return await reading.form(request)
    except BaseException:
        reading.discard()
        raise


class _Reading:
    def __init__(self, directory: Path, limit_bytes: int, check_options: CheckOptions) -> None:
        self._directory = directory
        self._limit = limit_bytes
        self._check_options = check_options
        self._name: str | None = None  # of the file, as soon as its part has begun
        self._file: Received | None = None
        self._empty: ReadProblem | None = None
        self._fields: dict[str, str] = {}

    async def form(self, request: web.Request) -> Form:
        with _broken_body():
            reader = await request.multipart()
        parts = 0
        while (part := await _next_part(reader)) is not None:
            if not isinstance(part, BodyPartReader):
                raise _incomplete("A part of the body is itself multipart")
            if (parts := parts + 1) > _PARTS:
                raise ReadProblem("invalid_options", f"The body has more than {_PARTS} parts.")
            await self._take(part)
        if self._empty is not None:
            raise self._empty
        if self._file is None:
            raise _incomplete("The body has no part named `file`")
        return Form(self._file, self._name or "", self._fields)

    async def _take(self, part: BodyPartReader) -> None:
        if part.name == "file":
            await self._take_file(part)
            return
        name, text = part.name or "", await _text(part)  # one that nobody asked for is read too, but not without end
        if name == "options":
            if name in self._fields:
                raise ReadProblem("invalid_options", "The body has two parts named `options`. Send them as one.")
            self._check_options(text)
        self._fields[name] = text

    async def _take_file(self, part: BodyPartReader) -> None:
        if self._name is not None:
            raise ReadProblem("invalid_options", "The body has two parts named `file`. Upload one list at a time.")
        self._name = file_name(part.filename)
        try:
            self._file = await receive(_chunks(part), self._directory, self._limit)
        except ReadProblem as problem:
            if problem.code != "empty_file":
                raise
            self._empty = problem  # told at the end: the options may follow, and be wrong

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
            raise ReadProblem("invalid_options", f"The part {part.name!r:.100} is larger than {_FIELD_BYTES} bytes.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise ReadProblem("invalid_options", f"The part {part.name!r:.100} is not UTF-8.") from None


def file_name(given: str | None) -> str:
    """Return the last part of a client's file name, printable and of bounded length; never used as a path."""
    last = (given or "").replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable())[:200]


def _incomplete(what: str) -> ReadProblem:
    return ReadProblem("upload_incomplete", f"{what}. {PROBLEMS['upload_incomplete'].remedy}")
