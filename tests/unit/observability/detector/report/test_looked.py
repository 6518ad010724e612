"""What a look around found, in the explanation: all that failed, and of the rest what a person asks for first."""

from datetime import UTC, datetime

from observability.detector.report import explain, explanation_text
from observability.detector.report.looked import looked

EXITED = (
    '{"ts":"2026-11-07T19:00:19.100Z","level":"error","event":"process.exited","service":"barwatch","version":"1",'
    '"instance":"a","pid":7,"role":"backend","signal":"SIGKILL","oom_kill":0,"address":"127.0.0.1:8034"}\n'
)
CHECKED = (
    '{"ts":"2026-11-07T19:00:19.900Z","level":"error","event":"preflight.checked","service":"barwatch","version":"1",'
    '"instance":"a","pid":8,"ok":false,"when":"death","checks":['
    '{"name":"DOWNLOAD_DIR","ok":false,"what":"DOWNLOAD_DIR=/srv","found":"not writable","remedy":"Run: chown 7 /srv"},'
    '{"name":"memory","ok":true,"what":"memory","found":"47 MiB resident","remedy":""},'
    '{"name":"font","ok":true,"what":"font=/a","found":"9 bytes","remedy":""},'
    '{"name":"imports","ok":true,"what":"imports","found":"all load","remedy":""}]}\n'
)
LINES = (
    "❌ DOWNLOAD_DIR=/srv: not writable. Run: chown 7 /srv",
    "✅ memory: 47 MiB resident",
    "✅ 2 other checks passed",
)


def test_failures_and_what_is_worth_telling_are_lines_of_the_report() -> None:
    explained = explain([("backend.log", EXITED + CHECKED)], datetime(2026, 11, 7, 19, 1, tzinfo=UTC))
    (incident,) = explained.incidents
    assert looked(incident) == LINES
    assert all(line in explanation_text(explained) for line in LINES)


def test_where_nobody_looked_nothing_is_said() -> None:
    (incident,) = explain([("backend.log", EXITED)], datetime(2026, 11, 7, 19, 1, tzinfo=UTC)).incidents
    assert looked(incident) == ()
