"""Labels as SVG: the same bars as in the PDF, and texts that are safe to put into XML."""

import re
from xml.etree import ElementTree

import pytest

from service.symbology import SymbologyName
from service.uploads.render.draw import draw
from service.uploads.render.model import DrawLabel, NotDrawableError, SheetOptions
from service.uploads.render.svg import svg, svg_files
from tests.unit.service.uploads.render.content import page_streams, rectangles

LABELS: dict[SymbologyName, str] = {
    "ean13": "5901234123457",
    "itf14": "15400141288763",
    "code128": "ABC-123456",
    "qr": "https://example.com/1",
    "gs1_datamatrix": "(01)09506000134352(10)A1",
}


@pytest.mark.parametrize(("symbology", "text"), LABELS.items())
def test_bars_are_those_of_the_pdf(symbology: SymbologyName, text: str) -> None:
    label = DrawLabel(2, symbology, text, ("Coffee",))
    drawn = svg(label, SheetOptions())
    found = [tuple(map(int, bar)) for bar in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h-\d+z", drawn.splitlines()[2])]
    height = 450  # 38.1 mm at 300 dpi
    assert [(x, height - y - h, w, h) for x, y, w, h in found] == rectangles(
        page_streams(draw([label], SheetOptions()).pdf)[0]
    )


@pytest.mark.parametrize("name", ["<b>&amp;</b> \"'", "]]>", "a\x00b\x1f", "قهوة", "\ud800"])
def test_any_name_gives_well_formed_xml(name: str) -> None:
    drawn = svg(DrawLabel(2, "code128", "A<&>", (name,)), SheetOptions())
    assert ElementTree.fromstring(drawn.encode("utf-8")).get("width") == "63.5mm"


def test_arabic_stays_in_the_order_in_which_it_is_read() -> None:
    assert ">قهوة<" in svg(DrawLabel(2, "code128", "A", ("قهوة",)), SheetOptions())


def test_file_names_have_the_row_and_no_character_that_a_file_system_minds() -> None:
    labels = [DrawLabel(17, "code128", "a/b\\c:../é".replace("é", "e")), DrawLabel(18, "code128", "A", quantity=0)]
    assert [name for name, _ in svg_files(labels, SheetOptions())] == ["00017-a_b_c_.._e.svg"]


@pytest.mark.parametrize("label", [DrawLabel(9, "ean13", "1"), DrawLabel(9, "code128", "W" * 70)])
def test_an_unchecked_label_is_refused_with_its_row(label: DrawLabel) -> None:
    with pytest.raises(NotDrawableError, match="row 9"):
        svg(label, SheetOptions())
