"""Whatever the bytes are, reading ends with rows or a ReadProblem, never with anything else."""

import io
import os
import random
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlwt  # type: ignore[import-untyped]
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.uploads.limits import Limits
from service.uploads.problems import ReadProblem
from tests.unit.service.uploads.reading.test_ods import HEAD, line, ods, text
from tests.workbooks import RawSheet, RawWorkbook, checked_file, inline, row, shared_strings, styles

SMALL = Limits(inflated_bytes=5_000_000, rows=1_000)
QUICK = settings(
    max_examples=60,
    deadline=None,
    derandomize="FUZZ" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def _seeds() -> dict[str, bytes]:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["EAN", "Name"])
    book.worksheets[0].append([5901234123457, "Tea"])
    xlsx, xls = io.BytesIO(), io.BytesIO()
    book.save(xlsx)
    old = xlwt.Workbook()
    sheet = old.add_sheet("List")
    for number in range(20):
        sheet.write(number, 0, f"EAN {number}")
        sheet.write(number, 1, 59012 * number)
    old.save(xls)
    return {
        "xlsx": xlsx.getvalue(),
        "xls": xls.getvalue(),
        "ods": ods(HEAD + line(text("5901234123457"), text("Tea"))),
        "csv": "EAN;Größe\n5901234123457;\"a\nb\"\n".encode("cp1252"),
    }  # fmt: skip


SEEDS = _seeds()


def outcome(data: bytes, tmp_path: Path) -> str:
    try:
        checked_file(data, tmp_path, limits=SMALL)
    except ReadProblem as problem:
        return problem.code
    return "read"


@QUICK
@given(st.binary(max_size=2_000))
def test_any_bytes(tmp_path: Path, data: bytes) -> None:
    assert outcome(data, tmp_path)


@pytest.mark.parametrize("format", SEEDS)
@QUICK
@given(seed=st.integers(0, 2**32))
def test_files_with_damage(tmp_path: Path, format: str, seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(SEEDS[format])
    for _ in range(chance.randint(1, 30)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    assert outcome(bytes(data[: chance.choice([len(data), chance.randrange(1, len(data))])]), tmp_path)


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "content.xml"]
)
@QUICK
@given(seed=st.integers(0, 2**32))
def test_parts_with_damage_in_a_sound_archive(tmp_path: Path, part: str, seed: int) -> None:
    chance = random.Random(seed)
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(SEEDS["ods" if part == "content.xml" else "xlsx"])) as old,
        zipfile.ZipFile(out, "w") as new,
    ):
        for name in old.namelist():
            data = bytearray(old.read(name))
            for _ in range(chance.randint(1, 5) if name == part else 0):
                data[chance.randrange(len(data))] = chance.choice(b"<>/\"'=&;01aA \x00\xff")
            new.writestr(name, bytes(data))
    assert outcome(out.getvalue(), tmp_path)


values = st.text(st.characters(codec="utf-8"), max_size=12).map(
    lambda t: t.replace("&", "").replace("<", "").replace(">", "")
)
attributes = st.sampled_from(
    ["", ' t="s"', ' t="b"', ' t="e"', ' t="str"', ' t="d"', ' t="n"', ' s="1"', ' s="2"', ' t="x"']
)


@QUICK
@given(
    st.lists(
        st.tuples(
            attributes, st.one_of(values, st.from_regex(r"-?[0-9]{1,20}(\.[0-9]{1,5})?(E[0-9]{1,3})?", fullmatch=True))
        )
    )
)
def test_cells_of_any_type_and_value(tmp_path: Path, given_cells: list[tuple[str, str]]) -> None:
    rows = "".join(
        f'<row><c{attribute}><v>{value}</v></c><c t="inlineStr"><is><t>x</t></is></c></row>'
        for attribute, value in given_cells
    )
    data = RawWorkbook(
        [RawSheet("<row>" + inline("A1", "EAN") + inline("B1", "Name") + "</row>" + rows)],
        strings=shared_strings("a", "b"),
        styles=styles("00000", "dd.mm.yyyy"),
    ).data()
    assert outcome(data, tmp_path) in ("read", "no_data_rows", "corrupt_file")


def test_seeds_are_sound(tmp_path: Path) -> None:
    assert {name: outcome(data, tmp_path) for name, data in SEEDS.items()} == dict.fromkeys(SEEDS, "read")
    assert row(1, "a")
