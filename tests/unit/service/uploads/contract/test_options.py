"""Section 1: the options. What is unknown or wrong is `invalid_options`; what is right is taken."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.service.uploads.contract.answer import agrees
from tests.unit.service.uploads.contract.files import column

EAN = "5901234123457"
WRONG: dict[str, dict[str, Any]] = {
    "an unknown member": {"color": "red"},
    "a member in other case": {"Symbology": "auto"},
    "an unknown symbology": {"symbology": "pdf417"},
    "a symbology that is a list": {"symbology": ["ean13"]},
    "a symbology that is null": {"symbology": None},
    "a sheet that is a list": {"sheet": []},
    "an empty sheet name": {"sheet": ""},
    "sheet 0": {"sheet": 0},
    "sheet 1.5": {"sheet": 1.5},
    "header_row 0": {"header_row": 0},
    "header_row as text": {"header_row": "1"},
    "columns that are a list": {"columns": ["A"]},
    "columns of an unknown field": {"columns": {"weight": "A"}},
    "a column that is true": {"columns": {"code": True}},
    "a column that is 0": {"columns": {"code": 0}},
    "a column that is empty": {"columns": {"code": ""}},
    "check_digit remove": {"check_digit": "remove"},
    "on_error ignore": {"on_error": "ignore"},
    "duplicates keep": {"duplicates": "keep"},
    "hidden_rows show": {"hidden_rows": "show"},
    "an unknown layout": {"layout": "L9999"},
    "a layout that is a number": {"layout": 5160},
    "a layout without a size": {"layout": {}},
    "a label of no width": {"layout": {"label_mm": [0, 20]}},
    "labels that leave the page": {"layout": {"page_mm": [100, 100], "label_mm": [60, 30], "grid": [2, 2]}},
    "start 0": {"start": 0},
    "start beyond the page": {"start": 22},
    "start 1.5": {"start": 1.5},
    "copies 0": {"copies": 0},
    "copies less than nothing": {"copies": -1},
    "offset of one number": {"offset_mm": [1]},
    "offset of texts": {"offset_mm": ["1", "2"]},
    "scale 0": {"scale": 0},
    "scale as text": {"scale": "1.0"},
    "text of an unknown line": {"text": ["code", "weight"]},
    "text that is a word": {"text": "code"},
    "text that says a line twice": {"text": ["code", "code"]},
    "dpi 0": {"dpi": 0},
    "dpi as text": {"dpi": "300"},
    "verify some": {"verify": "some"},
    "verify true": {"verify": True},
}
RIGHT: dict[str, dict[str, Any]] = {
    "none": {},
    "all defaults": {
        "symbology": "auto",
        "sheet": None,
        "header_row": None,
        "columns": {},
        "check_digit": "verify",
        "on_error": "skip",
        "duplicates": "warn",
        "hidden_rows": "skip",
        "layout": "L7160",
        "start": 1,
        "copies": 1,
        "offset_mm": [0, 0],
        "scale": 1.0,
        "text": ["code", "name"],
        "dpi": 300,
        "verify": "auto",
    },
    "a symbology in other spelling": {"symbology": " ean_13 "},
    "auto in other case": {"symbology": "Auto"},
    "another layout": {"layout": "5160"},
    "a layout in small letters": {"layout": "l7160"},
    "a layout of one's own": {"layout": {"page_mm": [210, 297], "label_mm": [70, 40], "grid": [3, 7]}},
    "the last start of the page": {"start": 21},
    "an offset to the left and up": {"offset_mm": [-1.5, -2]},
    "a scale": {"scale": 0.98},
    "no text": {"text": []},
    "all lines in another order": {"text": ["price", "name", "code"]},
    "a label printer": {"dpi": 203},
    "each way to verify": {"verify": "none"},
}


@pytest.mark.parametrize("options", WRONG.values(), ids=WRONG)
def test_wrong_options_are_refused(options: dict[str, Any], tmp_path: Path) -> None:
    agrees((column("EAN", EAN), options, ["! invalid_options"]), tmp_path)


@pytest.mark.parametrize("options", RIGHT.values(), ids=RIGHT)
def test_right_options_are_taken(options: dict[str, Any], tmp_path: Path) -> None:
    agrees((column("EAN", EAN), options, [f"A2 ean13 {EAN}"]), tmp_path)
