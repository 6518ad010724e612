"""Options become a sheet and lines of text, or say what is wrong with them."""

import pytest

from service.uploads.model import Label
from service.uploads.options import InvalidOptions, TextLine, UploadOptions
from service.uploads.sheet import sheet_options, to_draw

LABEL = Label(7, "ean13", "4006381333931", "Pen", "1.20", 3)

WRONG: dict[str, tuple[UploadOptions, str]] = {
    "a layout that nobody knows": (UploadOptions(layout="L1"), "layout"),
    "a custom layout that cannot be printed": (UploadOptions(layout={"columns": 3}), "layout"),
    "a start beyond the page": (UploadOptions(layout="L7160", start=22), "start"),
}


@pytest.mark.parametrize(("options", "member"), WRONG.values(), ids=WRONG)
def test_what_only_the_sheets_know_is_checked(options: UploadOptions, member: str) -> None:
    with pytest.raises(InvalidOptions) as raised:
        sheet_options(options)
    assert {problem.member for problem in raised.value.problems} == {member}


def test_the_last_label_of_a_page_is_a_start() -> None:
    assert sheet_options(UploadOptions(layout="5160", start=30)).start == 30


LINES: dict[str, tuple[tuple[TextLine, ...], tuple[str, ...], bool]] = {
    "code and name": (("code", "name"), ("Pen",), True),
    "in the order that is asked for": (("price", "name"), ("1.20", "Pen"), False),
    "nothing": ((), (), False),
}


@pytest.mark.parametrize(("text", "lines", "hri"), LINES.values(), ids=LINES)
def test_lines_follow_the_option(text: tuple[TextLine, ...], lines: tuple[str, ...], hri: bool) -> None:
    options = UploadOptions(text=text)
    (drawn,) = to_draw((LABEL,), options)
    assert (drawn.row, drawn.lines, drawn.quantity) == (7, lines, 3)
    assert sheet_options(options).hri is hri
