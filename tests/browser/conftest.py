"""A real browser, and the demo as `make demo` starts it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect
from xdist.scheduler import LoadScopeScheduling

from local_cloud.process import LocalCloud
from tests.browser.windows import chromium_running, window

if TYPE_CHECKING:
    from xdist.remote import Producer

ROOT = Path(__file__).parents[2]
# More than its cloud has to save its state.
STOP_SECONDS = 300
DEMO = {"test_demo_accessibility", "test_demo_page", "test_newcomer"}


class ByDemo(LoadScopeScheduling):  # type: ignore[misc] # pytest-xdist has no types
    """A worker for each file, and one for all files that need the demo, since each worker would start its own."""

    def _split_scope(self, nodeid: str) -> str:
        file = Path(nodeid.partition("::")[0]).stem
        return "demo" if file in DEMO else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByDemo:
    return ByDemo(config, log)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium_running() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with window(browser) as opened:
        yield opened


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """A cloud without any stack."""
    with LocalCloud(tmp_path_factory.mktemp("console")) as running:
        yield running


@pytest.fixture
def console(page: Page, bare: LocalCloud) -> Callable[[str], Page]:
    """Opens the console, or a view of it."""

    def opened(view: str = "") -> Page:
        page.goto(f"{bare.url}/_local/console/{view and '#'}{view}")
        expect(page.get_by_role("status").first).to_have_text("Live")
        return page

    return opened


@dataclass(frozen=True)
class Demo:
    """A running demo.

    Parameters
    ----------
    output
        What it printed.
    """

    output: str

    def address(self, label: str) -> str:
        """An address that it printed."""
        found = re.search(rf"^{label}: +(http\S+)$", self.output, re.MULTILINE)
        assert found, f"no address of the {label} in:\n{self.output}"
        return found[1]

    def open(self, page: Page, query: str = "") -> None:
        """Open the demo page; before it says what it runs, its buttons do nothing."""
        page.goto(self.address("Demo page") + query)
        expect(page.locator("#runs")).not_to_have_text("Loading ...")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """What `make demo` runs, until it waits for Ctrl-C."""
    command = [sys.executable, "-u", "-m", "tools.demo", "--directory", str(tmp_path_factory.mktemp("demo"))]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        lines: list[str] = []
        for line in process.stdout or ():
            lines.append(line)
            if "Ctrl-C" in line:
                break
        else:
            pytest.fail("".join(["the demo ended:\n", *lines]))
        try:
            yield Demo("".join(lines))
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=STOP_SECONDS)
    assert process.returncode == 0
