"""Many new incidents at once: the first ones page, the others are one page a minute with their count and list."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from observability.detector.life import Wish
from observability.detector.lifecycle import Policy, wished
from tests.unit.observability.detector.lifecycle.script import Script, at

STORM = "storm-20251107T190019-a"


def stormy(count: int = 3, apart: float = 1.0) -> Script:
    script = Script()
    for number in range(count):
        script.opens(number * apart, chr(ord("a") + number))
    return script


def test_the_first_two_page_at_once_and_the_third_begins_the_storm_with_all_three_in_its_list() -> None:
    script = stormy()
    assert script.told == [(0, "opened", "a"), (1, "opened", "b"), (2, "opened", STORM)]
    page = script.tellings[-1].incident
    assert page.title == "Storm: 3 new incidents within a minute"
    assert [line.rpartition("(")[2] for line in page.cause.summary.splitlines()[1:]] == ["a)", "b)", "c)"]
    assert (script.lives["c"].storm, script.history("c")) == (STORM, ["opened", "folded"])


def test_one_page_a_minute_until_a_minute_without_a_new_one() -> None:
    script = stormy(10)
    script.until(62)
    assert script.told[3:] == [(62, "reopened", STORM)]
    assert script.tellings[-1].incident.title.startswith("Storm: 7 new incidents within a minute, 10 since 19:00:19")
    script.until(10_000)
    assert script.told[4:] == [(122, "enriched", STORM)]
    assert script.tellings[-1].incident.title == "Storm is over: 10 new incidents, 8 of them still open"


def test_its_notification_ends_with_the_last_incident_that_only_it_told_of() -> None:
    script = stormy(4)
    script.until(10_000)
    script.resolves(10_001, "c")
    assert script.told[-1][1] != "resolved"
    script.resolves(10_002, "a")
    script.resolves(10_003, "d")
    assert script.told[-2:] == [(10_002, "resolved", "a"), (10_003, "resolved", STORM)]
    assert script.incidents[STORM].state == "resolved"
    assert script.storm.id == ""


def test_more_of_what_it_told_of_pages_nobody_and_a_return_does() -> None:
    script = stormy()
    script.until(500)
    told = len(script.told)
    script.recurs(501, "c")
    script.learns(502, "c")
    script.resolves(503, "c")
    assert [word for _, word, one in script.told[told:] if one == "c"] == []
    script.reopens(600, "c")
    assert script.told[-1] == (600, "reopened", "c")
    assert script.lives["c"].storm is None


def test_what_comes_back_in_the_middle_is_part_of_it() -> None:
    script = stormy(2)
    script.resolves(3, "a")
    script.opens(4, "c")
    script.reopens(5, "a")
    assert [told for told in script.told if told[0] >= 5] == []
    assert script.lives["a"].storm == "storm-20251107T190019-a"


def test_a_storm_that_picks_up_again_goes_on_under_its_name() -> None:
    script = stormy()
    script.until(500)
    for number, name in enumerate("xyz"):
        script.opens(600 + number, name)
    assert script.told[-3:] == [(600, "opened", "x"), (601, "opened", "y"), (602, "reopened", STORM)]


def asks(script: Script, seconds: float, wish: Wish) -> None:
    life, change = wished(script.incidents[STORM], script.lives[STORM], wish, at(seconds), Policy())
    script.lives[STORM] = life
    script.at(seconds, *([change] if change else []))


def test_a_storm_that_somebody_is_on_tells_its_count_and_pages_nobody() -> None:
    script = stormy(10)
    asks(script, 20, Wish("acknowledge", "Ann"))
    script.until(200)
    assert [(at, word) for at, word, _ in script.told[3:]] == [(20, "enriched"), (62, "enriched"), (122, "enriched")]
    assert script.incidents[STORM].state == "acknowledged"


def test_a_storm_that_somebody_ended_is_over_and_the_next_ones_are_counted_anew() -> None:
    script = stormy()
    asks(script, 20, Wish("resolve", "Ann"))
    script.opens(25, "x")
    script.until(1000)
    assert script.told[3:] == [(20, "resolved", STORM), (25, "opened", "x")]


def test_a_storm_can_be_silenced_like_any_other() -> None:
    script = stormy(10)
    asks(script, 20, Wish("silence", "Ann", lasts=timedelta(minutes=30)))
    script.until(1000)
    assert script.told[3:] == []
    script.until(10_000)
    assert script.told[3:] == [(1820, "reopened", STORM)]


def test_slow_arrivals_are_no_storm() -> None:
    assert [word for _, word, _ in stormy(9, apart=31).told] == ["opened"] * 9


def test_it_can_be_switched_off_and_selftests_make_none() -> None:
    script = Script(Policy(storm_after=0))
    tested = Script()
    for number in range(9):
        script.opens(number, str(number))
        tested.opens(number, str(number), synthetic=True)
    assert len(script.told) == len(tested.told) == 9


@given(st.lists(st.floats(0.1, 90), min_size=1, max_size=60))
def test_everything_is_told_and_never_more_than_a_few_pages_a_minute(gaps: list[float]) -> None:
    script, now = Script(), 0.0
    for number, gap in enumerate(gaps):
        script.until(now := now + gap)
        script.opens(now, f"i{number}")
    script.until(now + 1000)
    pages = [at for at, word, _ in script.told if word in ("opened", "reopened")]
    assert all(sum(at - 60 < other <= at for other in pages) <= 4 for at in pages)
    listed = "\n".join(telling.incident.cause.summary for telling in script.tellings)
    for number in range(len(gaps)):
        alone = any(one == f"i{number}" for _, _, one in script.told)
        assert alone or f"(i{number})" in listed or " more" in listed
