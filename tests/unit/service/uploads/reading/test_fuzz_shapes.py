"""A row that is read by its shape is read as it would be alone; structured damage ends with rows or a ReadProblem."""

import contextlib
import json
import os
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.uploads.limits import Limits
from service.uploads.options import InvalidOptions, parse_options
from service.uploads.problems import ReadProblem
from service.uploads.reading import read
from tests.workbooks import raw, shared_strings, styles

QUICK = settings(
    max_examples=60,
    deadline=None,
    derandomize="FUZZ" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
CELLS = (
    '<c r="{}" s="1"><v>123</v></c>', '<c r="{}" t="s"><v>0</v></c>', '<c r="{}" t="s"><v>9</v></c>',
    '<c r="{}" s="2"><v>45352</v></c>',
    '<c r="{}" t="inlineStr"><is><t>a &amp; b</t></is></c>', '<c r="{}" s="3"/>', '<c r="{}"><f>A1+1</f><v>2.5</v></c>',
    '<c r="{}"><f>A1</f></c>', '<c r="{}" t="b"><v>1</v></c>', '<c r="{}" t="e"><v>#N/A</v></c>',
    '<c r="{}" t="str"><f>A1</f><v></v></c>',
    '<c t="n" r="{}"><v>0</v></c>', "<c r='{}'><v>00</v></c>", '<c r="{}" ><v>7</v></c >', '<c r="{}"><v>12abc</v></c>',
)  # fmt: skip
rows_of_cells = st.lists(st.lists(st.sampled_from(CELLS), min_size=1, max_size=4), min_size=1, max_size=6)


def loaded(rows: list[str], tmp_path: Path) -> list[tuple[int, dict[int, object], bool]]:
    path = tmp_path / "upload"
    path.write_bytes(raw("".join(rows), strings=shared_strings("one"), styles=styles("00000", "dd.mm.yyyy")))
    return [(row.number, dict(row.cells), row.hidden) for row in read(path, Limits()).sheets[0].load().rows]


def written(number: int, cells: list[str]) -> str:
    return f'<row r="{number}">' + "".join(c.format(f"{'ABCD'[n]}{number}") for n, c in enumerate(cells)) + "</row>"


@QUICK
@given(rows_of_cells)
def test_rows_together_are_the_rows_alone(tmp_path: Path, kinds: list[list[str]]) -> None:
    rows = [written(number, cells) for number, cells in enumerate(kinds * 3, start=1)]
    assert loaded(rows, tmp_path) == [found for row in rows for found in loaded([row], tmp_path)]


@QUICK
@given(kinds=rows_of_cells, seed=st.integers(0, 2**32))
def test_rows_with_pieces_of_others_in_them(tmp_path: Path, kinds: list[list[str]], seed: int) -> None:
    chance = random.Random(seed)
    text = "".join(written(number, cells) for number, cells in enumerate(kinds, start=1))
    for _ in range(chance.randint(1, 6)):
        start, place = chance.randrange(len(text)), chance.randrange(len(text))
        text = text[:place] + text[start : start + chance.randint(1, 40)] + text[place + chance.randint(0, 10) :]
    try:
        loaded([text], tmp_path)
    except ReadProblem as problem:
        ended = problem.code
    else:
        ended = "read"
    assert ended in ("read", "corrupt_file", "expands_too_much", "too_many_rows")


MEMBERS = ("symbology", "sheet", "columns", "layout", "start", "copies", "scale", "offset_mm", "text", "dpi", "verify")
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@QUICK
@given(st.dictionaries(st.sampled_from(MEMBERS), anything, max_size=4))
def test_any_options_are_taken_or_refused(options: dict[str, object]) -> None:
    with contextlib.suppress(InvalidOptions):
        parse_options(json.dumps(options))


def test_the_strategy_makes_what_is_read(tmp_path: Path) -> None:
    with pytest.raises(ReadProblem):
        loaded([written(1, [CELLS[0]]), written(1, [CELLS[0]])], tmp_path)
