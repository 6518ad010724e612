"""Frames of a traceback as it stands in a log."""

import orjson

from observability.detector.stack import own_frames
from observability.fingerprint import Frame
from tests.unit.observability.detector.notify.examples import TRACEBACK


def test_our_own_frames_come_in_the_order_printed() -> None:
    assert [(frame.file, frame.line, frame.source) for frame in own_frames(TRACEBACK)] == [
        ("/app/service/uploads/run.py", 40, "await publish(drawn)"),
        ("/app/service/uploads/publish.py", 31, "await put(path, data)"),
        ("/app/service/files.py", 12, "path.write_bytes(data)"),
    ]


def test_a_json_line_is_opened() -> None:
    logged = orjson.dumps({"event": "x", "exception.stacktrace": TRACEBACK}).decode()
    assert own_frames(logged) == own_frames(TRACEBACK)


def test_a_frame_whose_source_is_not_at_hand_has_none() -> None:
    bare = 'Traceback (most recent call last):\n  File "/app/a.py", line 1, in f\n  File "/app/b.py", line 2, in g\nKeyError'
    assert own_frames(bare) == (Frame("/app/a.py", 1, "f"), Frame("/app/b.py", 2, "g"))
