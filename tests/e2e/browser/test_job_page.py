"""The page of a job in a browser, on the real chain: progress across a death of the backend, the result, hostile names."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.browser.pages import chromium, overflow, reading
from tests.e2e.chain import chain, until
from tests.lists import ean, ean_list, xlsx

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
HOSTILE = "<img src=x onerror=alert(1)>"
SLOW_MS = 90_000


async def send(page: Page, base: str, content: bytes, name: str = "list.xlsx") -> None:
    """Upload a list as a person does, and come to the job's page."""
    await page.goto(base)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    await page.locator("#file").set_input_files({"name": name, "mimeType": kind, "buffer": content})
    await page.get_by_role("button", name="Make labels").click()
    await page.wait_for_url("**/jobs/*", timeout=SLOW_MS)


async def test_progress_goes_on_across_a_death_of_the_backend(tmp_path: Path) -> None:
    async with chain(tmp_path) as running, chromium() as browser, reading(browser) as page:
        await send(page, running.front, ean_list(3_000))
        started = "upload.stage.started"
        await until(lambda: any(line["stage"] == "draw" for line in running.lines(started)), "draw", within_s=60)
        os.kill(running.backend_pid(), signal.SIGKILL)
        await expect(page.locator("#said")).to_contain_text("Reconnecting")
        await expect(page.get_by_text("3000 labels on")).to_be_visible(timeout=SLOW_MS)


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
async def test_a_list_becomes_labels_and_hostile_text_stays_text(javascript: bool, tmp_path: Path) -> None:
    content = xlsx([("EAN", "Name"), (ean(1), HOSTILE), (HOSTILE, "bad"), (ean(3)[:-1] + "x", "bad")])
    async with (
        chain(tmp_path) as running,
        chromium() as browser,
        reading(browser, javascript=javascript, width=360) as page,
    ):
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        await send(page, running.front, content, HOSTILE + ".xlsx")
        await expect(page.get_by_text("1 of 1 scannable")).to_be_visible(timeout=SLOW_MS)
        assert HOSTILE in await page.locator("h1").inner_text()
        assert await page.locator("img").count() == 0
        assert await overflow(page) == 0
        address = await page.get_by_role("link", name="Open the labels (PDF)").get_attribute("href")
        assert (await page.request.get(f"{running.front}{address}")).headers["content-type"] == "application/pdf"
        if javascript:
            await page.get_by_label("Show").select_option("error")
            await expect(page.locator("#rows tr")).to_have_count(2)
            await expect(page.locator("#rows-said")).to_contain_text("2 rows shown")
        assert await page.locator("img").count() == 0
        await asyncio.sleep(0)
        assert dialogs == []
