"""Take the pictures of the READMEs: the demo page, the console and a run, on the local cloud with the complete example.

screenshots.py    writes docs/images/*.png
"""

from __future__ import annotations

import sys

from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from tools import chromium
from tools.demo import page as demo_page
from tools.demo.applied import DIRECTORY, applied
from tools.demo.calls import calls
from tools.demo.release import Announcer
from tools.demo.traffic import Traffic
from tools.stack import ROOT

IMAGES = ROOT / "docs" / "images"
SIZE = ViewportSize(width=1280, height=800)
ARRIVAL_MS = 30_000


def main() -> None:
    """Write the pictures."""
    path = chromium.find()
    if path is None:
        sys.exit("error: no Chromium: make screenshots installs one")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with applied(DIRECTORY) as (cloud, outputs), sync_playwright() as playwright:
        traffic = Traffic(cloud, outputs["pixel"], outputs["application_id"])
        Announcer(cloud, outputs["company_events"]["bus_name"], outputs["application_id"]).release()
        traffic.follow(traffic.send(calls()))
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        _shop(page, cloud.url + demo_page.PATH)
        page.screenshot(path=IMAGES / "demo-page.png")
        page.goto(cloud.url)
        expect(page.get_by_role("row").filter(has_text="zoe").first).to_contain_text("Arrived")
        page.screenshot(path=IMAGES / "console.png")
        page.get_by_role("link", name="Runs").click()
        page.locator("#run-list").get_by_role("link").first.click()
        expect(page.locator(".step", has_text="Completed")).to_have_count(4)
        page.screenshot(path=IMAGES / "runs.png", full_page=True)
        browser.close()
    for image in sorted(IMAGES.glob("*.png")):
        print(f"{image.relative_to(ROOT)}  {image.stat().st_size / 1000:.0f} kB")


def _shop(page: Page, url: str) -> None:
    """Let a visitor do a few things, until all of them have arrived."""
    page.goto(url)
    page.get_by_label("Endpoint ID").fill("zoe")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Sign up").click()
    page.get_by_role("button", name="No endpoint ID").click()
    page.get_by_role("button", name="Add to cart: O'Brien").click()
    expect(page.locator("#entries .chip", has_text="arrived")).to_have_count(4, timeout=ARRIVAL_MS)
    page.mouse.move(0, 0)
    page.evaluate("scrollTo(0, 0)")


if __name__ == "__main__":
    main()
