"""The options of an upload: typed, and every wrong member named."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.uploads.options import InvalidOptions, UploadOptions, parse_options

VALID: dict[str, tuple[str | None, UploadOptions]] = {
    "none": (None, UploadOptions()),
    "empty": ("  ", UploadOptions()),
    "an empty object": ("{}", UploadOptions()),
    "a symbology as people write it": ('{"symbology": "EAN-13"}', UploadOptions(symbology="ean13")),
    "a sheet by name": ('{"sheet": "List"}', UploadOptions(sheet="List")),
    "a sheet by number": ('{"sheet": 2}', UploadOptions(sheet=2)),
    "columns": ('{"columns": {"code": "B", "name": 3}}', UploadOptions(columns={"code": "B", "name": 3})),
    "a column that is null is not asked for": ('{"columns": {"code": null}}', UploadOptions()),
    "an offset": ('{"offset_mm": [1, -0.5]}', UploadOptions(offset_mm=(1.0, -0.5))),
    "lines of text": ('{"text": ["name", "price"]}', UploadOptions(text=("name", "price"))),
    "no lines of text": ('{"text": []}', UploadOptions(text=())),
    "a layout of one's own": ('{"layout": {"width_mm": 50}}', UploadOptions(layout={"width_mm": 50})),
}


@pytest.mark.parametrize(("text", "options"), VALID.values(), ids=VALID)
def test_valid_options(text: str | None, options: UploadOptions) -> None:
    assert parse_options(text) == options


INVALID: dict[str, tuple[str, list[str]]] = {
    "no JSON": ("{", [""]),
    "no object": ("[]", [""]),
    "NaN": ('{"scale": NaN}', [""]),
    "a member twice": ('{"copies": 1, "copies": 2}', [""]),
    "nested without end": ("[" * 100_000, [""]),
    "half a surrogate pair": ('{"sheet": "\\ud800"}', [""]),
    "a member named by half a surrogate pair": ('{"\\udfff": 1}', [""]),
    "an unknown member": ('{"colour": "red"}', ["colour"]),
    "each wrong member": ('{"copies": 0, "dpi": "300", "verify": "yes"}', ["copies", "dpi", "verify"]),
    "true is no number": ('{"copies": true}', ["copies"]),
    "an unknown symbology": ('{"symbology": "ean99"}', ["symbology"]),
    "an unknown column": ('{"columns": {"colour": "A"}}', ["columns"]),
    "a column 0": ('{"columns": {"code": 0}}', ["columns"]),
    "an offset of one number": ('{"offset_mm": [1]}', ["offset_mm"]),
    "a line of text twice": ('{"text": ["code", "code"]}', ["text"]),
    "a line of text that is a list": ('{"text": [["code"]]}', ["text"]),
    "a header row 0": ('{"header_row": 0}', ["header_row"]),
    "an empty sheet name": ('{"sheet": ""}', ["sheet"]),
    "null where nothing is optional": ('{"layout": null}', ["layout"]),
}


@pytest.mark.parametrize(("text", "members"), INVALID.values(), ids=INVALID)
def test_invalid_options_name_every_wrong_member(text: str, members: list[str]) -> None:
    with pytest.raises(InvalidOptions) as raised:
        parse_options(text)
    assert [problem.member for problem in raised.value.problems] == members
    assert all(problem.expected for problem in raised.value.problems)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.sampled_from(sorted(UploadOptions.__dataclass_fields__)) | st.text(), json_values))
def test_any_json_is_options_or_invalid_options(value: dict[str, object]) -> None:
    try:
        parse_options(json.dumps(value))
    except InvalidOptions as invalid:
        assert invalid.problems  # noqa: PT017  either outcome is right, nothing else is
