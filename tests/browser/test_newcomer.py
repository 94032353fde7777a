"""Somebody who knows nothing but what `make demo` prints and what the screen shows."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo

MINE = "newcomer-with-an-own-name"


def test_a_newcomer_finds_an_own_event_in_the_console(page: Page, demo: Demo) -> None:
    # The page works at once: the first look is an event already.
    page.goto(demo.address("Demo page"))
    happened = page.get_by_role("region", name="What happened").get_by_role("listitem")
    expect(happened.filter(has_text="page_view")).to_contain_text("arrived")

    page.get_by_label("Endpoint ID").fill(MINE)
    page.get_by_role("button", name="Add to cart: Trail shoe").click()
    expect(happened.filter(has_text="add_to_cart")).to_contain_text("arrived")
    expect(page.get_by_role("region", name="Your endpoint in Pinpoint")).to_contain_text(MINE)

    page.get_by_role("link", name="Open the console").click()
    own = page.get_by_role("row").filter(has_text=MINE)
    expect(own).to_have_count(1)
    expect(own).to_contain_text("add_to_cart")
    expect(own).to_contain_text("Arrived")
    # The other address that was printed leads to the same console.
    page.goto(demo.address("Console"))
    expect(page.get_by_role("row").filter(has_text=MINE)).to_contain_text("add_to_cart")
    # From the line on to what Pinpoint knows of the visitor.
    page.get_by_role("link", name=MINE).click()
    expect(page.get_by_role("heading", name=MINE)).to_be_visible()


def test_a_newcomer_follows_the_release_from_its_run_to_what_a_customer_reads(page: Page, demo: Demo) -> None:
    assert "Greta (gold)" in demo.output

    page.goto(demo.address("Runs"))
    page.get_by_role("link", name="feature_release").click()
    steps = page.get_by_role("region", name="Runs").locator(".step")
    expect(steps).to_have_count(4)
    expect(steps.filter(has_text="Completed")).to_have_count(4)
    expect(steps.nth(1)).to_contain_text("free, SMS")
    expect(steps.nth(1).get_by_role("listitem").filter(has_text="2 of 2 reached")).to_have_count(2)

    page.get_by_role("link", name="Outbox").click()
    page.get_by_role("link", name="Dark mode is here, Greta").click()
    expect(page.frame_locator("iframe").get_by_role("heading", name="Dark mode")).to_be_visible()
