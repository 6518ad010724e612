"""Every state of every page, in both themes: nothing that a screen reader stumbles over, nothing too wide, no markup."""

from pathlib import Path

import pytest

from tests.e2e.browser.gallery import FAILED, STATES, gallery
from tests.e2e.browser.pages import THEMES, Theme, chromium, found_by_axe, overflow, reading, sign_in
from tests.e2e.browser.uploads import upload_pages

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]


@pytest.mark.parametrize("theme", THEMES)
async def test_axe_finds_nothing_serious_on_the_incident_pages(theme: Theme, tmp_path: Path) -> None:
    found: list[str] = []
    async with gallery(tmp_path) as shown, chromium() as browser:
        async with reading(browser, theme=theme) as page:
            await page.goto(shown.full + STATES["sign-in"])
            found += await found_by_axe(page)
            await sign_in(page, shown.full)
            places = {name: shown.full + path for name, path in STATES.items()} | {"empty": f"{shown.empty}/incidents"}
            for name, url in places.items():
                await page.goto(url)
                await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
                found += [f"{name}: {wrong}" for wrong in await found_by_axe(page)]
        async with reading(browser, theme=theme, headers=FAILED[1]) as page:
            await page.goto(shown.full + FAILED[0])
            found += await found_by_axe(page)
    assert found == []


@pytest.mark.parametrize("theme", THEMES)
async def test_axe_finds_nothing_serious_on_the_upload_pages(theme: Theme, tmp_path: Path) -> None:
    found: list[str] = []
    async with upload_pages(tmp_path) as places, chromium() as browser, reading(browser, theme=theme) as page:
        for name, url in places.items():
            await page.goto(url)
            found += [f"{name}: {wrong}" for wrong in await found_by_axe(page)]
    assert found == []


@pytest.mark.parametrize("width", [360, 768, 1440, 3840])
async def test_no_page_is_wider_than_its_window(width: int, tmp_path: Path) -> None:
    async with gallery(tmp_path) as shown, chromium() as browser, reading(browser, width=width) as page:
        await sign_in(page, shown.full)
        for name, path in STATES.items():
            await page.goto(shown.full + path)
            assert await overflow(page) == 0, name


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
async def test_hostile_names_in_every_field_stay_text(javascript: bool, tmp_path: Path) -> None:
    async with gallery(tmp_path) as shown, chromium() as browser, reading(browser, javascript=javascript) as page:
        await sign_in(page, shown.full, name="<b>Ann</b>")
        for path in ("/incidents", "/incidents/inc-hostile"):
            await page.goto(shown.full + path)
            await page.get_by_text("<script>document.title").first.wait_for()
            assert (
                await page.locator(
                    "img, iframe, object, style, script:not([src='/incidents/static/incidents.js'])"
                ).count()
                == 0
            )
            assert "owned" not in (await page.title()).replace("document.title='owned'", "")


async def test_times_are_in_the_readers_zone_and_exact_on_hover(tmp_path: Path) -> None:
    async with gallery(tmp_path) as shown, chromium() as browser, reading(browser, zone="Asia/Kathmandu") as page:
        await sign_in(page, shown.full)
        await page.goto(f"{shown.full}/incidents/inc-crash")
        first = page.locator("ol.evidence time").first
        exact = await first.get_attribute("title")
        assert exact is not None
        minute = (int(exact[14:16]) + 45) % 60  # Nepal is 5 h 45 min ahead of UTC
        assert f":{minute:02d}:12.100" in (await first.text_content() or "")


async def test_everything_is_reached_with_the_keyboard_and_the_focus_is_seen(tmp_path: Path) -> None:
    async with gallery(tmp_path) as shown, chromium() as browser, reading(browser) as page:
        await sign_in(page, shown.full)
        await page.goto(f"{shown.full}/incidents/inc-crash")
        ring = "getComputedStyle(document.activeElement).outlineStyle"
        reached = []
        for _ in range(12):
            await page.keyboard.press("Tab")
            assert await page.evaluate(ring) == "solid"
            reached.append(await page.evaluate("document.activeElement.textContent.trim()"))
        assert reached[0] == "Skip to the content"
        assert {"Acknowledge", "Resolve, silence, add a note", "Copy as Markdown"} <= {
            text.split("\n")[0] for text in reached
        }
