"""On call, in a browser, on the real chain: a crash appears by itself, is acknowledged, and is over after good uploads."""

import asyncio
import os
import signal
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Page, expect

from tests.e2e.browser.gallery import gallery
from tests.e2e.browser.pages import chromium, reading, sign_in
from tests.e2e.browser.uploads import uploaded
from tests.e2e.chain import Chain, chain, until
from tests.lists import ean_list

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
HOSTILE = "<img src=x onerror=\"document.title='owned'\">.xlsx"
_WITHIN_MS = 1000


async def crash_in_an_upload(running: Chain) -> None:
    """Kill the backend while it reads a list."""
    form = aiohttp.FormData()
    form.add_field("file", ean_list(4_000), filename=HOSTILE)
    url = f"{running.front}/api/barcodes/upload-excel"
    sending = asyncio.ensure_future(running.client.post(url, data=form, headers={"Prefer": "wait=40"}))
    await until(lambda: running.lines("upload.stage.finished"), "a stage", within_s=60)
    os.kill(running.backend_pid(), signal.SIGKILL)
    answer = await sending
    assert answer.status == 502
    answer.release()


async def is_back(running: Chain) -> bool:
    try:
        async with running.client.get(f"http://{running.backend}/readyz") as answer:
            return answer.status == 200
    except aiohttp.ClientConnectionError:
        return False


async def no_markup(page: Page) -> None:
    assert await page.locator("img").count() == 0
    assert "owned" not in await page.title()


async def test_a_crash_appears_is_acknowledged_and_ends_by_itself(tmp_path: Path) -> None:
    async with chain(tmp_path) as running, chromium() as browser, reading(browser) as page:
        await sign_in(page, running.front, "Ann")
        await expect(page.get_by_text("No incidents.")).to_be_visible()
        await expect(page.get_by_role("status")).to_have_text("live")
        await crash_in_an_upload(running)
        await until(running.incidents, "the incident")
        row = page.locator("ul.incidents h2 a")
        await row.wait_for(timeout=_WITHIN_MS)
        await no_markup(page)

        await row.click()
        await page.get_by_placeholder("note, if you like").fill("looking at it")
        await page.locator("select[name=for]").first.select_option("2h")
        await page.get_by_role("button", name="Acknowledge", exact=True).click()
        await expect(page.get_by_text("Ann is on it")).to_be_visible()
        await expect(page.get_by_text("looking at it").first).to_be_visible()
        await no_markup(page)

        await page.get_by_role("heading", level=1).click()  # nothing is focused: the page follows along
        badge = page.locator(".badge.resolved").first
        await until(lambda: is_back(running), "the backend's restart", within_s=60)

        async def over() -> bool:
            await uploaded(running, ean_list(3), HOSTILE)
            return await badge.is_visible()

        await until(over, "the end", within_s=90)
        await expect(page.locator("h1")).to_be_visible()
        (incident,) = await running.incidents()
        assert (incident["state"], incident["history"][1]["by"]) == ("resolved", "Ann")


async def test_a_detector_with_open_streams_stops_at_once(tmp_path: Path) -> None:
    async with chain(tmp_path) as running, chromium() as browser, reading(browser) as page:
        await sign_in(page, running.front)
        await expect(page.get_by_role("status")).to_have_text("live")
        os.kill(running.pids["detector"], signal.SIGTERM)
        said = running.logs / "detector.log"
        await until(lambda: '"detector.stopped"' in said.read_text("utf-8"), "the detector's last word")
        assert '"detector.stopped.behind"' not in said.read_text("utf-8")
        await expect(page.get_by_role("status")).to_have_text("connecting…")


async def test_a_wrong_token_is_said_and_the_right_one_leads_back(tmp_path: Path) -> None:
    async with gallery(tmp_path) as shown, chromium() as browser, reading(browser) as page:
        await page.goto(f"{shown.full}/incidents/inc-crash")
        await page.get_by_label("Access token").fill("wrong")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("That is not the access token.")
        await page.get_by_label("Access token").fill("e2e-token-of-this-run")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{shown.full}/incidents/inc-crash")
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


async def test_all_of_it_works_without_javascript(tmp_path: Path) -> None:
    async with gallery(tmp_path) as shown, chromium() as browser, reading(browser, javascript=False) as page:
        await sign_in(page, shown.full, "Ben")
        await page.get_by_text("Filter", exact=True).click()
        await page.get_by_label("text").fill("may not write")
        await page.get_by_role("button", name="Show").click()
        await page.locator("a[href='/incidents/inc-crash']").click()
        assert await page.locator("pre.copy").first.text_content() == "ls -ld /srv/downloads"
        await page.get_by_text("Resolve, silence, add a note").click()
        await page.get_by_placeholder("for whoever comes next").fill("the disk was swapped")
        await page.get_by_role("button", name="Add note").click()
        await expect(page.get_by_text("noted by Ben: the disk was swapped")).to_be_visible()
        await page.get_by_role("button", name="Acknowledge", exact=True).click()
        await expect(page.get_by_text("Ben is on it")).to_be_visible()
        await page.get_by_role("link", name="JSON").click()
        assert '"state": "acknowledged"' in await page.content()


async def test_commands_and_markdown_are_copied_with_one_click(tmp_path: Path) -> None:
    async with gallery(tmp_path) as shown, chromium() as browser, reading(browser) as page:
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await sign_in(page, shown.full)
        await page.goto(f"{shown.full}/incidents/inc-crash")
        await page.get_by_role("button", name="Copy: chown 1000 /srv/downloads").first.click()
        assert await page.evaluate("navigator.clipboard.readText()") == "chown 1000 /srv/downloads"
        await page.get_by_role("link", name="Copy as Markdown").click()
        await expect(page.locator("#markdown")).to_have_text("Copied")
        assert "## Root cause" in await page.evaluate("navigator.clipboard.readText()")
