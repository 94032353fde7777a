"""From a click on the demo page, through the exported container, the deployed API and the function, to Pinpoint."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Locator, Page, Request, Route, expect

from tests.browser.conftest import Demo
from tests.browser.windows import PATIENCE_SECONDS
from tests.waiting import wait_for

ODD = 'O\'Brien & Söhne "A+B" 100%'
SCRIPT = '"><img src=x onerror="window.hacked = 1"><script>window.hacked = 1</script>'

Event = dict[str, Any]


class Shop:
    """The page as a visitor uses it, and Pinpoint as the local cloud tells of it."""

    def __init__(self, page: Page, demo: Demo) -> None:
        self.page = page
        self.demo = demo
        self.url = demo.address("Demo page")
        self.requests: list[Request] = []
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        self.requests.append(request)

    def open(self, query: str = "") -> None:
        self.demo.open(self.page, query)

    @property
    def endpoint_id(self) -> str:
        return self.page.get_by_label("Endpoint ID").input_value()

    def click(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def search(self, term: str) -> None:
        self.page.get_by_label("Search for").fill(term)
        self.click("Search")

    def log_in(self) -> None:
        self.click("Log in")
        expect(self.page.get_by_role("button", name="Log out")).to_be_visible()

    def give_consent(self, given: bool) -> None:
        self.page.get_by_role("switch").set_checked(given)

    def entries(self, event: str) -> Locator:
        return self.page.locator("#entries > li").filter(has=self.page.get_by_role("heading", name=event, exact=True))

    def entry(self, event: str) -> Locator:
        """The newest."""
        return self.entries(event).first

    def expect_arrivals(self, count: int) -> None:
        expect(self.page.locator("#entries .chip", has_text="arrived")).to_have_count(count)

    def pixel_calls(self) -> list[str]:
        return [request.url for request in self.requests if "/events?" in request.url]

    def local(self, path: str) -> Any:
        return self.page.request.get(f"{self.url.removesuffix('demo/')}{path}").json()

    def events(self, endpoint_id: str) -> list[Event]:
        """What Pinpoint accepted for an endpoint, without the IDs."""
        return [
            {
                "EventType": event["EventType"],
                **{name: value for name, value in event.get("Attributes", {}).items() if name != "event_id"},
                **event.get("Metrics", {}),
            }
            for entry in self.local("pinpoint/requests?since=0")["requests"]
            if entry["operation"] == "PutEvents" and entry["status"] == 202
            for event in entry["request"]["BatchItem"].get(endpoint_id, {"Events": {}})["Events"].values()
        ]

    def user_attributes(self, endpoint_id: str) -> dict[str, list[str]]:
        application_id = self.local("demo/settings")["application_id"]
        endpoint = self.local(f"pinpoint/apps/{application_id}/endpoints")[endpoint_id]
        attributes: dict[str, list[str]] = (endpoint.get("User") or {}).get("UserAttributes", {})
        return attributes

    def change_container(self, change: Any) -> None:
        """Let the page run the exported container with a change."""

        def answer(route: Route) -> None:
            settings = route.fetch().json()
            change(settings["container"]["containerVersion"])
            route.fulfill(json=settings)

        self.page.route("**/_local/demo/settings", answer)


@pytest.fixture
def shop(page: Page, demo: Demo) -> Shop:
    return Shop(page, demo)


VISIT = {"page_path": "/_local/demo/", "page_title": "Demo shop"}
TEA = VISIT | {"item_id": "tea", "item_name": ODD, "currency": "EUR", "value": 7.5}
BUTTONS = {
    f"View: {ODD}": TEA | {"EventType": "view_item"},
    f"Add to cart: {ODD}": TEA | {"EventType": "add_to_cart", "quantity": 1},
    "Buy what is in the cart": VISIT
    | {"EventType": "purchase_success", "currency": "EUR", "value": 7.5, "quantity": 1},
    "Search": VISIT | {"EventType": "search", "search_term": "käse & brot, 50% off"},
    "Subscribe": VISIT | {"EventType": "newsletter_subscribe"},
    "Sign up": VISIT | {"EventType": "sign_up"},
}


def by_type(events: list[Event]) -> list[Event]:
    return sorted(events, key=lambda event: json.dumps(event, sort_keys=True))


@pytest.mark.parametrize("logged_in", [False, True], ids=["logged out", "logged in"])
def test_each_button_sends_its_event_to_pinpoint(shop: Shop, logged_in: bool) -> None:
    shop.open()
    if logged_in:
        shop.log_in()
    for button in BUTTONS:
        shop.click(button)

    wanted = [VISIT | {"EventType": "page_view"}, *BUTTONS.values()]
    if logged_in:
        wanted.append(VISIT | {"EventType": "login"})
    shop.expect_arrivals(len(wanted))
    assert by_type(shop.events(shop.endpoint_id)) == by_type(wanted)
    # The page tells each of them as it arrived.
    for event in wanted:
        for value in event.values():
            expect(shop.entry(event["EventType"]).locator(".step").last).to_contain_text(str(value))
    # And the console has a line for each.
    endpoint_id = shop.endpoint_id
    shop.page.get_by_role("link", name="Open the console").click()
    lines = shop.page.get_by_role("row").filter(has_text=endpoint_id)
    expect(lines).to_have_count(len(wanted))
    for event in wanted:
        expect(lines.filter(has_text=event["EventType"])).to_contain_text("Arrived")


def test_without_consent_no_button_calls_the_pixel(shop: Shop) -> None:
    shop.open()
    expect(shop.entry("page_view")).to_contain_text("answer 200")
    shop.give_consent(False)
    for button in ("Log in", *BUTTONS):
        shop.click(button)

    for event in ("login", "view_item", "add_to_cart", "purchase_success", "search", "newsletter_subscribe", "sign_up"):
        expect(shop.entry(event)).to_contain_text("not fired: analytics_storage denied")
    assert len(shop.pixel_calls()) == 1
    # What was held back is not made up for.
    shop.give_consent(True)
    shop.search("allowed")
    shop.expect_arrivals(2)
    assert len(shop.pixel_calls()) == 2
    assert sorted(event["EventType"] for event in shop.events(shop.endpoint_id)) == ["page_view", "search"]


def test_customer_data_is_written_while_logged_in_and_only_then(shop: Shop) -> None:
    def sign_up(plan: str, newsletter: str) -> None:
        shop.page.get_by_label("Plan").select_option(plan)
        shop.page.get_by_role("combobox", name="Newsletter").select_option(newsletter)
        shop.click("Sign up")

    shop.open()
    sign_up("premium", "never")
    shop.expect_arrivals(2)
    assert shop.user_attributes(shop.endpoint_id) == {}
    shop.log_in()
    sign_up("basic", "weekly")
    shop.click("Log out")
    sign_up("premium", "never")
    # What anyone may write is written without a token too.
    shop.page.get_by_label("Newsletter about").fill(ODD)
    shop.click("Subscribe")

    shop.expect_arrivals(6)
    known = {"plan": ["basic"], "newsletter": ["weekly"], "interest": [ODD]}
    assert shop.user_attributes(shop.endpoint_id) == known
    for (value,) in known.values():
        expect(shop.page.locator("#endpoint")).to_contain_text(value)


def test_odd_values_arrive_as_they_were_typed(shop: Shop) -> None:
    terms = [
        ODD,
        "😀 寿司 👩‍👩‍👧",
        "a=b&event=c#d?e",
        "<b>&amp;&copy_x</b>",
        "%41+%2B %",
        "\\ / ; , : @ ~ ` ^ | ( ) [ ]",
    ]
    shop.open()
    for term in terms:
        shop.search(term)
    shop.search("")
    shop.click("View: Surprise box")

    shop.expect_arrivals(len(terms) + 3)
    events = shop.events(shop.endpoint_id)
    assert [event["search_term"] for event in by_type(events) if "search_term" in event] == sorted(
        terms, key=json.dumps
    )
    # What has no value is not sent as the word "undefined", nor as an empty text.
    assert VISIT | {"EventType": "search"} in events
    assert VISIT | {"EventType": "view_item", "item_id": "surprise", "currency": "EUR"} in events


def test_the_same_event_twice_in_a_row_counts_twice(shop: Shop) -> None:
    shop.open()
    shop.click("Add to cart: Trail shoe")
    shop.click("Add to cart: Trail shoe")

    shop.expect_arrivals(3)
    added = [event for event in shop.events(shop.endpoint_id) if event["EventType"] == "add_to_cart"]
    assert len(added) == 2
    assert added[0] == added[1]


def test_an_event_that_arrives_before_its_answer_is_told(shop: Shop) -> None:
    held: list[tuple[Route, APIResponse]] = []
    shop.open()
    shop.expect_arrivals(1)
    shop.page.route("**/events?*=slow*", lambda route: held.append((route, route.fetch())))
    shop.search("slow")
    wait_for(
        "the event",
        lambda: any(event.get("search_term") == "slow" for event in shop.events(shop.endpoint_id)),
        PATIENCE_SECONDS,
    )
    # What the page looks at because of this event holds the other one too.
    shop.search("fast")
    expect(shop.entry("search")).to_contain_text("arrived")

    ((route, response),) = held
    route.fulfill(response=response)

    shop.expect_arrivals(3)
    expect(shop.entries("search").last.locator(".step").last).to_contain_text("slow")


def test_an_older_look_at_the_endpoint_does_not_replace_a_newer_one(shop: Shop) -> None:
    shop.open()
    shop.expect_arrivals(1)
    expect(shop.page.locator("#endpoint")).to_contain_text("Its history")
    held: list[tuple[Route, APIResponse]] = []
    shop.page.route("**/endpoints", lambda route: held.append((route, route.fetch())), times=1)
    field = shop.page.get_by_label("Endpoint ID")
    for name in ("older", "newer"):
        field.fill(name)
        field.press("Tab")
    expect(shop.page.locator("#endpoint")).to_contain_text("newer")

    ((route, response),) = held
    with shop.page.expect_event("requestfinished"):
        route.fulfill(response=response)
    # By now the page has read it.
    shop.page.evaluate("fetch('settings').then((answer) => answer.json())")

    expect(shop.page.locator("#endpoint")).to_contain_text("newer")


@pytest.mark.parametrize(("button", "status"), [("Throttled", 429), ("Queue refuses", 503), ("No endpoint ID", 400)])
def test_what_is_not_queued_shows_as_failed(shop: Shop, button: str, status: int) -> None:
    shop.open()
    # The look at the page is over before: its arrival would be the latest thing that is told.
    shop.expect_arrivals(1)
    shop.click(button)

    expect(shop.entries("page_view")).to_have_count(2)
    expect(shop.entry("page_view")).to_contain_text(f"failed, answer {status}")
    expect(shop.page.get_by_role("status").last).to_contain_text(f"page_view: failed, answer {status}")


def test_answers_are_told_however_long_the_page_is_open(shop: Shop) -> None:
    shop.open()
    # As after some hundred requests.
    shop.page.evaluate("performance.setResourceTimingBufferSize(1)")
    for term in ("one", "two", "three"):
        shop.search(term)

    expect(shop.page.locator("#entries .chip", has_text="fired, answer 200")).to_have_count(4)


def test_a_wrong_address_shows_as_failed(shop: Shop) -> None:
    def misspell(version: Event) -> None:
        (constant,) = (variable for variable in version["variable"] if variable["type"] == "c")
        constant["parameter"][0]["value"] += "x"

    shop.change_container(misspell)
    shop.open()

    expect(shop.entry("page_view")).to_contain_text("failed, answer 403")


def test_a_missing_parameter_shows_as_failed(shop: Shop) -> None:
    def forget_event(version: Event) -> None:
        (url,) = (value for value in version["tag"][0]["parameter"] if value["key"] == "url")
        url["value"] = url["value"].replace("event={{Event}}&", "")

    shop.change_container(forget_event)
    shop.open()

    expect(shop.entry("page_view")).to_contain_text("failed, answer 400")


def test_a_container_that_holds_more_is_refused_and_says_what(shop: Shop) -> None:
    shop.change_container(lambda version: version["tag"].append({"tagId": "99", "name": "Custom", "type": "html"}))
    shop.page.goto(shop.url)

    expect(shop.page.get_by_role("alert").first).to_contain_text("tag Custom: type html")
    assert shop.pixel_calls() == []


def test_an_event_without_a_trigger_sets_off_no_tag(shop: Shop) -> None:
    shop.open()
    shop.page.evaluate("dataLayer.push({ event: 'lottery' })")

    expect(shop.entry("lottery")).to_contain_text("No tag fires on this event")


def test_a_cloud_that_does_not_answer_is_told(shop: Shop) -> None:
    shop.open()
    shop.page.route("**/_local/demo/login", lambda route: route.abort())
    shop.click("Log in")

    expect(shop.page.get_by_text("does not answer")).to_be_visible()
    expect(shop.page.get_by_role("button", name="Log in")).to_be_visible()


def test_an_empty_endpoint_id_is_refused_by_the_page(shop: Shop) -> None:
    shop.open()
    expect(shop.entry("page_view")).to_contain_text("answer 200")
    pushed = shop.page.evaluate("dataLayer.length")
    shop.page.get_by_label("Endpoint ID").fill("   ")
    for button in ("View: Trail shoe", "Search", "Log in"):
        shop.click(button)

    expect(shop.page.get_by_text("Give an endpoint ID")).to_be_visible()
    expect(shop.page.get_by_label("Endpoint ID")).to_be_focused()
    assert shop.page.evaluate("dataLayer.length") == pushed
    assert len(shop.pixel_calls()) == 1


def test_a_script_in_a_value_or_in_the_endpoint_id_does_not_run(shop: Shop) -> None:
    shop.open()
    shop.page.get_by_label("Endpoint ID").fill(SCRIPT)
    shop.search(SCRIPT)
    expect(shop.entry("search").locator(".step").last).to_contain_text("arrived")
    shop.entry("search").get_by_text("URL").click()

    # Both stand there as text: pushed, sent, arrived.
    expect(shop.entry("search").locator(".step").last).to_contain_text(SCRIPT)
    expect(shop.page.locator("#endpoint")).to_contain_text(SCRIPT)
    assert shop.page.evaluate("window.hacked") is None
    assert shop.page.locator("#entries img, #entries script, #endpoint img").count() == 0
    # Nor could it: the page's policy runs no inline script.
    policy = shop.page.request.get(shop.url).headers["content-security-policy"]
    assert "script-src 'self' https://www.googletagmanager.com;" in policy
    assert "unsafe" not in policy


def test_the_page_asks_no_other_host(shop: Shop) -> None:
    shop.open()
    shop.expect_arrivals(1)

    assert {request.url.split("/_")[0] for request in shop.requests if not request.url.startswith("data:")} == {
        shop.url.split("/_")[0]
    }


def test_the_real_tag_manager_can_be_loaded_instead(shop: Shop) -> None:
    script = "window.seen = dataLayer.map((message) => message.event ?? message[0]);"
    shop.page.route(
        "https://www.googletagmanager.com/**", lambda route: route.fulfill(body=script, content_type="text/javascript")
    )
    shop.open("?gtm=GTM-ABC1234")
    shop.page.wait_for_function("window.seen")

    assert shop.page.evaluate("window.seen") == ["consent", "gtm.js", "page_view"]
    assert [request.url for request in shop.requests if "googletagmanager" in request.url] == [
        "https://www.googletagmanager.com/gtm.js?id=GTM-ABC1234"
    ]
    assert shop.pixel_calls() == []
    expect(shop.entry("page_view")).to_contain_text("page_path")
    expect(shop.entry("page_view")).not_to_contain_text("No tag")


def test_only_a_container_id_is_loaded(shop: Shop) -> None:
    shop.page.goto(f"{shop.url}?gtm=../evil.js")

    expect(shop.page.get_by_role("alert").first).to_contain_text("must name a container")
    assert not [request.url for request in shop.requests if "googletagmanager" in request.url]
