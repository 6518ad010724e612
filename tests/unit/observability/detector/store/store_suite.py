"""What every store does, whatever its database: run on SQLite in the unit tests, on PostgreSQL in the end-to-end tests."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from observability.detector.incidents import Attempt, Enriched, IncidentChange, Opened, Recurred, Reopened, Resolved
from observability.detector.life import Acknowledged, Entry, Life, Telling
from observability.detector.signals import Position
from observability.detector.store import Filters, Store, StoreBusy, Wanted, incident_of, life_of, open_store
from tests.unit.observability.detector.incident_examples import T0, incident

CHECKPOINT = {"error.log": Position(2**60, 2**40, 3)}


def channels_of(telling: Telling) -> tuple[str, ...]:
    """Return the recipients in these tests: selftests page nobody but the webhook."""
    return ("webhook",) if telling.incident.synthetic else ("webhook", "alertmanager")


async def keep(store: Store, *changes: IncidentChange, state: Mapping[str, str | None] | None = None) -> None:
    await store.commit(changes, state or {}, CHECKPOINT, now=T0)


class StoreSuite:
    """Subclasses give the fixture `url`."""

    async def test_a_new_store_is_empty(self, url: str) -> None:
        async with open_store(url) as store:
            loaded = await store.load()
            assert (loaded.state, loaded.checkpoints) == ({}, {})
            assert (await store.list_incidents(Filters())).documents == ()

    async def test_state_and_checkpoints_are_there_after_a_restart(self, url: str) -> None:
        async with open_store(url) as store:
            await store.load()
            await keep(store, state={"a": "1", "b": "1", "c": "1"})
            await store.commit((), {}, {"access.log": Position(7, 1, 1), **CHECKPOINT}, now=T0)
            await store.commit((), {"a": "2", "b": None}, CHECKPOINT, now=T0)
        async with open_store(url) as store:
            loaded = await store.load()
            assert (loaded.state, loaded.checkpoints) == ({"a": "2", "c": "1"}, CHECKPOINT)

    async def test_an_incident_comes_back_as_it_was_written(self, url: str) -> None:
        async with open_store(url) as store:
            await keep(store, Opened(incident()))
            document = await store.incident("inc-1")
        assert document is not None
        assert incident_of(document) == incident()
        assert document["cause"]["code"] == "permission_denied"
        assert document["first_seen"] == "2025-11-07T19:00:19.123456Z"

    async def test_text_of_a_log_never_stops_the_store(self, url: str) -> None:
        hostile = incident(route="POST /\0\ud800'; DROP TABLE incidents", title="\ud800 \0 ✓", request_ids=("\udfff",))
        async with open_store(url) as store:
            await keep(store, Opened(hostile))
            document = await store.incident("inc-1")
            assert document is not None
            assert document["title"] == "? \0 ✓"
            assert len((await store.list_incidents(Filters(route=hostile.route))).documents) == 1
            assert await store.incident("\0\ud800") is None

    async def test_a_text_that_is_too_long_for_an_index_is_kept_and_found(self, url: str) -> None:
        route, fingerprint = "GET /" + "".join(map(chr, range(0x4E00, 0x4E00 + 4000))), "v1:" + "ü" * 9000
        async with open_store(url) as store:
            await keep(store, Opened(incident(route=route, fingerprint=fingerprint)))
            assert await self.ids(store, Filters(route=route, fingerprint=fingerprint)) == ["inc-1"]
            assert [one["fingerprint"] for one in (await store.look_up([], [fingerprint]))[1]] == [fingerprint]

    async def test_later_changes_replace_the_document(self, url: str) -> None:
        async with open_store(url) as store:
            await keep(store, Opened(incident()))
            await keep(store, Recurred(incident(occurrences=6)))
            page = await store.list_incidents(Filters())
        assert [document["occurrences"] for document in page.documents] == [6]

    async def test_filters_and_pages_newest_first(self, url: str) -> None:
        async with open_store(url) as store:
            for number in range(5):
                await keep(store, Opened(incident(f"inc-{number}", after_s=number // 2)))
            await keep(store, Opened(incident("other", after_s=9, severity="ticket", route="GET /x")))
            assert await self.ids(store, Filters(severity="ticket")) == ["other"]
            assert await self.ids(store, Filters(route="GET /x")) == ["other"]
            assert await self.ids(store, Filters(state="resolved")) == []
            assert await self.ids(store, Filters(cause="permission_denied", severity="page")) == [
                "inc-4", "inc-3", "inc-2", "inc-1", "inc-0",
            ]  # fmt: skip
            seen: list[str] = []
            cursor = None
            while True:
                page = await store.list_incidents(Filters(), 2, cursor)
                seen += [document["id"] for document in page.documents]
                if (cursor := page.next_cursor) is None:
                    break
            assert seen == ["other", "inc-4", "inc-3", "inc-2", "inc-1", "inc-0"]
            with pytest.raises(ValueError, match="cursor"):
                await store.list_incidents(Filters(), 2, "no cursor")

    async def test_a_selftest_is_hidden_from_the_list_and_from_alertmanager(self, url: str) -> None:
        async with open_store(url, channels_of) as store:
            await keep(store, Opened(incident(synthetic=True)))
            assert await self.ids(store, Filters()) == []
            assert await self.ids(store, Filters(synthetic=True)) == ["inc-1"]
            assert await store.unresolved() == ()
            assert await store.outbox_size() == {"webhook": 1}

    async def test_one_outbox_row_per_channel_and_change_in_order(self, url: str) -> None:
        async with open_store(url, channels_of) as store:
            await keep(store, Opened(incident("a")), Opened(incident("b")))
            await keep(store, Resolved(incident("a", state="resolved"), "proof"))
            assert await store.outbox_size() == {"webhook": 3, "alertmanager": 3}
            first = await store.due(Wanted("webhook", 10))
            assert [(sent.incident_id, sent.change) for sent in first] == [("a", "opened"), ("b", "opened")]
            for sent in first:
                await store.record(sent, Attempt("webhook", T0, "delivered", change=sent.change))
            (last,) = await store.due(Wanted("webhook", 10))
            assert (last.incident_id, last.change, last.document["state"]) == ("a", "resolved", "resolved")

    async def test_updates_that_wait_behind_one_another_go_out_as_one(self, url: str) -> None:
        found = incident()
        async with open_store(url, channels_of) as store:
            await keep(store, Opened(found))
            await keep(store, Enriched(replace(found, stage="draw"), cause_changed=True))
            await keep(store, Recurred(replace(found, stage="draw", occurrences=2)))
            await keep(store, Resolved(replace(found, state="resolved"), "proof"))
            (sent,) = await store.due(Wanted("webhook", 10))
            assert (sent.change, sent.document["occurrences"], len(sent.row_ids)) == ("opened", 2, 2)
            await keep(store, Reopened(found, "came back"))
            await store.record(sent, Attempt("webhook", T0, "delivered", change="opened"))
            (then,) = await store.due(Wanted("webhook", 10))
            assert then.change == "resolved"

    async def test_a_failed_delivery_stays_due_and_is_remembered(self, url: str) -> None:
        async with open_store(url, channels_of) as store:
            await keep(store, Opened(incident()))
            (sent,) = await store.due(Wanted("webhook", 10))
            await store.record(sent, Attempt("webhook", T0, "retry", "timeout", "opened"))
        async with open_store(url, channels_of) as store:
            (again,) = await store.due(Wanted("webhook", 10))
            assert again == sent
            later = Attempt("webhook", T0 + timedelta(seconds=1), "delivered", "", "opened", {"key": 1})
            await store.record(again, later)
            assert await store.due(Wanted("webhook", 10)) == ()
            assert (await store.attempts(["inc-1"]))["inc-1"] == (
                Attempt("webhook", T0, "retry", "timeout", "opened"), later,
            )  # fmt: skip
            await keep(store, Recurred(incident(occurrences=2)))
            (update,) = await store.due(Wanted("webhook", 10))
            assert update.previous == {"key": 1}

    async def test_a_life_is_kept_with_its_incident_and_found_when_it_is_due(self, url: str) -> None:
        taken = Acknowledged(T0, T0 + timedelta(hours=1), "Ann \0")
        life = Life(acknowledged=taken, history=(Entry(T0, "acknowledged", "Ann"),))
        async with open_store(url, channels_of) as store:
            assert await store.next_due() is None
            change = Enriched(incident(state="acknowledged"), cause_changed=False)
            await store.commit([Opened(incident("b")), change], {}, CHECKPOINT, now=T0, lived={"inc-1": life})
            await store.commit((), {}, CHECKPOINT, now=T0, lived={"b": Life(history=life.history)})
        async with open_store(url, channels_of) as store:
            assert await store.next_due() == T0 + timedelta(hours=1)
            assert await store.due_lives(T0, 10) == ()
            (due,) = await store.due_lives(T0 + timedelta(hours=1), 10)
            assert (due["id"], life_of(due), incident_of(due)) == ("inc-1", life, incident(state="acknowledged"))
            found = await store.recall(["b", "inc-1", "none"])
            assert {key: life_of(one).acknowledged for key, one in found.items()} == {
                "b": None, "inc-1": life.acknowledged,
            }  # fmt: skip
            (told, _) = sorted(await store.due(Wanted("webhook", 10)), key=lambda sent: sent.incident_id != "inc-1")
            assert life_of(told.document) == life

    async def test_a_storm_is_found_by_its_id_and_in_no_list(self, url: str) -> None:
        async with open_store(url) as store:
            storm = Opened(incident("storm-20251107T190019"))
            lived = {"storm-20251107T190019": Life(told=True), "inc-1": Life(storm="storm-20251107T190019")}
            await store.commit([storm, Opened(incident())], {}, CHECKPOINT, now=T0, lived=lived)
            assert await self.ids(store, Filters(synthetic=True)) == ["inc-1"]
            assert await store.incident("storm-20251107T190019") is not None
            # What is pushed on while it is open: the storm, and nothing that was told of by the storm alone.
            assert [document["id"] for document in await store.unresolved()] == ["storm-20251107T190019"]

    async def test_what_is_told_need_not_be_what_is_kept(self, url: str) -> None:
        async with open_store(url, channels_of) as store:
            await store.commit([Opened(incident("a"))], {}, CHECKPOINT, now=T0, tell=())
            assert await store.outbox_size() == {}
            shown = incident("b", title="two of them")
            await store.commit((), {}, CHECKPOINT, now=T0, tell=[Telling("reopened", shown, Life(told=True), T0)])
            (sent,) = await store.due(Wanted("webhook", 10))
            assert (sent.change, sent.document["title"], sent.line_at) == ("reopened", "two of them", T0)
            assert await store.incident("b") is None

    async def test_a_notification_has_a_number_of_its_own_for_ever(self, url: str) -> None:
        numbers: list[int] = []
        async with open_store(url, channels_of) as store:
            for change in (Opened(incident()), Resolved(incident(state="resolved"), "proof")):
                await keep(store, change)
                (sent,) = await store.due(Wanted("webhook", 10))
                numbers += sent.row_ids
                for channel in ("webhook", "alertmanager"):
                    (sent,) = await store.due(Wanted(channel, 10))
                    await store.record(sent, Attempt(channel, T0, "delivered", change=sent.change))
        assert len(set(numbers)) == 2

    async def test_a_receiver_that_shows_one_thing_is_told_the_latest_state_only(self, url: str) -> None:
        found = incident()
        latest = Wanted("webhook", 10, "latest")
        async with open_store(url, channels_of) as store:
            await keep(store, Opened(found), Enriched(replace(found, stage="draw"), cause_changed=True))
            await keep(store, Resolved(replace(found, state="resolved"), "proof"))
            (sent,) = await store.due(latest)
            assert (sent.change, sent.document["state"], len(sent.row_ids)) == ("resolved", "resolved", 3)
            await keep(store, Reopened(found, "came back"), Recurred(replace(found, occurrences=3)))
            (sent,) = await store.due(latest)
            assert (sent.change, sent.document["occurrences"], len(sent.row_ids)) == ("reopened", 3, 5)

    async def test_what_is_young_or_set_aside_is_not_due(self, url: str) -> None:
        async with open_store(url, channels_of) as store:
            await keep(store, Opened(incident("a")), Opened(incident("b")))
            before, then = T0 - timedelta(seconds=1), T0
            assert await store.due(Wanted("webhook", 10, not_after=before)) == ()
            assert [sent.incident_id for sent in await store.due(Wanted("webhook", 10, not_after=then))] == ["a", "b"]
            assert [sent.incident_id for sent in await store.due(Wanted("webhook", 10, without={"a"}))] == ["b"]
            await keep(store, Resolved(incident("a", state="resolved"), "proof"))
            assert [sent.incident_id for sent in await store.due(Wanted("webhook", 10, not_after=before))] == ["a"]

    async def test_changes_for_a_channel_that_is_no_more_are_forgotten(self, url: str) -> None:
        async with open_store(url, channels_of) as store:
            await keep(store, Opened(incident()))
            assert await store.forget_unsent(T0) == 0
            assert await store.forget_unsent(T0 + timedelta(seconds=1)) == 2

    async def test_a_channel_that_fails_all_day_hides_no_attempt_of_another(self, url: str) -> None:
        async with open_store(url, channels_of) as store:
            await keep(store, Opened(incident()))
            (told,) = await store.due(Wanted("alertmanager", 10))
            await store.record(told, Attempt("alertmanager", T0, "delivered", change="opened"))
            (sent,) = await store.due(Wanted("webhook", 10))
            for _ in range(60):
                await store.record(sent, Attempt("webhook", T0, "retry", "timeout", "opened"))
            attempts = (await store.attempts(["inc-1"]))["inc-1"]
        assert [one.channel for one in attempts] == ["alertmanager", *["webhook"] * 40]

    async def test_attempts_are_bounded_by_channel_and_the_last_delivery_stays(self, url: str) -> None:
        async with open_store(url, channels_of) as store:
            await keep(store, Opened(incident()))
            (sent,) = await store.due(Wanted("webhook", 1))
            (other,) = await store.due(Wanted("alertmanager", 1))
            await store.record(other, Attempt("alertmanager", T0, "refused", "400", "opened"))
            await store.record(sent, Attempt("webhook", T0, "delivered", "", "opened", {"key": 1}))
            await keep(store, Reopened(incident(), "came back"))
            (sent,) = await store.due(Wanted("webhook", 1))
            for number in range(120):
                at = T0 + timedelta(seconds=number)
                await store.record(sent, Attempt("webhook", at, "retry", f"timeout {number}", "reopened"))
            (sent,) = await store.due(Wanted("webhook", 1))
            assert sent.previous == {"key": 1}
            rows = await store._run(
                lambda c: c.exec_driver_sql("SELECT channel, COUNT(*) FROM attempts GROUP BY 1").all()
            )
            assert sorted(tuple(row) for row in rows) == [("alertmanager", 1), ("webhook", 101)]
        async with open_store(url, channels_of) as store:
            shown = (await store.attempts(["inc-1"]))["inc-1"]
            assert shown[0] == Attempt("alertmanager", T0, "refused", "400", "opened")
            assert [one.reason for one in shown[1:]] == [f"timeout {number}" for number in range(80, 120)]

    async def test_the_same_fingerprint_is_found_again(self, url: str) -> None:
        async with open_store(url) as store:
            await keep(
                store, Opened(incident("old", state="resolved")), Opened(incident("new", after_s=9, state="resolved"))
            )
            await keep(store, Opened(incident("test", synthetic=True)), Opened(incident("other", fingerprint="v1:x\0")))
            fingerprint = incident().fingerprint
            known, found = await store.look_up(["old", "none"], [fingerprint, "v1:x\0", "v1:none"])
            assert (list(known), sorted(one["id"] for one in found)) == (["old"], ["new", "other", "test"])
            await keep(store, Reopened(incident("old"), "came back"))
            assert sorted(one["id"] for one in (await store.look_up([], [fingerprint]))[1]) == ["old", "test"]

    async def test_all_that_stands_open_is_read_in_pieces(self, url: str) -> None:
        async with open_store(url) as store:
            for number in range(5):
                state = "resolved" if number == 2 else "open"
                await keep(store, Opened(incident(f"inc-{number}", state=state)))
            await keep(store, Opened(incident("inc-9", synthetic=True)))
            first = [one["id"] for one in await store.standing("", 3)]
            assert (first, [one["id"] for one in await store.standing(first[-1], 3)]) == (
                ["inc-0", "inc-1", "inc-3"], ["inc-4"],
            )  # fmt: skip

    async def test_what_is_over_for_long_is_forgotten(self, url: str) -> None:
        async with open_store(url, channels_of) as store:
            await keep(store, Opened(incident("open", after_s=-100)), Opened(incident("new", state="resolved")))
            await keep(store, Opened(incident("old", after_s=-100, state="resolved")))
            for sent in await store.due(Wanted("webhook", 10)):
                await store.record(sent, Attempt("webhook", T0, "delivered", change=sent.change))
            assert await store.forget(T0 - timedelta(seconds=50)) == 1
            assert await self.ids(store, Filters()) == ["new", "open"]
            attempts = await store.attempts(["old", "new"])
            assert (len(attempts["old"]), len(attempts["new"])) == (0, 1)

    async def test_all_or_nothing(self, url: str) -> None:
        broken = replace(incident("b"), first_seen=None)  # type: ignore[arg-type]
        async with open_store(url, channels_of) as store:
            await store.load()
            with pytest.raises(TypeError):
                await store.commit([Opened(incident("a")), Opened(broken)], {"a": "{}"}, CHECKPOINT, now=T0)
            assert await self.ids(store, Filters()) == []
            assert await store.outbox_size() == {}
            loaded = await store.load()
            assert (loaded.state, loaded.checkpoints) == ({}, {})

    async def test_only_one_detector_at_a_time(self, url: str) -> None:
        async with open_store(url):
            with pytest.raises(StoreBusy, match="another detector is active"):
                async with open_store(url):
                    pass
        async with open_store(url) as store:
            await store.load()

    async def ids(self, store: Store, filters: Filters) -> list[str]:
        return [document["id"] for document in (await store.list_incidents(filters)).documents]

    async def test_an_incident_is_found_by_a_request_or_a_trace_of_it(self, url: str) -> None:
        async with open_store(url, channels_of) as store:
            await keep(
                store, Opened(incident("a", request_ids=("7b1e0c6a",), trace_ids=("4f0e9a3b",))), Opened(incident("b"))
            )

            async def found(by: Filters) -> list[str]:
                return [one["id"] for one in (await store.list_incidents(by, 10)).documents]

            assert await found(Filters(request_id="7b1e0c6a")) == ["a"]
            assert await found(Filters(trace_id="4f0e9a3b")) == ["a"]
            assert await found(Filters(request_id="7b1e")) == [], "a part of an id is none"
            assert await found(Filters(request_id="%")) == []
