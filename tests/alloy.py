"""deploy/alloy/config.alloy, read and done as Alloy does it, as far as its stages are used there: there is no Alloy to start.

Syntax and stages: Alloy's reference, `loki.process`, `loki.source.file`, `local.file_match`.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.compose import ROOT

CONFIG = ROOT / "deploy/alloy/config.alloy"
_TOKEN = re.compile(r'//[^\n]*|"(?:[^"\\]|\\.)*"|[A-Za-z_][\w.]*|[{}\[\](),=]|\n')


@dataclass(frozen=True, slots=True)
class Block:
    """`name "label" { attributes, blocks }`."""

    name: str
    label: str
    attributes: dict[str, Any] = field(default_factory=dict)
    blocks: list["Block"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is pushed to Loki."""

    labels: dict[str, str]
    metadata: dict[str, str]
    at_ns: int
    line: str


def read_config() -> Block:
    """Return the whole file as one block. Raises AssertionError where its syntax is none."""
    tokens = [t for t in _TOKEN.findall(CONFIG.read_text("utf-8")) if t != "\n" and not t.startswith("//")]
    root, rest = _body(tokens)
    assert not rest, rest[:5]
    return root


def _body(tokens: list[str], name: str = "", label: str = "") -> tuple[Block, list[str]]:
    block = Block(name, label)
    while tokens and tokens[0] != "}":
        word, tokens = tokens[0], tokens[1:]
        if tokens[0] == "=":
            block.attributes[word], tokens = _value(tokens[1:])
            continue
        inner = ""
        if tokens[0].startswith('"'):
            inner, tokens = json.loads(tokens[0]), tokens[1:]
        assert tokens[0] == "{", (word, tokens[:3])
        child, tokens = _body(tokens[1:], word, inner)
        block.blocks.append(child)
        tokens = tokens[1:]
    return block, tokens


def _value(tokens: list[str]) -> tuple[Any, list[str]]:
    first, rest = tokens[0], tokens[1:]
    if first.startswith('"'):
        return json.loads(first), rest
    if first == "[":
        items: list[Any] = []
        while rest[0] != "]":
            item, rest = _value(rest)
            items.append(item)
            rest = rest[1:] if rest[0] == "," else rest
        return items, rest[1:]
    if first == "{":
        pairs: dict[str, Any] = {}
        while rest[0] != "}":
            key = json.loads(rest[0]) if rest[0].startswith('"') else rest[0]
            pairs[key], rest = _value(rest[2:])
            rest = rest[1:] if rest[0] == "," else rest
        return pairs, rest[1:]
    if rest and rest[0] == "(":  # a call: array.concat(…), sys.env(…)
        arguments: list[Any] = []
        rest = rest[1:]
        while rest[0] != ")":
            argument, rest = _value(rest)
            arguments.append(argument)
            rest = rest[1:] if rest[0] == "," else rest
        return (first, arguments), rest[1:]
    return first, rest


def targets(root: Block) -> Iterator[tuple[dict[str, str], Block]]:
    """Yield each followed file's labels with its path, and the process that its lines go through."""
    named = {f"{block.name}.{block.label}": block for block in root.blocks}
    for source in (block for block in root.blocks if block.name == "loki.source.file"):
        given = source.attributes["targets"]
        references = given[1] if isinstance(given, tuple) else [given]
        (forward,) = source.attributes["forward_to"]
        for reference in references:
            for target in named[reference.removesuffix(".targets")].attributes["path_targets"]:
                yield target, named[forward.removesuffix(".receiver")]


def shipped(line: str, target: dict[str, str], process: Block, now: datetime) -> Entry:
    """Return what becomes of a line: stages run in order over labels, values taken out, and the time."""
    labels = {name: value for name, value in target.items() if not name.startswith("__")}
    taken: dict[str, str] = {}
    metadata: dict[str, str] = {}
    at_ns = round(now.timestamp() * 1e9)
    for stage in process.blocks:
        at_ns = _run(stage, line, labels, taken, metadata) or at_ns
    return Entry(labels, metadata, at_ns, line)


def _run(
    stage: Block, line: str, labels: dict[str, str], taken: dict[str, str], metadata: dict[str, str]
) -> int | None:
    a = stage.attributes
    if stage.name == "stage.json":
        taken |= _json(line, a["expressions"])
    elif stage.name == "stage.regex":
        found = re.search(a["expression"], taken.get(a.get("source", ""), "") or line)
        taken |= {name: value for name, value in (found.groupdict() if found else {}).items() if value}
    elif stage.name == "stage.static_labels":
        labels |= a["values"]
    elif stage.name == "stage.labels":
        labels |= {name: taken[of or name] for name, of in a["values"].items() if taken.get(of or name)}
    elif stage.name == "stage.structured_metadata":
        metadata |= {name: taken[of or name] for name, of in a["values"].items() if taken.get(of or name)}
    elif stage.name == "stage.timestamp":
        return _time(taken.get(a["source"], ""), a["format"])
    elif stage.name == "stage.match":
        if _selected(a["selector"], labels, line):
            for inner in stage.blocks:
                _run(inner, line, labels, taken, metadata)
    else:
        raise AssertionError(f"a stage that is not known here: {stage.name}")
    return None


def _json(line: str, expressions: dict[str, str]) -> dict[str, str]:
    try:
        read = json.loads(line)
    except ValueError:
        return {}
    return {name: str(read[of or name]) for name, of in expressions.items() if read.get(of or name) not in (None, "")}


def _time(text: str, format_: str) -> int | None:
    if not text:
        return None
    if format_ == "Unix":
        return round(float(text) * 1e9)
    if format_ == "RFC3339Nano":
        return round(datetime.fromisoformat(text).timestamp() * 1e9)
    assert format_ == "2006/01/02 15:04:05", format_
    return round(datetime.strptime(text, "%Y/%m/%d %H:%M:%S").replace(tzinfo=UTC).timestamp() * 1e9)


def _selected(selector: str, labels: dict[str, str], line: str) -> bool:
    found = re.fullmatch(r'\{(\w+)="([^"]*)"\} \|~ (".*")', selector)
    assert found, selector
    return labels.get(found[1]) == found[2] and re.search(json.loads(found[3]), line) is not None
