"""`make screenshots`: every state of every page at three widths in both themes, as PNG files in a directory that git ignores."""

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Browser

from tests.e2e.browser.gallery import FAILED, STATES, gallery
from tests.e2e.browser.pages import THEMES, WIDTHS, chromium, overflow, reading, sign_in
from tests.e2e.browser.uploads import upload_pages


def main() -> None:
    """Make them, and name the pages that are wider than their window."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=Path("screenshots"))
    parser.add_argument("--only", nargs="*", help="states; by default all")
    args = parser.parse_args()
    args.into.mkdir(parents=True, exist_ok=True)
    asyncio.run(_make(args.into, args.only))


async def _make(into: Path, only: Sequence[str] | None) -> None:
    with tempfile.TemporaryDirectory() as state:
        async with gallery(Path(state)) as shown, chromium() as browser:
            places = {name: shown.full + path for name, path in STATES.items()}
            places["list-empty"] = f"{shown.empty}/incidents"
            await _shoot(browser, {n: u for n, u in places.items() if not only or n in only}, into, signed_in=True)
            await _shoot(browser, {"failed": shown.full + FAILED[0]}, into, headers=FAILED[1])
    if not only:
        with tempfile.TemporaryDirectory() as state:
            async with upload_pages(Path(state)) as uploads, chromium() as browser:
                await _shoot(browser, uploads, into)


async def _shoot(
    browser: Browser,
    places: dict[str, str],
    into: Path,
    *,
    signed_in: bool = False,
    headers: dict[str, str] | None = None,
) -> None:
    for theme in THEMES:
        for width in WIDTHS:
            async with reading(browser, theme=theme, width=width, headers=headers) as page:
                known = False
                for name, url in places.items():
                    if signed_in and not known and name != "sign-in":
                        await sign_in(page, url.partition("/incidents")[0])  # cookies are of a host, whatever its port
                        known = True
                    await page.goto(url)
                    await page.screenshot(path=into / f"{name}-{width}-{theme}.png", full_page=True)
                    if wider := await overflow(page):
                        print(f"{name} at {width}: {wider} px too wide")


if __name__ == "__main__":
    main()
