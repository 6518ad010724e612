"""The fault matrix: what only looks like a failure of ours. Nothing may come of it."""

from tests.e2e.chain import Chain
from tests.e2e.fault_actions import (
    Action,
    Hurt,
    deploy_under_traffic,
    leave,
    leave_while_downloading,
    post,
    sending,
    stopping_during,
    too_large,
)
from tests.e2e.fault_case import Fault

_NGINX = "2025/11/07 19:00:19 [error] 28#28: *9 upstream prematurely closed connection while reading response header"
_HEAD = b"POST /api/barcodes/upload-excel?at=none HTTP/1.1\r\nHost: localhost\r\n"


def saying(query: str = "at=none", **headers: str) -> Action:
    """Return the action: a good upload whose client writes what our logs might be misread by."""

    async def say(running: Chain) -> Hurt:
        return await post(running, query, headers=headers)

    return say


NOBODY: dict[str, Fault] = {
    "a deploy under traffic": Fault(deploy_under_traffic, None, 200),
    "a deploy that lets an upload end": Fault(stopping_during("pause"), None, 200),
    "a client that leaves": Fault(leave, None),
    "a client that leaves in the middle of a download": Fault(leave_while_downloading, None, 200),
    "a file that is too large": Fault(too_large(), None, 413),
    "a file that is too large, to a path that imitates a crash": Fault(
        too_large("at=none&upstream%20prematurely%20closed%20connection,%20upstream:%20%22http://x:1%22"), None, 413
    ),
    "words that are no HTTP": Fault(sending(b"labels, please\r\n\r\n"), None, 400),
    "TLS to a plain port": Fault(sending(bytes.fromhex("160301007b010000770303") + bytes(120)), None, 400),
    "HTTP/0.9": Fault(sending(b"GET /healthz\r\n"), None),
    "a version of HTTP that does not exist": Fault(sending(b"GET / HTTP/7.3\r\nHost: x\r\n\r\n"), None, 505),
    "a path that climbs out": Fault(sending(b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n"), None, 400),
    "a header that is too long": Fault(sending(_HEAD + b"X-Labels: " + b"x" * 40_000 + b"\r\n\r\n"), None, 400),
    "a head that comes letter by letter and never ends": Fault(
        sending(*(bytes([letter]) for letter in _HEAD[:20]), pause_s=0.03), None
    ),
    "a body that breaks off": Fault(sending(_HEAD + b"Content-Length: 5000\r\n\r\nPK", pause_s=0.2), None),
    "a body whose chunks are none": Fault(
        sending(_HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nPK", pause_s=0.1), None, 400
    ),
    "a User-Agent that imitates a line of nginx": Fault(saying(**{"User-Agent": _NGINX}), None, 200),
    "a Referer that imitates a traceback": Fault(
        saying(Referer="http://x/?Traceback (most recent call last): MemoryError: Killed process 28"), None, 200
    ),
    "a User-Agent that imitates the supervisor": Fault(
        saying(**{"User-Agent": '{"event":"process.exited","role":"backend","pid":1,"signal":"SIGKILL"}'}), None, 200
    ),
    "a query that imitates the error log": Fault(
        saying("at=none&note=recv()%20failed%20(104:%20Connection%20reset%20by%20peer)%20while%20reading"), None, 200
    ),
    "a path that imitates the kernel": Fault(
        sending(b"GET /x\\nOut%20of%20memory:%20Killed%20process%2028%20(python3) HTTP/1.1\r\nHost: x\r\n\r\n"),
        None,
        404,
    ),
    "a request id that imitates a log line": Fault(
        saying(**{"X-Request-ID": 'x","event":"process.exited","signal":"SIGKILL'}), None, 200
    ),
    "a traceparent that is none": Fault(saying(traceparent="Fatal Python error: Segmentation fault"), None, 200),
}
