"""verify, done again after a death in it: the same verdicts, and a PDF without what does not read."""

import json
from dataclasses import asdict
from pathlib import Path

from service.uploads import child
from service.uploads.limits import Limits
from service.uploads.packing import pack_drawn, unpack_checked, unpack_drawn
from service.uploads.workspace import CHECKED, DRAWN, PDF, UPLOAD
from tests.lists import ean_list


def nothing(_done: int, _total: int) -> None:
    """Nobody asks how far it is."""


def test_a_verify_that_is_done_twice_gives_the_same(tmp_path: Path) -> None:
    (tmp_path / UPLOAD).write_bytes(ean_list(30))
    request = {"workspace": str(tmp_path), "options": json.dumps({}), "limits": asdict(Limits())}
    for stage in (child.read, child.check, child.draw):
        stage(request, nothing)
    drawn = unpack_drawn((tmp_path / DRAWN).read_bytes())
    first = drawn.positions[0]
    spoilt = type(drawn)(drawn.pdf, drawn.pages, (first._replace(encoded="x"), *drawn.positions[1:]))
    (tmp_path / DRAWN).write_bytes(pack_drawn(spoilt))
    once = child.verify(request, nothing), (tmp_path / PDF).read_bytes(), (tmp_path / CHECKED).read_bytes()
    again = child.verify(request, nothing), (tmp_path / PDF).read_bytes(), (tmp_path / CHECKED).read_bytes()
    assert once[0] == again[0]
    assert once[1] == again[1]
    assert unpack_checked(once[2]) == unpack_checked(again[2])
    assert (once[0]["decoded"], once[0]["labels"]) == (29, 29)
