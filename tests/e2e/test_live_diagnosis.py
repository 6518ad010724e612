"""What a look around found stands in the incident: after an exception of the product's own backend, and after its death."""

import os
import signal
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.chain import Chain, chain, until
from tests.e2e.fault_surroundings import PRODUCT, WITH_CHECKS, powerless
from tests.lists import ean_list

pytestmark = pytest.mark.e2e


def checks_in(incident: dict[str, Any], when: str) -> dict[str, dict[str, Any]]:
    """Return the checks of the look at this moment, by name."""
    looks = [piece["fields"] for piece in incident["evidence"] if piece["kind"] == "preflight"]
    return {check["name"]: check for look in looks if look["when"] == when for check in look["checks"]}


async def upload(running: Chain) -> None:
    form = aiohttp.FormData()
    form.add_field("file", ean_list(3), filename="list.xlsx")
    async with running.client.post(f"{running.front}/api/barcodes/upload-excel", data=form) as answer:
        assert answer.status == 202, await answer.text()


async def with_look(running: Chain, when: str) -> dict[str, Any]:
    """Return the incident that a look at this moment belongs to."""
    found: list[dict[str, Any]] = []

    async def there() -> bool:
        found[:] = [incident for incident in await running.incidents() if checks_in(incident, when)]
        return bool(found)

    await until(there, f"an incident with a look after the {when}")
    return found[0]


async def test_an_exception_is_looked_at_beside_its_request(tmp_path: Path) -> None:
    async with chain(tmp_path, powerless(PRODUCT), options=WITH_CHECKS) as running:
        (running.state / "downloads").chmod(0o555)
        await upload(running)
        incident = await with_look(running, "failure")
        assert (incident["cause"]["code"], incident["stage"]) == ("permission_denied", "publish")
        assert incident["cause"]["confidence"] == 0.97  # the exception and the look say the same
        assert_all_was_looked_at(checks_in(incident, "failure"), downloads=False)


async def test_a_death_is_looked_at_by_the_supervisor(tmp_path: Path) -> None:
    async with chain(tmp_path, PRODUCT, options=WITH_CHECKS) as running:
        os.kill(running.backend_pid(), signal.SIGKILL)
        incident = await with_look(running, "death")
        assert incident["cause"]["code"] == "killed"
        assert_all_was_looked_at(checks_in(incident, "death"), downloads=True)


def assert_all_was_looked_at(checks: dict[str, dict[str, Any]], *, downloads: bool) -> None:
    assert checks["DOWNLOAD_DIR"]["ok"] == downloads, checks["DOWNLOAD_DIR"]
    assert all(
        checks[name]["ok"] for name in ("UPLOAD_DIR", "LOGS_DIR", "DATABASE_URL", "memory", "room in DOWNLOAD_DIR")
    )
    assert "MiB resident" in checks["memory"]["found"]
    assert "in the last hour" in checks["recent starts"]["found"]
