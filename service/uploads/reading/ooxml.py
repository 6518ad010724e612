"""xlsx and xlsm: an archive in, a Workbook out whose sheets are read when they are asked for."""

import posixpath
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from xml.etree.ElementTree import Element

from service.uploads.model import Cell, SheetContent, Workbook
from service.uploads.problems import ReadProblem
from service.uploads.reading.archive import Archive
from service.uploads.reading.cells import Context, shared_strings
from service.uploads.reading.collector import uncollected
from service.uploads.reading.formats import PLAIN, NumberFormat, number_format
from service.uploads.reading.markup import plain_text, tree, unescape_string
from service.uploads.reading.worksheet import read_worksheet

MAX_STRINGS: Final = 3_000_000


class Parts:
    """What sheets share, read once, by the first sheet that needs it."""

    def __init__(self, archive: Archive, targets: dict[str, str], since_1904: bool) -> None:
        self.archive = archive
        self._targets = targets
        self._since_1904 = since_1904

    @cached_property
    def context(self) -> Context:
        return Context(self._strings(), self._styles(), self._since_1904)

    def _strings(self) -> list[Cell | None]:
        if (part := self._targets.get("sharedStrings")) is None or part not in self.archive:
            return []
        data = self.archive.read(part)
        if data.count(b"<si") > MAX_STRINGS:  # before it is walked
            raise ReadProblem("expands_too_much", "The workbook has too many strings", limit=MAX_STRINGS)
        return shared_strings(plain_text(data, part))

    def _styles(self) -> list[NumberFormat]:
        if (part := self._targets.get("styles")) is None or part not in self.archive:
            return []
        return _cell_formats(tree(self.archive.read(part), part))


@dataclass(frozen=True, slots=True)
class OoxmlSheet:
    """A tab; see `Sheet`."""

    name: str
    visible: bool
    holds_cells: bool
    part: str
    parts: Parts

    def load(self) -> SheetContent:
        """Return what is in it. Raises ReadProblem."""
        with uncollected():
            xml = plain_text(self.parts.archive.read(self.part), self.part)
            return read_worksheet(xml, self.parts.context, self.parts.archive.limits)


def open_ooxml(archive: Archive) -> Workbook:
    """Return the workbook. Raises ReadProblem."""
    part = _workbook_part(archive)
    root = tree(archive.read(part), part)
    targets = _relations(archive, part)
    properties = root.find("workbookPr")
    since_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    shared = {kind: target for kind, target in targets.values() if kind in ("sharedStrings", "styles")}
    parts = Parts(archive, shared, since_1904)
    sheets = tuple(_sheet(element, targets, parts) for element in root.iterfind("sheets/sheet"))
    _refuse_shared_parts(sheets)
    macros = any(name.endswith("vbaproject.bin") for name in archive.names())
    return Workbook("xlsm" if macros or _says_macros(archive) else "xlsx", sheets)


def _sheet(element: Element, targets: dict[str, tuple[str, str]], parts: Parts) -> OoxmlSheet:
    kind, part = targets.get(element.get("id", ""), ("worksheet", ""))
    return OoxmlSheet(
        name=unescape_string(element.get("name", "")),
        visible=element.get("state", "visible") == "visible",
        holds_cells=kind == "worksheet",
        part=part,
        parts=parts,
    )


def _refuse_shared_parts(sheets: tuple[OoxmlSheet, ...]) -> None:
    """Refuse tabs that are one and the same part: no writer makes them, and a small file would be read without end."""
    parts = [sheet.part for sheet in sheets if sheet.part]
    if len(set(parts)) < len(parts):
        raise ReadProblem("corrupt_file", "Two sheets of the workbook are the same part of the file")


def _workbook_part(archive: Archive) -> str:
    if "_rels/.rels" in archive:
        for kind, target in _relations(archive, "").values():
            if kind == "officeDocument" and target in archive:
                return target
    return "xl/workbook.xml"


def _relations(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """Return kind and part of each relation of a part by id; the kind is the last word of its URI, strict or not."""
    folder, name = posixpath.split(part)
    listed = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
    if listed not in archive:
        raise ReadProblem("corrupt_file", f"The part {listed} is missing")
    relations = {}
    for element in tree(archive.read(listed), listed).iterfind("Relationship"):
        target = element.get("Target", "").replace("\\", "/")
        path = posixpath.normpath(target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target))
        relations[element.get("Id", "")] = (element.get("Type", "").rpartition("/")[2], path)
    return relations


def _says_macros(archive: Archive) -> bool:
    return "[Content_Types].xml" in archive and b"macroEnabled" in archive.read("[Content_Types].xml")


def _cell_formats(root: Element) -> list[NumberFormat]:
    codes = {element.get("numFmtId"): element.get("formatCode") for element in root.iterfind("numFmts/numFmt")}
    formats = []
    for element in root.iterfind("cellXfs/xf"):
        number = element.get("numFmtId", "0")
        given = number_format(int(number) if number.isdigit() else 0, codes.get(number))
        formats.append(PLAIN if given == PLAIN else given)
    return formats
