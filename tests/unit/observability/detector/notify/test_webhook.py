"""What a webhook gets, and how its receiver knows that it is from us, and new."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from observability.detector.incidents import Opened
from observability.detector.notify import Loopback, Places, Webhook, recipients
from observability.detector.notify.alertmanager import Alertmanager
from observability.detector.notify.signature import signature
from tests.unit.observability.detector.incident_examples import T0, incident
from tests.unit.observability.detector.notify.examples import PLACES, full, message, shown
from tests.unit.observability.detector.notify.stand_in import StandIn, listening

SECRET = "a secret of the receiver"
NOW = T0.timestamp()


def documented() -> Callable[..., bool]:
    """Return the function that docs/api.md gives to receivers."""
    text = (Path(__file__).parents[5] / "docs/api.md").read_text("utf-8")
    found = re.search(r"```python\n(.*?)```", text, re.S)
    assert found
    names: dict[str, Any] = {}
    exec(found[1], names)
    is_genuine: Callable[..., bool] = names["is_genuine"]
    return is_genuine


async def test_a_change_is_posted_as_json() -> None:
    receiver = StandIn()
    async with listening(receiver) as (session, url):
        assert await Webhook(session, f"{url}/page", "", PLACES).send(message("opened", full(), number=7)) == {}
    (got,) = receiver.got
    page = got.json.pop("page")
    assert got.json | {"page": page} == got.json
    assert {name: got.json[name] for name in ("change", "dedup_key", "synthetic", "incident")} == {
        "change": "opened", "dedup_key": "inc-1", "synthetic": False, "incident": shown(full()),
    }  # fmt: skip
    assert page["title"] == "Open: Upload died: may not write /srv/downloads"
    assert "service/files.py:12" in page["text"]
    assert "service/files.py:12" in page["markdown"]
    assert got.headers["X-Barwatch-Dedup-Key"] == "inc-1"
    assert got.headers["Idempotency-Key"] == "inc-1/7"
    assert "X-Barwatch-Signature" not in got.headers


async def test_what_is_signed_passes_the_check_that_is_documented() -> None:
    receiver = StandIn()
    async with listening(receiver) as (session, url):
        await Webhook(session, url, SECRET, PLACES).send(message("opened", full(title="Größe ☃")))
    (got,) = receiver.got
    header = got.headers["X-Barwatch-Signature"]
    assert re.fullmatch(r"t=\d+,v1=[0-9a-f]{64}", header)
    assert documented()(SECRET, header, got.body, NOW)


GENUINE = signature(SECRET, int(NOW), b"{}")
REFUSED: dict[str, tuple[str, str, bytes, float]] = {
    "another secret": ("not the secret", GENUINE, b"{}", NOW),
    "another body": (SECRET, GENUINE, b"{ }", NOW),
    "sent again after five minutes": (SECRET, GENUINE, b"{}", NOW + 301),
    "signed in the future": (SECRET, GENUINE, b"{}", NOW - 301),
    "sent again under a new time": (SECRET, GENUINE.replace("t=1", "t=2", 1), b"{}", NOW),
    "no signature": (SECRET, "", b"{}", NOW),
    "a signature of another version": (SECRET, GENUINE.replace("v1", "v0"), b"{}", NOW),
    "no ASCII": (SECRET, "t=1762542019,v1=☃", b"{}", NOW),
    "a time without end": (SECRET, f"t={'9' * 5000},v1=00", b"{}", NOW),
}


@pytest.mark.parametrize(("secret", "header", "body", "now"), REFUSED.values(), ids=REFUSED)
def test_the_documented_check_refuses(secret: str, header: str, body: bytes, now: float) -> None:
    assert documented()(SECRET, GENUINE, b"{}", NOW)
    assert not documented()(secret, header, body, now)


async def test_a_selftest_reaches_the_webhook_and_a_proof_of_our_own_nobody() -> None:
    async with aiohttp.ClientSession() as session:
        webhook, alertmanager = Webhook(session, "http://x/", "", Places("")), Alertmanager(session, ["x"], Places(""))
        channels = (webhook, alertmanager, Loopback())
        assert recipients(Opened(incident()), channels) == ("webhook", "alertmanager")
        assert recipients(Opened(incident(synthetic=True)), channels) == ("webhook",)
        proof = incident(synthetic=True, service="barwatch-proof")
        assert recipients(Opened(proof), channels) == ("loopback",)
