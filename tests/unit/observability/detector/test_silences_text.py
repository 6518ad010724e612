"""The silences file: what it may say, and that each mistake is named with its line and a remedy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.detector.silences_text import BadSilences, Wrong, silences_of

GOOD = """
# Known and waited for
[[silence]]
reason = "scanner 7 sends broken lists until its update"
author = "ann"
until = 2026-08-01T12:00:00Z
match = { cause = "bad_input", route = "POST /api/*" }

[[maintenance]]
reason = "database upgrade"
author = "ops"
from = 2026-07-01T22:00:00+02:00
until = 2026-07-01T23:00:00+02:00

[[silence]]
reason = "noisy"
author = "bob"
until = 2026-08-01T12:00:00Z
[silence.match]
severity = "ticket"

[[maintenance]]
reason = "backup"
author = "ops"
weekly = { days = ["sat", "sun"], from = "23:00", until = "01:00", zone = "Europe/Berlin" }
"""


def test_entries_come_in_the_order_of_the_file_with_their_lines() -> None:
    found = silences_of(GOOD)
    assert [(one.line, one.author) for one in found] == [(3, "ann"), (9, "ops"), (15, "bob"), (22, "ops")]
    assert found[0].patterns == (("cause", "bad_input"), ("route", "POST /api/*"))
    assert found[2].patterns == (("severity", "ticket"),)
    assert found[3].weekly is not None
    assert found[3].weekly.days == {5, 6}


def test_an_empty_file_silences_nothing() -> None:
    assert silences_of("") == ()


def weekly(day: str = "sat", start: str = "01:00", end: str = "02:00", zone: str = "UTC") -> str:
    return f'weekly = {{ days = ["{day}"], from = "{start}", until = "{end}", zone = "{zone}" }}\n'


HEAD = '[[silence]]\nreason = "r"\nauthor = "a"\n'
UNTIL = "until = 2026-08-01T12:00:00Z\n"
MATCH = 'match = { cause = "bad_input" }\n'
WINDOW = '[[maintenance]]\nreason = "r"\nauthor = "a"\n'
BAD: dict[str, tuple[str, int, str]] = {
    "no TOML": (HEAD + "until = tomorrow\n", 4, "TOML"),
    "a table that is none": ("silence = 3\n", 1, "[[silence]]"),
    "another table": ("[[mute]]\n", 1, "[[silence]]"),
    "a key that is not known": (HEAD + UNTIL + MATCH + 'who = "me"\n', 6, "match, from, until"),
    "a silence about everything": (HEAD + UNTIL, 1, "match = {"),
    "no end": (HEAD + MATCH, 1, "until = "),
    "a local time": (HEAD + MATCH + "until = 2026-08-01T12:00:00\n", 5, "+02:00"),
    "a time in quotes": (HEAD + MATCH + 'until = "2026-08-01T12:00:00Z"\n', 5, "without quotes"),
    "it ends before it begins": (HEAD + MATCH + "from = 2027-01-01T00:00:00Z\n" + UNTIL, 6, "before"),
    "a cause that is none": (HEAD + UNTIL + 'match = { cause = "gremlins" }\n', 5, "permission_denied"),
    "a field that is none": (HEAD + UNTIL + 'match = { host = "a" }\n', 5, "cause, route"),
    "a pattern that is no text": (HEAD + UNTIL + "match = { release = 3 }\n", 5, 'release = "'),
    "nobody wrote it": ('[[silence]]\nreason = "r"\n' + UNTIL + MATCH, 1, "author = "),
    "no reason": ('[[silence]]\nauthor = "r"\nreason = " "\n' + UNTIL + MATCH, 3, "reason = "),
    "a window without a beginning": (WINDOW + UNTIL, 1, "from = "),
    "weekly and until": (WINDOW + UNTIL + weekly("sat", "01:00", "02:00", "UTC"), 5, "one of them"),
    "a day that is none": (WINDOW + weekly("someday", "01:00", "02:00", "UTC"), 4, "mon, tue"),
    "a time that is none": (WINDOW + weekly("sat", "25:00", "02:00", "UTC"), 4, '"02:00"'),
    "a zone that is none": (WINDOW + weekly("sat", "01:00", "02:00", "Mars/Base"), 4, "Europe/Berlin"),
    "a zone that leads out of the zones": (WINDOW + weekly("sat", "01:00", "02:00", "../../etc/passwd"), 4, "Europe/Berlin"),
    "a window without an extent": (WINDOW + weekly("sat", "01:00", "01:00", "UTC"), 4, "another time"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "remedy"), BAD.values(), ids=BAD)
def test_mistakes(text: str, line: int, remedy: str) -> None:
    with pytest.raises(BadSilences) as caught:
        silences_of(text)
    (wrong,) = caught.value.wrong
    assert (wrong.line, remedy in wrong.remedy) == (line, True), wrong


def test_all_mistakes_are_named_at_once() -> None:
    text = HEAD + UNTIL + GOOD
    with pytest.raises(BadSilences) as caught:
        silences_of(text + HEAD + MATCH)
    assert [wrong.line for wrong in caught.value.wrong] == [1, text.count("\n") + 1]


_LINES = st.sampled_from(
    [*GOOD.splitlines(), *HEAD.splitlines(), "[silence]", 'match = "x"', "weekly = 3", "days = []"]
)


@given(st.one_of(st.text(max_size=200), st.lists(_LINES, max_size=12).map("\n".join)))
def test_any_text_is_silences_or_mistakes(text: str) -> None:
    wrong: tuple[Wrong, ...] | None = None
    try:
        silences_of(text)
    except BadSilences as bad:
        wrong = bad.wrong
    assert wrong is None or (wrong and all(one.remedy and one.line > 0 for one in wrong))
