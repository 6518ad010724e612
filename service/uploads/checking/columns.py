"""Which column holds what: a header row and the person's wishes in, mapped columns out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from service.uploads.checking.headers import RANKS, CodeKind, field_of, key, kind_of
from service.uploads.checking.texts import holds
from service.uploads.model import FIELDS, Field, SheetRow, letter, number_of
from service.uploads.options import UploadOptions
from service.uploads.problems import ReadProblem

LAST_COLUMN = 16_384


@dataclass(frozen=True, slots=True)
class Mapped:
    """A column of the table, from 1; `code_kind` counts for the code column only."""

    number: int
    header: str | None
    code_kind: CodeKind = "neutral"


def texts_of(columns: Mapping[str, str | int]) -> list[str]:
    """Return the texts by which a person names columns; some may be letters or numbers."""
    return [given for given in columns.values() if isinstance(given, str)]


def only_texts_of(columns: Mapping[str, str | int], width: int) -> list[str]:
    """Return those texts that name no place in a sheet of this width. "EAN" would be column 3446."""
    return [text for text in texts_of(columns) if (place := _position(text)) is None or place > width]


def positions(row: SheetRow, wanted: Iterable[str | int], *, all_of_them: bool) -> list[int]:
    """Return where each wanted column is: by the text in `row`, else, unless `all_of_them` must be texts, by place.

    Empty where one of them is nowhere.
    """
    found = []
    for given in wanted:
        place = _by_text(row, given) or (None if all_of_them else _position(given))
        if place is None:
            return []
        found.append(place)
    return found


def map_columns(
    header: SheetRow | None, below: Sequence[SheetRow], width: int, options: UploadOptions
) -> dict[Field, Mapped]:
    """Return the columns that count. Raises ReadProblem: unknown_column, header_not_found, ambiguous_header."""
    filled = {column for row in below for column, cell in row.cells.items() if holds(cell)}
    columns: dict[Field, Mapped] = {}
    for name in FIELDS:
        if name in options.columns:
            columns[name] = _asked_for(header, options.columns[name], filled, width)
    taken = {column.number for column in columns.values()}
    known = _known(header, taken)
    if "code" not in columns:
        columns["code"] = _code_column(known, filled) if _any_code(known) else _only_column(header, filled, options)
    for name in FIELDS:
        if name not in columns and (listed := [m for n, m in known if n == name]):
            columns[name] = next((mapped for mapped in listed if mapped.number in filled), listed[0])
    return {name: columns[name] for name in FIELDS if name in columns}


def _asked_for(header: SheetRow | None, given: str | int, filled: set[int], width: int) -> Mapped:
    place = (_by_text(header, given, filled) if header else None) or _position(given)
    if place is None or place > max(width, 1):
        names = [cell.text for cell in header.cells.values()] if header else []
        raise ReadProblem("unknown_column", f"There is no column {given!r}", expected=names[:50])
    cell = header.cells.get(place) if header else None
    kind = kind_of(cell.text) if cell else None
    text = cell.text if cell else ("" if header else None)
    return Mapped(place, text, kind if kind in RANKS else "neutral")  # type: ignore[arg-type]


def _known(header: SheetRow | None, taken: set[int]) -> list[tuple[Field, Mapped]]:
    if header is None:
        return []
    known: list[tuple[Field, Mapped]] = []
    for column, cell in sorted(header.cells.items()):
        if column not in taken and (kind := kind_of(cell.text)) is not None:
            code_kind = kind if kind in RANKS else "neutral"
            known.append((field_of(kind), Mapped(column, cell.text, code_kind)))  # type: ignore[arg-type]
    return known


def _any_code(known: list[tuple[Field, Mapped]]) -> bool:
    return any(name == "code" for name, _ in known)


def _only_column(header: SheetRow | None, filled: set[int], options: UploadOptions) -> Mapped:
    """Return the one column that is filled, below a header row that a person named: an unknown header is neutral."""
    if options.header_row is None or header is None or len(filled) != 1:
        raise ReadProblem("header_not_found", "No header names a column of codes")
    (column,) = filled
    cell = header.cells.get(column)
    return Mapped(column, cell.text if cell else "")


def _code_column(known: list[tuple[Field, Mapped]], filled: set[int]) -> Mapped:
    """Return the filled code column of the highest rank, else the first of the highest rank."""
    codes = [mapped for name, mapped in known if name == "code"]
    usable = [mapped for mapped in codes if mapped.number in filled]
    if not usable:
        return max(codes, key=lambda mapped: RANKS[mapped.code_kind])
    highest = max(RANKS[mapped.code_kind] for mapped in usable)
    best = [mapped for mapped in usable if RANKS[mapped.code_kind] == highest]
    if len(best) > 1:
        names = [f"{letter(mapped.number)} ({mapped.header})" for mapped in best]
        raise ReadProblem("ambiguous_header", f"The codes could be in {' or '.join(names)}", expected=names)
    return best[0]


def _by_text(row: SheetRow, given: str | int, filled: set[int] | None = None) -> int | None:
    """Return the column whose header is that text; of equal ones the filled one, and none if both are."""
    if isinstance(given, int) or not (wanted := key(given)):
        return None
    found = [column for column, cell in sorted(row.cells.items()) if key(cell.text) == wanted]
    usable = [column for column in found if column in filled] if filled is not None else []
    if len(usable) > 1:
        names = [f"{letter(column)} ({given})" for column in usable]
        raise ReadProblem("ambiguous_header", f"{given!r} could be {' or '.join(names)}", expected=names)
    return next(iter(usable or found), None)


def _position(given: str | int) -> int | None:
    """Return the column that a letter or a number names, or None."""
    text = str(given).strip()
    if text.isascii() and text.isdigit() and len(text) < 6:
        number = int(text)
    elif text.isascii() and text.isalpha() and len(text) <= 3:
        number = number_of(text.upper())
    else:
        return None
    return number if 1 <= number <= LAST_COLUMN else None
