"""What tests of the console's views share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.windows import window

SCRIPT = "<img src=x onerror=window.ran=1><script>window.ran=1</script>"
PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1280, height=900)


def next_answer(page: Page) -> None:
    """Wait until the console has asked once more."""
    with page.expect_response("**/feed?*"):
        pass


def serious_faults(page: Page) -> list[tuple[str, list[str]]]:
    """What axe finds that keeps somebody out: each rule, and the elements that break it."""
    return [
        (fault["id"], [node["html"] for node in fault["nodes"]])
        for fault in Axe().run(page).response["violations"]
        if fault["impact"] in {"serious", "critical"}
    ]


def check_views(
    browser: Browser, url: str, views: Iterable[str], scheme: Literal["light", "dark"], size: ViewportSize
) -> None:
    """Assert that axe finds no serious fault in any view, and that none has to be scrolled sideways."""
    with window(browser, viewport=size, color_scheme=scheme) as page:
        for view in views:
            page.goto(f"{url}/_local/console/#{view}")
            expect(page.locator("main > section:visible")).not_to_be_empty()
            next_answer(page)
            for details in page.locator("summary:visible").all()[:2]:
                details.click()
            assert serious_faults(page) == [], view
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], view
