"""The shared corpus of real lines: kinds and fields of nginx's, and nothing of nginx in what is none."""

from observability.detector.parse import fields_of, parse_text
from observability.detector.signals import Access, UpstreamError
from tests.unit.observability.detector.parse.nginx_lines import READ_AT, shared

RIGHT = 0.99


def test_kinds() -> None:
    items = shared("nginx.jsonl")
    missed = []
    for item in items:
        kinds = [signal.kind for signal in parse_text(item["text"], item["id"], READ_AT)[1]]
        if kinds != ([item["kind"]] if item["kind"] else []):
            missed.append((item["id"], item["kind"], kinds))
    assert len(missed) <= len(items) * (1 - RIGHT), missed


def test_fields() -> None:
    total, missed = 0, []
    for item in shared("nginx.jsonl"):
        if item["kind"] is None:
            continue
        signals = parse_text(item["text"], item["id"], READ_AT)[1]
        read = fields_of(signals[0]) if signals else {}
        # an access line's further fields (client, upstream, …) are not listed there
        names = item["fields"] if item["kind"] == "access" else item["fields"] | read
        total += len(names)
        missed += [(item["id"], name, read.get(name)) for name in names if read.get(name) != item["fields"].get(name)]
    assert len(missed) <= total * (1 - RIGHT), missed


def test_ambiguous_lines_break_nothing() -> None:
    for item in shared("nginx-ambiguous.jsonl"):
        for signal in parse_text(item["text"], item["id"], READ_AT)[1]:
            fields_of(signal)


def test_a_benign_backend_says_nothing_of_nginx() -> None:
    """Access lines in the combined format are access lines, whoever wrote them."""
    for item in shared("backend.jsonl"):
        if item["group"] != "benign":
            continue
        signals = parse_text(item["text"], item["id"], READ_AT)[1]
        assert not [signal for signal in signals if isinstance(signal, UpstreamError)], item["id"]
        assert all((signal.status or 0) < 500 for signal in signals if isinstance(signal, Access)), item["id"]
