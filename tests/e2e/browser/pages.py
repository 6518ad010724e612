"""A browser as tests and screenshots share it: theme, width, with or without JavaScript; signing in; axe."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Literal

from playwright.async_api import Browser, Page, async_playwright

from tests.e2e.chain import TOKEN

Theme = Literal["light", "dark"]
THEMES: Final[tuple[Theme, ...]] = ("light", "dark")
WIDTHS: Final = (360, 768, 1440)
CHROMIUM: Final = "/usr/bin/chromium"
AXE: Final = Path(__file__).parents[2] / "axe/node_modules/axe-core/axe.min.js"
_SERIOUS: Final = ("serious", "critical")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run a browser. Its sandbox needs rights that a test in a container does not have."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def reading(
    browser: Browser,
    *,
    theme: Theme = "light",
    width: int = 1440,
    javascript: bool = True,
    zone: str = "UTC",
    headers: dict[str, str] | None = None,
) -> AsyncIterator[Page]:
    """Open a page for somebody; fail where a script of ours raised, or something was refused by the policy."""
    context = await browser.new_context(
        color_scheme=theme, viewport={"width": width, "height": 900}, java_script_enabled=javascript,
        timezone_id=zone, locale="en-GB", reduced_motion="reduce", extra_http_headers=headers,
    )  # fmt: skip
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    try:
        yield page
        assert wrong == []
    finally:
        await context.close()


async def sign_in(page: Page, base: str, name: str = "", token: str = TOKEN) -> None:
    """Sign in as a person does."""
    await page.goto(f"{base}/incidents")
    await page.get_by_label("Access token").fill(token)
    await page.get_by_label("Your name").fill(name)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(f"{base}/incidents")


async def found_by_axe(page: Page) -> list[str]:
    """Return what axe-core finds serious or critical on the page, and where."""
    await page.evaluate(AXE.read_text("utf-8"))
    found: dict[str, Any] = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in _SERIOUS
        for node in violation["nodes"]
    ]


async def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    wider: int = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider
