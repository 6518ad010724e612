"""XML parts: bytes in, text of known shape out. Entities and document types are refused before anything is read.

A part is first walked by expat, which proves it well-formed. Nearly all parts are then *plain*: unprefixed names, no
comments, no CDATA, no ">" but at the end of tags. Those few that are not are written anew in that shape. So there is
one way to read cells, by searching the text, which is several times faster than a callback for each tag.
"""

import codecs
import re
from collections.abc import Callable
from typing import Final
from xml.etree.ElementTree import Element, ParseError
from xml.parsers import expat
from xml.sax.saxutils import escape

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from service.uploads.problems import ReadProblem

UNREADABLE: Final = "\ufdd0"  # a noncharacter (Unicode 23.7): stands for a control character that XML forbids
_FORBIDDEN: Final = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]"
    rb"|&#(?:x0*(?:[0-8bcefBCEF]|1[0-9a-fA-F])|0*(?:[0-8]|1[1245-9]|2\d|3[01]));"  # the same as references
)
_DECLARED: Final = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']""")
_REFERENCE: Final = re.compile("&(?:#x([0-9A-Fa-f]+)|#([0-9]+)|(amp|lt|gt|quot|apos));")  # all that XML knows
_NAMED: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")  # ECMA-376 part 1, 22.9.2.19 ST_Xstring
_MAIN: Final = frozenset(
    {
        "",
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://purl.oclc.org/ooxml/spreadsheetml/main",  # strict
    }
)
_NAMESPACE: Final = re.compile(rb"""xmlns:[^=<>]{1,100}=\s{0,100}["']([^"']{1,300})["']""")
_CONTROLS: Final = bytes({*range(32)} - {9, 10, 13})


def plain_text(data: bytes, part: str) -> str:
    """Return the part as text of plain shape. Raises ReadProblem: not well-formed, or with a document type."""
    data = _in_utf8(data, part)
    try:
        plain = _walks_plain(data, part)
    except ReadProblem:  # the search for what may be mended takes as long as the walk, and few parts need it
        if (mended := _mended(data)) == data:
            raise
        plain, data = _walks_plain(mended, part), mended
    if plain and _looks_plain(data):
        return data.decode("utf-8").removeprefix("\ufeff")
    return _Rewriter(part).rewrite(data)


def is_plain(data: bytes, part: str) -> bool:
    """Return whether the bytes are UTF-8 of plain shape as they stand. Raises ReadProblem: not well-formed."""
    readable = _utf8(data, part)
    return _walks_plain(readable, part) and _looks_plain(data) and readable is data


def _looks_plain(data: bytes) -> bool:
    return data.count(b"<") == data.count(b">") and not _has_prefix(data)


def _has_prefix(data: bytes) -> bool:
    """Return whether the names that we look for may have a prefix somewhere."""
    place = -1
    while (place := data.find(b"xmlns:", place + 1)) >= 0:
        namespace = _NAMESPACE.match(data, place)
        if namespace is None or b"&" in namespace[1] or namespace[1].decode("utf-8") in _MAIN:
            return True
    return False


def tree(data: bytes, part: str) -> Element:
    """Return a small part as elements without namespaces. Raises ReadProblem."""
    try:
        root: Element = defusedxml.ElementTree.fromstring(_utf8(data, part), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise _broken(part, error) from None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        for name in [name for name in element.attrib if "}" in name]:
            element.attrib.setdefault(name.rpartition("}")[2], element.attrib[name])
    return root


def walk(
    data: bytes,
    part: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> None:
    """Call back for each tag and text of a part; names are "namespace}local". Raises ReadProblem."""
    parser = expat.ParserCreate("utf-8", namespace_separator="}")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    _parse(parser, _utf8(data, part), part)


def unescape(text: str) -> str:
    """Return character data with its references resolved."""
    return _REFERENCE.sub(_referred, text) if "&" in text else text


def unescape_string(text: str) -> str:
    """Return a string of a workbook, in which Excel writes characters that XML cannot hold as _x000D_."""
    if "_x" not in text:
        return text
    text = _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text)
    # Halves of a pair become one character, a half alone none that could be written anywhere.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _referred(m: re.Match[str]) -> str:
    if m[1]:
        return chr(int(m[1], 16))
    return chr(int(m[2].lstrip("0"))) if m[2] else _NAMED[m[3]]  # Python counts zeros among the digits that it refuses


def _walks_plain(data: bytes, part: str) -> bool:
    """Walk a part without keeping anything. Return whether nothing was met that a plain part does not hold."""
    odd: list[str] = []
    parser = expat.ParserCreate("utf-8")
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.CommentHandler = odd.append
    parser.StartCdataSectionHandler = lambda: odd.append("CDATA")
    parser.ProcessingInstructionHandler = lambda target, _: odd.append(target)
    _parse(parser, data, part)
    return not odd


class _Rewriter:
    """Writes a part anew: local names, double quotes, no comments; elements of other vocabularies get the prefix `x:`."""

    def __init__(self, part: str) -> None:
        self._part = part
        self._out: list[str] = []
        self._parser = expat.ParserCreate("utf-8", namespace_separator="}")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def rewrite(self, data: bytes) -> str:
        _parse(self._parser, data, self._part)
        return "".join(self._out)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        written = "".join(f" {_local(key)}={_quoted(value)}" for key, value in attributes.items())
        self._out.append(f"<{_local(name)}{written}>")

    def _end(self, name: str) -> None:
        self._out.append(f"</{_local(name)}>")

    def _text(self, text: str) -> None:
        self._out.append(escape(text))


def _parse(parser: expat.XMLParserType, data: bytes, part: str) -> None:
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise _broken(part, error) from None


def _local(name: str) -> str:
    namespace, _, local = name.rpartition("}")
    return local if namespace in _MAIN else f"x:{local}"


def _quoted(value: str) -> str:
    return '"' + escape(value, {'"': "&quot;"}) + '"'


def _refuse_doctype(*_: object) -> None:
    raise ReadProblem("corrupt_file", "The file declares a document type, which no spreadsheet does")


def _utf8(data: bytes, part: str) -> bytes:
    """Return the part in UTF-8, with what XML forbids replaced: one bad character must not cost the whole list."""
    return _mended(_in_utf8(data, part))


def _in_utf8(data: bytes, part: str) -> bytes:
    encoding = _encoding(data)
    if encoding in ("utf-8", "us-ascii", "ascii"):
        return data
    try:
        return data.decode(encoding).removeprefix("\ufeff").encode("utf-8")
    except (UnicodeDecodeError, LookupError) as error:
        raise _broken(part, error) from None


def _mended(data: bytes) -> bytes:
    if b"&#" not in data and len(data.translate(None, _CONTROLS)) == len(data):
        return data  # ten times faster than the search for each of them
    return _FORBIDDEN.sub(UNREADABLE.encode(), data)


def _encoding(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if data.startswith((b"<\x00", b"\x00<")):
        return "utf-16-le" if data[1] == 0 else "utf-16-be"
    declared = _DECLARED.match(data.removeprefix(codecs.BOM_UTF8)[:200])
    return declared[1].decode("ascii").lower() if declared else "utf-8"


def _broken(part: str, error: Exception) -> ReadProblem:
    return ReadProblem("corrupt_file", f"The part {part} is no valid XML ({error})")
