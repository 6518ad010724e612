"""What every notification says: nginx's line, our last frames, stage, cause with confidence, next steps, links."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.detector.incidents import Evidence
from observability.detector.notify import Places, page_of
from observability.detector.notify.page import Link, one_line
from observability.detector.notify.wording import as_markdown, as_text
from tests.unit.observability.detector.incident_examples import T0
from tests.unit.observability.detector.notify.examples import NGINX, PLACES, full, shown

PAGE = page_of("opened", shown(full()), PLACES)


def evidence(kind: str, text: str, **fields: Any) -> Evidence:
    return Evidence(kind, T0, "x.log", 1, text, fields, "request_id", 1.0)


def test_it_has_every_part() -> None:
    assert PAGE.headline == "Open: Upload died: may not write /srv/downloads"
    assert PAGE.nginx_line == NGINX
    assert PAGE.error == "PermissionError: [Errno 13] Permission denied: '/srv/downloads/a.pdf'"
    assert ("stage", "publish") in PAGE.facts
    assert (PAGE.cause, PAGE.sure) == ("Stage publish may not write /srv/downloads", "permission_denied, 97% sure")
    assert PAGE.next_steps == ("ls -ld /srv/downloads", "barwatch check")


def test_the_frames_are_the_last_of_our_own_with_their_source() -> None:
    assert PAGE.frames == (
        "/app/service/uploads/run.py:40 in run: await publish(drawn)",
        "/app/service/uploads/publish.py:31 in publish: await put(path, data)",
        "/app/service/files.py:12 in put: path.write_bytes(data)",
    )


def test_links_lead_to_the_incident_its_logs_its_trace_and_its_runbook() -> None:
    assert PAGE.links == (
        Link("incident", "https://labels.example/incidents/inc-1"),
        Link("logs", "https://logs.example/req1"),
        Link("trace", "https://traces.example/0af7651916cd43dd8448eb211c80319c"),
        Link("runbook", "https://labels.example/incidents/inc-1/runbook"),
    )


def test_a_published_runbook_goes_before_our_own_page_of_it() -> None:
    page = page_of("opened", shown(full()), Places("http://front", "https://wiki.example/runbooks"))
    assert page.links[-1].url == "https://wiki.example/runbooks/permission_denied.md"


DUMP = """Fatal Python error: Segmentation fault

Current thread 0x00007f (most recent call first):
  File "/usr/lib/python3.11/ctypes/__init__.py", line 517 in string_at
  File "/app/service/render.py", line 9 in draw
  File "/app/service/worker.py", line 4 in run"""


def test_a_fatal_dump_is_turned_round_so_that_the_innermost_frame_is_last() -> None:
    died = replace(full(), evidence=(evidence("fatal_dump", DUMP, reason="Segmentation fault"),))
    page = page_of("opened", shown(died), PLACES)
    assert page.frames == ("/app/service/worker.py:4 in run", "/app/service/render.py:9 in draw")
    assert page.error == "Segmentation fault"


WORDS = {
    "a new incident": ("opened", "open", "Open"),
    "more is known": ("enriched", "open", "Open"),
    "somebody is on it": ("enriched", "acknowledged", "Acknowledged"),
    "it happened once more": ("recurred", "open", "Again"),
    "it is over": ("resolved", "resolved", "Resolved"),
    "it is back": ("reopened", "open", "Back"),
}


@pytest.mark.parametrize(("change", "state", "word"), WORDS.values(), ids=WORDS)
def test_the_first_word_says_what_is_new(change: str, state: str, word: str) -> None:
    assert page_of(change, shown(full(state=state)), PLACES).word == word


def test_without_an_error_line_the_access_line_stands_for_nginx() -> None:
    told = replace(full(), evidence=(evidence("access", '{"status": 500}'),))
    page = page_of("opened", shown(told), PLACES)
    assert (page.nginx_line, page.frames, page.error) == ('{"status": 500}', (), "")
    assert "nginx: " in as_text(page)


def test_what_a_cause_lists_stays_a_list() -> None:
    told = full()
    told = replace(told, cause=replace(told.cause, summary="3 new incidents:\n- one (a)\n- two (b)\n- three (c)"))
    page = page_of("opened", shown(told), PLACES)
    assert (page.cause, page.more) == ("3 new incidents:", ("- one (a)", "- two (b)", "- three (c)"))
    assert "\n  - two (b)\n" in as_text(page)
    assert "\n- two (b)\n" in as_markdown(page)


def test_an_incident_that_nothing_is_known_of_is_a_page_all_the_same() -> None:
    nothing = replace(
        full(),
        evidence=(),
        route=None,
        stage=None,
        release=None,
        service=None,
        suspect_request_id=None,
        request_ids=(),
        trace_ids=(),
    )
    nothing = replace(nothing, cause=replace(nothing.cause, code="other", summary="", next_steps=(), runbook=""))
    page = page_of("opened", shown(nothing), PLACES)
    assert (page.nginx_line, page.frames, page.cause, page.sure) == ("", (), "", "not known yet")
    assert [link.name for link in page.links] == ["incident"]
    assert as_text(page).startswith(page.headline)
    assert as_markdown(page)


def test_text_reads_from_the_headline_to_the_links() -> None:
    lines = as_text(PAGE).splitlines()
    assert lines[0] == PAGE.headline
    assert lines[1] == "Cause: Stage publish may not write /srv/downloads (permission_denied, 97% sure)"
    assert lines[-1] == "Runbook: https://labels.example/incidents/inc-1/runbook"


def test_markdown_takes_no_markup_from_a_log() -> None:
    hostile = replace(
        full(), title="*bold* [x](http://evil)", evidence=(evidence("upstream_reset", "```\n# not a heading"),)
    )
    said = as_markdown(page_of("opened", shown(hostile), PLACES))
    assert said.startswith(r"**Open: \*bold\* \[x\](http://evil)**")
    assert said.count("```") == 4


@given(st.text(max_size=2000), st.integers(2, 300))
def test_a_line_is_one_printable_line_within_its_bound(text: str, longest: int) -> None:
    line = one_line(text, longest)
    assert len(line) <= longest
    assert line.isprintable()
