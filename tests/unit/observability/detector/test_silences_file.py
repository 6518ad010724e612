"""The silences file as it is edited: read again when it changes, and a bad one changes nothing."""

from datetime import timedelta
from pathlib import Path

from observability.detector.silences_file import SilencesFile
from tests.unit.observability.detector.incident_examples import T0

ENTRY = '[[silence]]\nreason = "r"\nauthor = "{author}"\nuntil = {until}\nmatch = {{ cause = "deploy" }}\n'
LATER = (T0 + timedelta(hours=1)).isoformat()


def entry(author: str, until: str = LATER) -> str:
    return ENTRY.format(author=author, until=until)


def authors(file: SilencesFile) -> list[str]:
    return [one.author for one in file.current().entries]


def test_without_a_file_there_are_none() -> None:
    assert SilencesFile(None, lambda: T0).shown() == {"file": None, "wrong": [], "silences": []}


def test_it_is_read_again_when_it_changes_and_only_then(tmp_path: Path) -> None:
    path = tmp_path / "silences.toml"
    path.write_text(entry("ann"))
    file = SilencesFile(path, lambda: T0)
    assert authors(file) == ["ann"]
    assert file.current() is file.current()
    path.write_text(entry("ann") + entry("bob"))
    assert authors(file) == ["ann", "bob"]


def test_the_last_good_one_stays_in_force(tmp_path: Path) -> None:
    path = tmp_path / "silences.toml"
    path.write_text(entry("ann"))
    file = SilencesFile(path, lambda: T0)
    good = file.current()
    for bad in (b"[[silence]]\nreason = \n", b"\xff", b"#" * 1_000_001):
        path.write_bytes(bad)
        assert file.current() is good
        assert [wrong.line for wrong in file.wrong] == [2 if b"reason" in bad else 1]
    path.unlink()
    assert file.current() is good
    assert "cannot be read" in file.wrong[0].found
    path.write_text("")
    assert (authors(file), file.wrong) == ([], ())


def test_what_is_over_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "silences.toml"
    path.write_text(entry("ann", (T0 - timedelta(hours=1)).isoformat()) + entry("bob"))
    shown = SilencesFile(path, lambda: T0).shown()
    assert [(one["line"], one["author"], one["standing"]) for one in shown["silences"]] == [
        (1, "ann", "expired"), (6, "bob", "active"),
    ]  # fmt: skip
