"""Runs in the console: the tests play the product's functions, with its own adapter of the ledger."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, ViewportSize, expect

from engagement.domain.plans import reading
from engagement.domain.plans.settings import PlanSettings
from engagement.domain.runs.outline import outline
from engagement.domain.runs.records import RunStatus, StepStatus
from local_cloud.process import LocalCloud
from tests.browser.consoles import DESK, PHONE, SCRIPT, check_views, next_answer
from tests.local_cloud.aws import Aws
from tests.local_cloud.ledgers import BEGAN, Environment

PLANS = Path(__file__).parents[2] / "examples" / "plans"
LATER = BEGAN + timedelta(days=2)


@pytest.fixture
def shop(bare: LocalCloud) -> Environment:
    return Environment(Aws(bare, f"t{uuid.uuid4().hex[:8]}"))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    """A cloud with a run of each kind; its address, and a view of each."""
    with LocalCloud(tmp_path_factory.mktemp("runs")) as running:
        shop = Environment(Aws(running, "shop"))
        waiting = sample(shop, "waiting")
        shop.step(waiting, 0, StepStatus.COMPLETED, ended=LATER)
        shop.step(waiting, 1, StepStatus.COMPLETED, ended=LATER)
        shop.campaign(waiting, 1, "premium", "EMAIL", status="COMPLETED", attempted=20_000, reached=19_999)
        shop.step(waiting, 2, StepStatus.WAITING, until=LATER)
        shop.keep_interactions()
        shop.do(waiting, "ada", "1.delivered", "1.opened")
        shop.hear(waiting, 1, "everything up to 2026-11-22T10:00:00Z")
        stamping = sample(shop, "stamping")
        shop.step(stamping, 0, StepStatus.STAMPING, counts={"premium": 70})
        shop.queue_stamps(stamping, 0, 70)
        runs = [waiting, stamping]
        for status in (RunStatus.FAILED, RunStatus.STOPPED):
            runs.append(sample(shop, status))
            shop.step(runs[-1], 0, StepStatus.WORKING)
            shop.ledger.end_run(runs[-1], status, LATER, "a reason that is rather long " * 5)
        runs.append(shop.refuse("$.steps[0].send[0].audience: no such audience. Use one.", event_id="refused").run)
        yield running.url, ["runs", "runs/unknown", *(f"runs/{run}" for run in runs)]


def sample(shop: Environment, event_id: str = "one") -> str:
    """A run of the sample plan has begun."""
    document: dict[str, Any] = json.loads((PLANS / "feature_release.json").read_text())
    settings = PlanSettings.parse(json.loads((PLANS / "settings.json").read_text()))
    plan = reading.parse(document, settings)
    steps = json.loads(outline(plan))
    return shop.begin(event_id, plan.event, {"feature": "Dark mode", "slug": "dark-mode"}, steps).run


def steps(page: Page) -> Locator:
    """The boxes of the diagram."""
    return page.get_by_role("list").locator(".step")


def view_of(run: str, shop: Environment) -> str:
    """Address of a run; each test has its own ledger, in which runs may have the same id."""
    return f"runs/{run}/{quote(shop.arn, safe='')}"


def entry(page: Page, shop: Environment) -> Locator:
    """Link to the only run of an environment."""
    return page.locator(f'#run-list a[href$="{shop.aws.name}-company-events"]')


def test_the_sample_plan_is_followed_live_from_start_to_end(console: Callable[[str], Page], shop: Environment) -> None:
    page = console("runs")
    run = sample(shop)
    expect(entry(page, shop)).to_contain_text("Running")
    entry(page, shop).click()
    expect(page.get_by_role("heading", name="feature_release")).to_be_visible()
    expect(page.locator("#run")).to_contain_text("Dark mode")
    expect(steps(page)).to_contain_text(["Stamp", "Send", "Wait", "Send"])
    expect(steps(page).filter(has_text="Not begun")).to_have_count(4)
    expect(page.locator(".arrow")).to_have_count(3)

    shop.step(run, 0, StepStatus.STAMPING)
    shop.queue_stamps(run, 0, 70)
    expect(steps(page).nth(0)).to_contain_text("Stamping")
    expect(steps(page).nth(0)).to_contain_text("70 endpoints still to be stamped")

    shop.step(run, 0, StepStatus.COMPLETED, ended=LATER)
    shop.step(run, 1, StepStatus.SENDING)
    shop.campaign(run, 1, "premium", "EMAIL", starts=LATER)
    shop.campaign(run, 1, "free", "SMS", attempted=3, reached=2, status="COMPLETED")
    expect(steps(page).nth(0)).to_contain_text("Completed")
    expect(steps(page).nth(1)).to_contain_text("premium gets e-mail: template premium-release")
    expect(steps(page).nth(1).get_by_role("listitem")).to_contain_text(
        ["2 of 3 reached", "0 of 0 reachedstarts 24 Nov"]
    )

    shop.step(run, 1, StepStatus.COMPLETED, ended=LATER)
    shop.step(run, 2, StepStatus.WAITING, until=LATER)
    expect(steps(page).nth(2)).to_contain_text("Waiting until 24 Nov")
    expect(steps(page).nth(2)).to_contain_text("2 days pass")

    for index in (2, 3):
        shop.step(run, index, StepStatus.COMPLETED, ended=LATER)
    shop.ledger.end_run(run, RunStatus.COMPLETED, LATER)
    expect(entry(page, shop)).to_contain_text("Completed")
    expect(steps(page).filter(has_text="Completed")).to_have_count(4)


def test_a_step_that_its_journey_calls_for_is_awaited_until_the_run_goes_on_without_it(
    console: Callable[[str], Page], shop: Environment
) -> None:
    run = shop.begin(journey="0123456789abcdef-1").run
    shop.step(run, 0, StepStatus.AWAITED)
    page = console(view_of(run, shop))
    expect(steps(page)).to_contain_text(["Awaited", "Not begun", "Not begun"])
    expect(page.locator("#run dl").first).to_contain_text("Journey0123456789abcdef-1")

    shop.ledger.lose_journey(run, "the journey was not made")
    shop.step(run, 0, StepStatus.WORKING)

    expect(page.locator("#run dl").first).to_contain_text("went on without it because the journey was not made")
    expect(steps(page)).to_contain_text(["Working", "Not begun", "Not begun"])


def test_a_step_shows_what_its_recipients_did_as_it_is_recorded(
    console: Callable[[str], Page], shop: Environment
) -> None:
    run = sample(shop)
    shop.step(run, 1, StepStatus.SENDING)
    shop.keep_interactions()
    page = console(view_of(run, shop))
    expect(steps(page).nth(1)).to_contain_text("Sending")
    expect(page.locator("#run")).not_to_contain_text("recipients:")

    shop.do(run, "ada", "1.delivered", "1.opened")
    shop.do(run, "bob", "1.delivered", "1.opted_out")
    shop.step(run, 3, StepStatus.WORKING)
    shop.hear(run, 3, "not everything: the recorder was behind for 10 minutes")

    expect(steps(page).nth(1)).to_contain_text("recipients: 2 delivered, 1 opened, 0 clicked, 1 opted out")
    expect(steps(page).nth(3)).to_contain_text("known of what recipients did: not everything: the recorder was behind")


def test_a_failed_run_says_why_and_where(console: Callable[[str], Page], shop: Environment) -> None:
    run = sample(shop)
    shop.step(run, 0, StepStatus.COMPLETED)
    shop.step(run, 1, StepStatus.SENDING)
    shop.ledger.end_run(run, RunStatus.FAILED, LATER, "campaign x: the service refused it")

    page = console(view_of(run, shop))

    expect(page.locator("#run .progress")).to_have_text("✕ Failedcampaign x: the service refused it")
    expect(steps(page)).to_contain_text(["Completed", "Failed", "Not begun", "Not begun"])


def test_a_refused_run_shows_every_fault_and_hostile_values_as_text(
    console: Callable[[str], Page], shop: Environment
) -> None:
    faults = [f"$.steps[{number}].wait: {SCRIPT}. Remedy {number}." for number in range(2)]
    shop.refuse(*faults, plan=SCRIPT, reason=SCRIPT, values={SCRIPT: SCRIPT})
    page = console("runs")

    expect(entry(page, shop)).to_contain_text(SCRIPT)
    expect(entry(page, shop)).to_contain_text("Refused")
    entry(page, shop).click()

    expect(page.get_by_role("heading", name=SCRIPT)).to_be_visible()
    expect(page.locator(".faults li")).to_have_text(faults)
    expect(page.locator(".faults code")).to_have_text(["$.steps[0].wait", "$.steps[1].wait"])
    expect(page.locator("#run dd", has_text=SCRIPT).last).to_have_text(SCRIPT)
    expect(steps(page)).to_have_count(0)
    assert page.evaluate("[window.ran, document.querySelectorAll('img[src=x], main script').length]") == [None, 0]


def test_hostile_steps_and_audiences_show_as_text(console: Callable[[str], Page], shop: Environment) -> None:
    hostile = {"id": SCRIPT, "kind": SCRIPT, "details": [SCRIPT]}
    run = shop.begin(outline=[hostile]).run
    shop.campaign(run, 0, SCRIPT, SCRIPT, status=SCRIPT)
    shop.step(run, 0, StepStatus.COUNTING, counts={SCRIPT: 1})

    page = console(view_of(run, shop))

    expect(steps(page).get_by_text(SCRIPT)).to_have_count(6)
    assert page.evaluate("[window.ran, document.querySelectorAll('img[src=x], main script').length]") == [None, 0]


def test_the_same_run_of_two_environments_is_told_apart(console: Callable[[str], Page], shop: Environment) -> None:
    other = Environment(Aws(shop.aws.cloud, shop.aws.name, "999900000031"))
    shop.begin(values={"feature": "Dark mode"})
    other.begin(values={"feature": "Voice"})
    page = console("runs")

    page.locator("#run-list a").filter(has_text="999900000031").click()

    expect(page.locator("#run")).to_contain_text("Voice")
    expect(page.locator("#run-list [aria-current]")).to_have_count(1)
    expect(page.locator("#run-list [aria-current]")).to_contain_text("999900000031")


def test_a_run_that_nobody_knows_is_told(console: Callable[[str], Page]) -> None:
    page = console("runs/unknown")

    expect(page.get_by_text("No ledger knows this run.")).to_be_visible()


def test_on_a_phone_a_run_takes_the_place_of_the_list(console: Callable[[str], Page], shop: Environment) -> None:
    sample(shop)
    page = console("runs")
    page.set_viewport_size(PHONE)

    entry(page, shop).focus()
    page.keyboard.press("Enter")

    expect(entry(page, shop)).to_be_hidden()
    expect(page.get_by_role("heading", name="feature_release")).to_be_focused()
    page.get_by_role("link", name="All runs").click()
    expect(entry(page, shop)).to_be_visible()


def test_a_run_gets_the_focus_however_late_it_is_answered(console: Callable[[str], Page], shop: Environment) -> None:
    sample(shop)
    page = console("runs")
    page.set_viewport_size(PHONE)
    asked: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)
        if len(asked) > 2:
            route.continue_()

    page.route("**/_local/runs/*", hold)

    entry(page, shop).focus()
    page.keyboard.press("Enter")
    # The feed's next answer draws the view again, and asks for the run again.
    while len(asked) < 2:
        next_answer(page)
    for route in asked[:2]:
        route.continue_()

    expect(page.get_by_role("heading", name="feature_release")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_run_keeps_anybody_out(
    browser: Browser, filled: tuple[str, list[str]], scheme: Literal["light", "dark"], size: ViewportSize
) -> None:
    url, views = filled
    check_views(browser, url, views, scheme, size)
