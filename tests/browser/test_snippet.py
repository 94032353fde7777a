"""The snippet in a real browser, against a server that notes what arrives."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.browser.windows import PATIENCE_SECONDS
from tests.loopback import listening

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page

SNIPPET = (Path(__file__).resolve().parents[2] / "gtm" / "engagement.js").read_text(encoding="utf-8")
OWN = {"event_id", "ts"}


def stripped(source: str) -> str:
    """The snippet without comments and needless white space, which any minifier does at least."""
    without = re.sub(r"/\*\*.*?\*/|^\s*//[^\n]*$", "", source, flags=re.DOTALL | re.MULTILINE)
    parts = re.split(r'("[^"]*")', without)
    signs = r"\s*([{}()\[\];,:=<>?&|+*!-])\s*"
    return "".join(part if part[:1] == '"' else re.sub(signs, r"\1", re.sub(r"\s+", " ", part)) for part in parts)


@dataclass
class Pixel:
    """A pixel that takes everything, and pages that use it."""

    script: str = SNIPPET
    attributes: str = 'data-endpoint-id="7f3a"'
    posts: list[list[dict[str, str]]] = field(default_factory=list)
    images: list[dict[str, str]] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    base: str = ""
    other: str = ""

    @property
    def events(self) -> list[dict[str, str]]:
        """What arrived by POST, in one list, without the event's own ID and time."""
        return [{name: event[name] for name in event if name not in OWN} for events in self.posts for event in events]

    def page(self) -> bytes:
        """A page with the snippet."""
        tag = f'<script src="/engagement.js" data-url="{self.other}/v1/events" {self.attributes}></script>'
        return f"<!doctype html><title>shop</title>{tag}".encode()


def handler(pixel: Pixel) -> type[BaseHTTPRequestHandler]:
    """Serves the pages of a pixel and its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if url.path == "/v1/events":
                pixel.images.append(dict(parse_qsl(url.query, keep_blank_values=True, strict_parsing=True)))
                self.answer("image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>')
            elif url.path == "/engagement.js":
                self.answer("text/javascript; charset=utf-8", pixel.script.encode())
            else:
                self.answer("text/html; charset=utf-8", pixel.page())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            pixel.types.append(self.headers["Content-Type"])
            pixel.posts.append(json.loads(body))
            self.answer("application/json", b"{}")

        def answer(self, kind: str, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


@pytest.fixture
def pixel() -> Iterator[Pixel]:
    """Two origins, as a site and its pixel are."""
    pixel = Pixel()
    with listening(handler(pixel)) as port:
        pixel.base = f"http://localhost:{port}"
        pixel.other = f"http://127.0.0.1:{port}"
        yield pixel


@pytest.fixture
def warnings(page: Page) -> list[str]:
    """What the page warned of."""
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "warning":
            said.append(message.text)

    page.on("console", note)
    return said


def wait_for(page: Page, condition: Callable[[], object]) -> None:
    """Let the browser work until the condition holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "nothing arrived"
        page.wait_for_timeout(20)


def tracking(name: Any, values: str = "{}") -> str:
    """The call that tracks an event; `values` is JavaScript."""
    return f"engagement.track({json.dumps(name)}, {values})"


def run(page: Page, *calls: str) -> None:
    """Run them at once: what was tracked goes a second later, whether or not the next call has come by then."""
    page.evaluate("; ".join(calls))


def track(page: Page, name: Any, values: str = "{}") -> None:
    """Track an event."""
    run(page, tracking(name, values))


def settled(page: Page, pixel: Pixel) -> None:
    """Wait until everything that was tracked before has arrived: a last event comes behind it."""
    page.evaluate("engagement.init({ endpointId: 'last' }); engagement.consent(true); engagement.track('last')")
    wait_for(page, lambda: any(event["event"] == "last" for event in pixel.events + pixel.images))


def test_it_has_less_than_two_kilobytes() -> None:
    assert len(stripped(SNIPPET).encode()) < 2048


@pytest.mark.parametrize("script", [SNIPPET, stripped(SNIPPET)], ids=["source", "stripped"])
def test_events_go_together_as_text_that_needs_no_preflight(page: Page, pixel: Pixel, script: str) -> None:
    pixel.script = script
    page.goto(pixel.base)
    run(
        page,
        tracking("page_view", "{ page_path: '/', evme_value: 49.9, usat_plan: 'gold', evat_logged_in: false }"),
        tracking("sign_up"),
    )

    wait_for(page, lambda: pixel.posts)

    assert pixel.events == [
        {
            "event": "page_view",
            "endpoint_id": "7f3a",
            "evat_page_path": "/",
            "evme_value": "49.9",
            "usat_plan": "gold",
            "evat_logged_in": "false",
        },
        {"event": "sign_up", "endpoint_id": "7f3a"},
    ]
    assert pixel.types == ["text/plain;charset=UTF-8"]


def test_every_event_has_its_own_id_and_the_time_at_which_it_happened(page: Page, pixel: Pixel) -> None:
    page.goto(pixel.base)
    run(
        page,
        "self.before = Date.now()",
        tracking("page_view"),
        tracking("page_view"),
        "self.after = Date.now()",
        tracking("purchase", "{ event_id: 'order-17' }"),
    )
    before, after = page.evaluate("[before, after]")

    wait_for(page, lambda: pixel.posts)

    first, second, third = pixel.posts[0]
    assert re.fullmatch(r"[0-9a-f-]{36}", first["event_id"])
    assert len({first["event_id"], second["event_id"], third["event_id"]}) == 3
    assert before <= int(first["ts"]) <= int(second["ts"]) <= after
    assert third["event_id"] == "order-17"


def test_what_has_no_value_is_not_sent(page: Page, pixel: Pixel) -> None:
    page.goto(pixel.base)
    track(
        page,
        "page_view",
        "{ a: undefined, b: null, c: '', d: ' ', e: NaN, f: Infinity, g: {}, h: [1], i: () => 1, j: Symbol('j'),"
        " k: 1n, l: 'undefined', m: 'null', zero: 0, no: false }",
    )

    wait_for(page, lambda: pixel.posts)

    assert pixel.events == [{"event": "page_view", "endpoint_id": "7f3a", "evat_zero": "0", "evat_no": "false"}]


HOSTILE = "</script><img src=x onerror=alert(1)>&endpoint_id=eve\"'\\\n\u2028\x00 Käse 😀 %00 + {{x}}"


def test_names_and_values_stay_in_their_place(page: Page, pixel: Pixel) -> None:
    page.goto(pixel.base)
    values = {"note": HOSTILE, "endpoint_id": "eve", "token": "forged", "a&usat_plan": "gold", "__proto__": "x"}
    page.evaluate("text => engagement.track('search', JSON.parse(text))", json.dumps(values))

    wait_for(page, lambda: pixel.posts)

    assert pixel.events == [
        {
            "event": "search",
            "endpoint_id": "7f3a",
            "evat_note": HOSTILE,
            "evat_endpoint_id": "eve",
            "evat_token": "forged",
            "evat_a&usat_plan": "gold",
            "evat___proto__": "x",
        }
    ]


@pytest.mark.parametrize(
    "attributes", ["", 'data-endpoint-id=""', 'data-endpoint-id="undefined"', 'data-endpoint-id="null"']
)
def test_without_an_endpoint_id_nothing_is_sent_and_the_console_says_so(
    page: Page, pixel: Pixel, warnings: list[str], attributes: str
) -> None:
    pixel.attributes = attributes
    page.goto(pixel.base)
    track(page, "page_view")

    wait_for(page, lambda: warnings)
    assert warnings == ["engagement: no event, URL or endpoint ID, so nothing is sent"]
    settled(page, pixel)
    assert [event["event"] for event in pixel.events] == ["last"]


def test_an_event_needs_a_name(page: Page, pixel: Pixel, warnings: list[str]) -> None:
    page.goto(pixel.base)
    track(page, None)
    track(page, "  ")

    wait_for(page, lambda: len(warnings) == 2)


def test_a_login_counts_from_then_on(page: Page, pixel: Pixel) -> None:
    page.goto(pixel.base)
    run(
        page,
        tracking("page_view"),
        "engagement.init({ endpointId: 'customer-1', token: 'k1.1800000000.c2ln' })",
        tracking("login"),
    )

    wait_for(page, lambda: pixel.posts)

    assert pixel.events == [
        {"event": "page_view", "endpoint_id": "7f3a"},
        {"event": "login", "endpoint_id": "customer-1", "token": "k1.1800000000.c2ln"},
    ]


@pytest.mark.parametrize("leave", ["navigation", "close"])
def test_what_waits_outlives_the_page(page: Page, pixel: Pixel, leave: str) -> None:
    page.goto(pixel.base)
    other = page.context.new_page()
    track(page, "page_view")

    if leave == "navigation":
        page.goto(f"{pixel.other}/next")
    else:
        page.close(run_before_unload=True)

    wait_for(other, lambda: pixel.posts)
    assert pixel.events == [{"event": "page_view", "endpoint_id": "7f3a"}]


HIDDEN = "Object.defineProperty(document, 'hidden', { value: true })"


@pytest.mark.parametrize(
    "signal",
    ["dispatchEvent(new Event('pagehide'))", f"{HIDDEN}; document.dispatchEvent(new Event('visibilitychange'))"],
    ids=["left", "background"],
)
def test_each_sign_of_leaving_sends_a_beacon(page: Page, pixel: Pixel, signal: str) -> None:
    # GIVEN a page that can send nothing else; some browsers give one sign only
    page.add_init_script("window.fetch = () => Promise.reject(Error('blocked')); window.Image = function () {};")
    page.goto(pixel.base)

    run(page, tracking("page_view"), signal)

    wait_for(page, lambda: pixel.posts)
    assert pixel.events == [{"event": "page_view", "endpoint_id": "7f3a"}]


@pytest.mark.parametrize("beacon", ["() => false", "() => { throw Error('blocked') }", "undefined"])
def test_a_beacon_that_is_refused_becomes_a_fetch(page: Page, pixel: Pixel, beacon: str) -> None:
    page.add_init_script(f"navigator.sendBeacon = {beacon}")
    page.goto(pixel.base)
    track(page, "page_view")

    page.goto(f"{pixel.other}/next")

    wait_for(page, lambda: pixel.posts)
    assert pixel.events == [{"event": "page_view", "endpoint_id": "7f3a"}]


def test_where_no_post_gets_through_every_event_becomes_an_image(page: Page, pixel: Pixel) -> None:
    page.route("**/v1/events", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.goto(pixel.base)
    page.evaluate("text => engagement.track('search', { note: text })", HOSTILE)
    track(page, "sign_up")

    wait_for(page, lambda: len(pixel.images) == 2)

    by_name = {image["event"]: image for image in pixel.images}
    assert by_name["search"]["evat_note"] == HOSTILE
    assert by_name["sign_up"]["endpoint_id"] == "7f3a"
    assert set(by_name["sign_up"]) == {"event", "endpoint_id", *OWN}
    assert pixel.posts == []


def test_half_a_character_breaks_no_other_event(page: Page, pixel: Pixel, warnings: list[str]) -> None:
    page.route("**/v1/events", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.goto(pixel.base)
    track(page, "search", r"{ note: '\ud83d' }")
    track(page, "sign_up")

    wait_for(page, lambda: pixel.images)

    assert [image["event"] for image in pixel.images] == ["sign_up"]
    wait_for(page, lambda: warnings)
    assert warnings == ["engagement: half a character cannot be sent"]


def test_without_consent_events_wait_and_then_go_with_their_own_time(page: Page, pixel: Pixel) -> None:
    pixel.attributes += ' data-consent="required"'
    page.goto(pixel.base)
    track(page, "page_view")
    after = page.evaluate("Date.now()")
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    assert pixel.posts == []

    page.evaluate("engagement.consent(true)")
    wait_for(page, lambda: pixel.posts)

    assert pixel.events == [{"event": "page_view", "endpoint_id": "7f3a"}]
    assert int(pixel.posts[0][0]["ts"]) <= after


@pytest.mark.parametrize("answer", ["false", "undefined", "'granted'"])
def test_what_waits_is_forgotten_unless_the_visitor_agrees(page: Page, pixel: Pixel, answer: str) -> None:
    pixel.attributes += ' data-consent="required"'
    page.goto(pixel.base)
    track(page, "before")
    page.evaluate(f"engagement.consent({answer})")
    track(page, "after")

    settled(page, pixel)

    assert [event["event"] for event in pixel.events] == ["last"]


def test_consent_can_be_taken_back(page: Page, pixel: Pixel) -> None:
    page.goto(pixel.base)
    run(page, tracking("before"), "engagement.consent(false)", tracking("after"))

    settled(page, pixel)

    assert [event["event"] for event in pixel.events] == ["last"]


@pytest.mark.parametrize(("count", "size"), [(250, 10), (40, 3000)], ids=["many", "large"])
def test_a_crowd_of_events_is_split_into_what_the_pixel_takes(page: Page, pixel: Pixel, count: int, size: int) -> None:
    page.goto(pixel.base)
    page.evaluate(
        "([count, size]) => { for (let i = 0; i < count; i++) engagement.track('e' + i, { note: '寿'.repeat(size) }) }",
        [count, size],
    )

    wait_for(page, lambda: len(pixel.events) == count)

    assert {event["event"] for event in pixel.events} == {f"e{index}" for index in range(count)}
    assert pixel.images == []
    for events in pixel.posts:
        assert len(events) <= 100
        assert len(json.dumps(events, ensure_ascii=False).encode()) <= 65536


def test_events_without_an_answer_do_not_pile_up_without_end(page: Page, pixel: Pixel) -> None:
    pixel.attributes += ' data-consent="required"'
    page.goto(pixel.base)
    page.evaluate("for (let i = 0; i < 600; i++) engagement.track('e' + i)")
    page.evaluate("engagement.consent(true)")

    wait_for(page, lambda: len(pixel.events) == 500)

    assert pixel.events[-1]["event"] in {f"e{index}" for index in range(500)}
