"""The browser and its windows, as every test opens them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tools import chromium

# More than the demo page waits for an event before it says that it did not arrive.
PATIENCE_SECONDS = 180
# The pop-up of the address bar is two more pages in each window, which cost more than the page under test.
POP_UP = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup")
# Chromium heeds only the last list of features, which is not Playwright's: what matters here of that one.
AS_PLAYWRIGHT = (
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PreconnectToSearch",
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    f"--disable-features={','.join(POP_UP + AS_PLAYWRIGHT)}",
]


@contextmanager
def chromium_running() -> Iterator[Browser]:
    """A browser that is as patient as a busy machine is slow."""
    path = chromium.find()
    assert path, "no Chromium: make test-browser installs one"
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=path, args=FLAGS) as running:
        yield running


@contextmanager
def window(browser: Browser, **options: Any) -> Iterator[Page]:
    """A page of a new profile; an error that no script caught fails the test."""
    errors: list[str] = []
    # What moves is drawn sixty times a second, though nobody looks.
    with browser.new_context(reduced_motion="reduce", **options) as context:
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
    assert errors == []
