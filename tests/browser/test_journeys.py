"""Journeys in the console: drawn as a graph, with who stands where."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any, Literal
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from local_cloud.process import LocalCloud
from tests.browser.consoles import DESK, PHONE, SCRIPT, check_views
from tests.local_cloud.aws import Aws, wait_for
from tests.local_cloud.journeys import BROKEN, FOREVER, JourneyApp
from tests.local_cloud.ledgers import Environment
from tests.local_cloud.pinpoint.journey_project import COMPANY, custom, start, wait

NEVER = {"EventCondition": {"Dimensions": {"EventType": {"Values": ["bought"]}}}}


@pytest.fixture
def app(bare: LocalCloud) -> JourneyApp:
    return JourneyApp(Aws(bare, f"t{uuid.uuid4().hex[:8]}"))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    """A cloud with a journey of each kind; its address, and a view of each."""
    with LocalCloud(tmp_path_factory.mktemp("journeys")) as running:
        app = JourneyApp(Aws(running, "shop"))
        branching = app.open(every_kind(app), Name="branching")
        broken = app.open({"first": custom(None, app.function(BROKEN, "broken"))}, Name="broken" * 20)
        draft = app.write({"empty": {}, "other": {}}, State="DRAFT", StartCondition={}, Name="draft")
        company = [f"company-{number:040x}" for number in range(3)]
        app.enter(*(f"customer-with-a-rather-long-name-{number}" for number in range(22)), *company)
        app.become(app.open({"first": wait(WaitFor=FOREVER)}, Name="cancelled"), "CANCELLED")
        wait_for("everybody to enter", lambda: app.seen(branching)["activities"]["pause"]["count"])
        yield running.url, ["journeys", *(f"journeys/{app.id}/{one}" for one in (branching, broken, draft, "unknown"))]


def every_kind(app: JourneyApp) -> dict[str, Any]:
    """Activities of every kind of split."""
    gold = {"SegmentDimensions": {"UserAttributes": {"plan": {"AttributeType": "INCLUSIVE", "Values": ["gold"]}}}}
    return {
        "step001": {"Description": "announce", **custom("held", app.function())},
        "held": {"Holdout": {"Percentage": 1, "NextActivity": "asked"}},
        "asked": {
            "ConditionalSplit": {
                "Condition": {"Conditions": [NEVER, gold], "Operator": "ANY"},
                "TrueActivity": "thanks",
                "FalseActivity": "which",
            }
        },
        "thanks": wait("shares", WaitFor="P5D"),
        "which": {
            "MultiCondition": {
                "Branches": [
                    {"Condition": gold, "NextActivity": "shares"},
                    {"Condition": NEVER, "NextActivity": "bye"},
                ],
                "DefaultActivity": "pause",
            }
        },
        "pause": wait("shares", WaitFor=FOREVER),
        "shares": {"RandomSplit": {"Branches": [{"Percentage": 60, "NextActivity": "bye"}, {"Percentage": 40}]}},
        "bye": custom(None, app.function(suffix="bye")),
    }


def view_of(app: JourneyApp, journey: str) -> str:
    return f"journeys/{app.id}/{journey}"


def box(page: Page, name: str) -> Locator:
    """An activity of the diagram."""
    return page.locator("#journey .step").filter(has=page.locator("strong", has_text=name))


def entry(page: Page, app: JourneyApp) -> Locator:
    """Link to the only journey of a project."""
    return page.locator(f'#journey-list a[href^="#journeys/{app.id}/"]')


def test_a_journey_is_followed_live_from_its_entry_to_its_end(console: Callable[[str], Page], app: JourneyApp) -> None:
    page = console("journeys")
    journey = app.waiting()
    expect(entry(page, app)).to_contain_text("Active")
    entry(page, app).click()
    expect(page.get_by_role("heading", name=app.aws.name)).to_be_visible()
    expect(page.locator("#journey dl")).to_contain_text("Who entersthe event companyas often as they come")
    expect(box(page, "first")).to_contain_text("0 passed")
    expect(box(page, "pause")).to_contain_text("goes on after 365 days")
    expect(page.locator("#journey .arrow")).to_have_count(2)

    app.enter("ada", "bob")
    app.standing(journey, "pause", "ada", "bob")

    expect(box(page, "first")).to_contain_text("2 passed")
    expect(box(page, "pause")).to_contain_text("2 endpoints here")
    expect(box(page, "pause")).to_contain_text("the first goes on at")
    expect(page.get_by_role("list", name="Who stands at pause").get_by_role("listitem")).to_have_text(["ada", "bob"])
    expect(entry(page, app)).to_contain_text("2 inside")

    app.become(journey, "CANCELLED")

    expect(entry(page, app)).to_contain_text("Cancelled")
    expect(page.locator("#journey .metrics")).to_have_text("CANCELLED2")
    expect(page.locator(".standing")).to_have_count(0)


def test_branches_stand_below_their_split_and_say_how_many_took_them(
    console: Callable[[str], Page], app: JourneyApp
) -> None:
    journey = app.open(every_kind(app))
    page = console(view_of(app, journey))
    kinds = ["Function", "Holdout", "Yes/no split", "Wait", "Multivariate split", "Wait", "Random split", "Function"]
    expect(page.locator("#journey .step")).to_contain_text(kinds)
    asked = page.get_by_role("list", name="Branches of asked")
    expect(asked.locator("> li")).to_have_count(2)
    expect(asked.locator("> li").nth(0)).to_contain_text("thanks")
    expect(box(page, "asked")).to_contain_text("any of:the event boughtuser's plan is gold")
    expect(page.get_by_role("list", name="Branches of held").get_by_role("listitem")).to_contain_text(
        ["1% are held out", "leaves the journey", "99% go on", "goes on below"]
    )

    for number in range(10):
        app.enter(f"customer-{number}")
    # Nearly all: one in a hundred is held out.
    wait_for("them to wait", lambda: app.seen(journey)["activities"]["pause"]["count"] > 1)

    which = page.get_by_role("list", name="Branches of which").locator("> li")
    expect(which.nth(2)).to_contain_text("endpoints here")
    expect(which.nth(0)).to_contain_text("1: user's plan is gold 0 so far")
    expect(which.nth(1)).to_contain_text("goes on at bye")
    expect(asked.locator("> li").nth(0)).to_contain_text("Yes 0 so far")


def test_a_company_endpoint_is_shown_as_its_run(console: Callable[[str], Page], app: JourneyApp) -> None:
    shop = Environment(app.aws)
    run = shop.begin(journey="0123456789abcdef-1").run
    segment = app.segment("company endpoints", **COMPANY)
    named = "feature_release-0123456789abcdef-1"
    journey = app.open({"pause": wait(WaitFor=FOREVER)}, Name=named, StartCondition=start(segment_id=segment))
    app.client.update_endpoint(
        ApplicationId=app.id,
        EndpointId=f"company-{run}",
        EndpointRequest={"ChannelType": "CUSTOM", "Address": run, "Attributes": {"engagement_role": ["company"]}},
    )
    page = console(view_of(app, journey))

    app.enter(f"company-{run}", "customer")

    link = page.get_by_role("link", name="Run event:feature_release:one")
    expect(link).to_have_attribute("href", f"#runs/{run}/{quote(shop.arn, safe='')}")
    expect(page.locator("#journey .metrics")).to_have_text("FILTERED_OUT_BY_SEGMENT1")
    link.click()
    expect(page.get_by_role("heading", name="feature_release")).to_be_visible()
    page.locator("#run").get_by_role("link", name=named).click()
    expect(page.get_by_role("heading", name=named)).to_be_visible()


def test_an_endpoint_leads_to_its_page(console: Callable[[str], Page], app: JourneyApp) -> None:
    journey = app.waiting()
    app.enter("ada")
    app.standing(journey, "pause", "ada")
    page = console(view_of(app, journey))

    page.get_by_role("link", name="ada").click()

    expect(page.locator("#endpoint").get_by_role("heading", name="ada")).to_be_visible()
    expect(page.locator("#endpoint")).to_contain_text("CUSTOM")


def test_a_failing_function_says_why(console: Callable[[str], Page], app: JourneyApp) -> None:
    journey = app.open({"first": custom(None, app.function(BROKEN))})
    page = console(view_of(app, journey))

    app.enter("ada")
    wait_for("the failure", lambda: app.seen(journey)["errors"])

    expect(box(page, "first")).to_contain_text("CUSTOM_DELIVERY_FAILURE 1")
    expect(page.locator("#journey .faults")).to_contain_text("no")


def test_the_recipient_of_a_journey_can_act_without_an_event_stream(
    console: Callable[[str], Page], app: JourneyApp
) -> None:
    """Splits of the journey hear it all the same."""
    name = app.aws.name
    app.client.update_sms_channel(ApplicationId=app.id, SMSChannelRequest={"Enabled": True})
    app.client.create_sms_template(TemplateName=name, SMSTemplateRequest={"Body": f"Hello {name}"})
    app.open({"sms": {"SMS": {"TemplateName": name}}})
    page = console("outbox")

    app.enter("+491701", channel="SMS")
    page.locator("#message-list a").filter(has_text=f"Hello {name}").click()

    expect(page.locator("#message")).to_contain_text("what its recipient does is not recorded")
    page.get_by_role("button", name="Opt out").click()
    expect(page.get_by_text("Told as _SMS.OPTOUT.")).to_be_visible()


def test_hostile_journeys_show_as_text(console: Callable[[str], Page], app: JourneyApp) -> None:
    hostile = custom("pause", app.function(), MessageConfig={"Data": SCRIPT})
    journey = app.open(
        {"first": {"Description": SCRIPT, **hostile}, "pause": wait(WaitFor=FOREVER)},
        StartCondition=start(SCRIPT, Attributes={"name": {"AttributeType": "INCLUSIVE", "Values": [SCRIPT]}}),
    )
    app.enter(f"company-{SCRIPT}", event_type=SCRIPT, Attributes={"name": SCRIPT})
    app.standing(journey, "pause", f"company-{SCRIPT}")

    page = console(view_of(app, journey))

    expect(page.locator("#journey dl")).to_contain_text(f"the event {SCRIPT} where name is {SCRIPT}")
    expect(page.locator("#journey .step").first).to_contain_text(f"with {SCRIPT}")
    expect(page.locator("#journey .step strong").first).to_have_text(SCRIPT)
    expect(page.locator(".standing a")).to_have_text(f"company-{SCRIPT}")
    assert page.evaluate("[window.ran, document.querySelectorAll('img[src=x], main script').length]") == [None, 0]


def test_a_draft_that_is_not_whole_is_drawn_as_far_as_it_goes(console: Callable[[str], Page], app: JourneyApp) -> None:
    activities = {"first": custom("gone", "step"), "lonely": {}}
    draft = app.write(activities, State="DRAFT", StartCondition={})

    page = console(view_of(app, draft))

    expect(page.locator("#journey dl")).to_contain_text("nobody: it has no start condition")
    expect(page.locator("#journey .end").first).to_have_text("goes on at gone, which does not exist")
    expect(page.get_by_role("heading", name="Not connected")).to_be_visible()
    expect(box(page, "lonely")).to_contain_text("not whole")


def test_a_journey_that_nobody_knows_is_told(console: Callable[[str], Page]) -> None:
    page = console("journeys/unknown/unknown")

    expect(page.get_by_text("There is no such journey.")).to_be_visible()


def test_on_a_phone_a_journey_takes_the_place_of_the_list(console: Callable[[str], Page], app: JourneyApp) -> None:
    app.waiting()
    page = console("journeys")
    page.set_viewport_size(PHONE)
    expect(page.get_by_role("link", name="Journeys")).to_be_in_viewport(ratio=1)

    entry(page, app).focus()
    page.keyboard.press("Enter")

    expect(entry(page, app)).to_be_hidden()
    expect(page.get_by_role("heading", name=app.aws.name)).to_be_focused()
    page.get_by_role("link", name="All journeys").click()
    expect(entry(page, app)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_journey_keeps_anybody_out(
    browser: Browser, filled: tuple[str, list[str]], scheme: Literal["light", "dark"], size: ViewportSize
) -> None:
    url, views = filled
    check_views(browser, url, views, scheme, size)
