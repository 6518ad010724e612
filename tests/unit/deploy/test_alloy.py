"""deploy/alloy/config.alloy: only words that Alloy knows, files that the stack mounts, and the right stream for each line."""

from datetime import UTC, datetime
from typing import Final

import pytest

from tests.alloy import Block, Entry, read_config, shipped, targets
from tests.compose import services

# Components, their attributes and blocks, from Alloy's reference at v1.9.2 (of those that are used).
KNOWN: Final = {
    "logging": {"level", "format", "write_to"},
    "local.file_match": {"path_targets", "ignore_older_than", "sync_period"},
    "loki.source.file": {"targets", "forward_to", "encoding", "tail_from_end", "legacy_positions_file"},
    "loki.process": {"forward_to"},
    "stage.json": {"expressions", "drop_malformed", "source"},
    "stage.regex": {"expression", "source", "labels_from_groups"},
    "stage.static_labels": {"values"},
    "stage.labels": {"values"},
    "stage.structured_metadata": {"values"},
    "stage.timestamp": {"format", "source", "location", "fallback_formats", "action_on_failure"},
    "stage.match": {"selector", "action", "pipeline_name", "drop_counter_reason"},
    "loki.write": {"external_labels", "max_streams"},
    "endpoint": {"url"},
}
ROOT = read_config()
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ACCESS = (
    '{"msec":1795528800.003,"pid":28,"connection":1,"connection_requests":1,"request_id":"7b1e","request":"POST /x HTTP/1.1",'
    '"status":%d,"client":"10.0.1.7","upstream_addr":"10.89.34.11:8034","traceparent":"00-4f0e9a3b5c6d7e8f9a0b7b1e0c6a4d2f-00f0-01"}'
)


def _blocks(block: Block) -> list[Block]:
    return [each for child in block.blocks for each in (child, *_blocks(child))]


def test_every_word_is_one_of_alloy() -> None:
    for block in _blocks(ROOT):
        assert block.name in KNOWN, block.name
        assert set(block.attributes) <= KNOWN[block.name], block.name


def test_every_followed_file_lies_in_a_volume_that_is_mounted() -> None:
    mounted = {volume.split(":")[1] for volume in services()["alloy"]["volumes"]}
    paths = [target["__path__"] for target, _ in targets(ROOT)]
    assert len(paths) == 4
    assert {path.rpartition("/")[0] for path in paths} <= mounted
    front, backend = services()["front"]["environment"]["LOGS_DIR"], "/var/log/barwatch"
    assert {f"{front}/access.log", f"{front}/error.log", f"{backend}/backend.log"} <= set(paths)


def _ship(log: str, line: str) -> Entry:
    (found,) = [(target, process) for target, process in targets(ROOT) if target["log"] == log]
    return shipped(line, *found, NOW)


@pytest.mark.parametrize(
    ("log", "line", "labels", "metadata"),
    [
        pytest.param(
            "access", ACCESS % 200, {"service": "front", "level": "info"},
            {"request_id": "7b1e", "trace_id": "4f0e9a3b5c6d7e8f9a0b7b1e0c6a4d2f", "status": "200"}, id="an access",
        ),
        pytest.param(
            "access", ACCESS % 502, {"service": "front", "level": "error"},
            {"request_id": "7b1e", "trace_id": "4f0e9a3b5c6d7e8f9a0b7b1e0c6a4d2f", "status": "502"}, id="a failed one",
        ),
        pytest.param(
            "error", "2026/01/01 12:00:00 [crit] 28#28: *9 connect() failed", {"service": "front", "level": "crit"}, {},
            id="a line of the error log",
        ),
        pytest.param(
            "backend",
            '{"ts":"2026-01-01T12:00:00.5Z","level":"error","event":"upload.stage.failed","request_id":"7b1e","job_id":"j"}',
            {"service": "barwatch", "level": "error"},
            {"event": "upload.stage.failed", "request_id": "7b1e", "job_id": "j"}, id="a line of the backend",
        ),
        pytest.param("backend", "no JSON at all", {"service": "barwatch"}, {}, id="what is no JSON is shipped too"),
    ],
)  # fmt: skip
def test_a_line_becomes_an_entry(log: str, line: str, labels: dict[str, str], metadata: dict[str, str]) -> None:
    entry = _ship(log, line)
    assert (entry.labels, entry.metadata, entry.line) == ({"log": log, **labels}, metadata, line)


@pytest.mark.parametrize(
    ("log", "line", "at"),
    [
        ("access", ACCESS % 200, 1795528800.003),
        ("error", "2026/01/01 12:00:00 [crit] 28#28: x", 1767268800.0),
        ("backend", '{"ts":"2026-01-01T12:00:00.500000Z","level":"info","event":"x"}', 1767268800.5),
        ("backend", "no time in it", NOW.timestamp()),
    ],
)
def test_its_time_is_that_of_the_line(log: str, line: str, at: float) -> None:
    assert _ship(log, line).at_ns == pytest.approx(at * 1e9, abs=1000)
