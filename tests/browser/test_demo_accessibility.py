"""The demo page for everyone: axe, the keyboard, both colour schemes, a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.conftest import Demo
from tests.browser.consoles import DESK, PHONE, serious_faults
from tests.browser.windows import window


@pytest.fixture(scope="module")
def used(browser: Browser, demo: Demo) -> Iterator[Page]:
    """The page with each kind of state on it: failed, held back, arrived, and an endpoint ID that is refused."""
    with window(browser) as page:
        demo.open(page)
        page.get_by_role("button", name="No endpoint ID").click()
        page.get_by_role("switch").uncheck()
        page.get_by_role("button", name="Search").click()
        page.locator("summary").first.click()
        page.get_by_label("Endpoint ID").fill("")
        page.get_by_role("button", name="Subscribe").click()
        expect(page.locator(".chip", has_text="arrived")).to_be_visible()
        yield page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_no_serious_fault(used: Page, scheme: Literal["light", "dark"], size: ViewportSize) -> None:
    used.set_viewport_size(size)
    used.emulate_media(color_scheme=scheme)

    assert serious_faults(used) == []
    # Nothing makes a phone scroll sideways.
    assert used.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_the_shop_works_by_keyboard_alone(page: Page, demo: Demo) -> None:
    demo.open(page)

    def tab_to(name: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.textContent") == name:
                return
        pytest.fail(f"the tab key does not reach {name}")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to what happened")).to_be_focused()
    tab_to("Add to cart: Trail shoe")
    page.keyboard.press("Enter")
    tab_to("Search")
    page.keyboard.press("Space")
    tab_to("URL")
    # What arrives takes the focus from nobody.
    expect(page.locator("#entries .chip", has_text="arrived")).to_have_count(3)
    page.keyboard.press("Enter")

    for event in ("add_to_cart", "search"):
        expect(page.get_by_role("heading", name=event, exact=True)).to_be_visible()
    expect(page.locator("details[open] code")).to_be_visible()
