"""The upload page in a browser, on the real chain: guesses shown and corrected, the first label picked."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.browser.pages import chromium, overflow, reading
from tests.e2e.chain import chain
from tests.lists import ean, xlsx

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
HOSTILE = "<img src=x onerror=alert(1)>"
SLOW_MS = 60_000


async def choose(page: Page, content: bytes, name: str = "list.xlsx") -> None:
    """Choose a file as a person does."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    await page.locator("#file").set_input_files({"name": name, "mimeType": kind, "buffer": content})


async def test_guesses_are_shown_and_corrected_and_the_first_label_is_picked(tmp_path: Path) -> None:
    content = xlsx([("EAN", "GTIN", "Name"), (ean(1), ean(2), HOSTILE), (HOSTILE, ean(3), "b")])
    async with chain(tmp_path) as running, chromium() as browser, reading(browser, width=360) as page:
        await page.goto(running.front)
        await choose(page, b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "notes.xlsx")
        await expect(page.locator("#said")).to_contain_text("spreadsheet")
        await choose(page, content, HOSTILE + ".xlsx")
        await expect(page.locator("#counts")).not_to_be_empty()
        await page.get_by_label("Column of code").fill("EAN")
        await page.get_by_label("Column of code").press("Tab")
        await expect(page.locator("#counts")).to_contain_text("2 rows: 1 well, 0 with a warning, 1 in error")
        await page.get_by_label("Column of code").fill("GTIN")
        await page.get_by_label("Column of code").press("Tab")
        await expect(page.locator("#counts")).to_contain_text("2 rows: 2 well")
        assert await page.locator("img").count() == 0
        assert await overflow(page) == 0
        await page.locator("#sheet rect").nth(3).click()
        await page.locator("#sheet").press("ArrowRight")
        await expect(page.locator("#start")).to_have_value("5")
        await page.get_by_role("button", name="Make labels").click()
        await expect(page.get_by_text("2 of 2 scannable")).to_be_visible(timeout=SLOW_MS)
        await expect(page.get_by_text("next free label on the last sheet is number 7")).to_be_visible()
