"""The console in a browser, on a cloud without any stack: the tests play the pixel's function."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, ViewportSize, expect

from local_cloud.process import LocalCloud
from tests.browser.consoles import DESK, PHONE, SCRIPT, check_views, next_answer
from tests.local_cloud.aws import Aws
from tests.local_cloud.pixel import Pixel
from tests.local_cloud.streams import stream_events
from tests.loopback import listening

EMAIL = """
<html><head>
  <meta http-equiv="refresh" content="0; url=https://refresh.example/">
  <link rel="stylesheet" href="https://style.example/a.css"><link rel="prefetch" href="https://prefetch.example/">
  <style>@import url(https://import.example/a.css); h1 { background: url(https://background.example/a.png) }</style>
</head><body>
  <h1 style="color: rgb(1, 2, 3)">Hello Ada</h1>
  <img src="https://pixel.example/a.png"><iframe src="https://frame.example/"></iframe>
  <script>parent.ran = 1; window.ran = 1</script><a href="https://link.example/" target="_top">out</a>
  <form action="https://form.example/"><button>send</button></form>
</body></html>
"""


@pytest.fixture
def pixel(bare: LocalCloud) -> Pixel:
    return Pixel.of(Aws(bare, f"t{uuid.uuid4().hex[:8]}"))


@pytest.fixture(scope="module")
def tidy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pixel, str]]:
    """A cloud with one pixel and something of everything; and the number of an e-mail."""
    with LocalCloud(tmp_path_factory.mktemp("tidy")) as running:
        pixel = Pixel.of(Aws(running, "shop"))
        stream_events(pixel.aws, pixel.application_id)
        yield pixel, fill(pixel)


def row(page: Page, text: str) -> Locator:
    return page.get_by_role("row").filter(has_text=text)


def requests_to_others(context: BrowserContext, bare: LocalCloud) -> list[str]:
    """Fills with the address of every request that is about to leave the browser for another host."""
    left: list[str] = []

    def watch(route: Route) -> None:
        if not route.request.url.startswith(f"{bare.url}/"):
            left.append(route.request.url)
        route.fallback()

    context.route("**/*", watch)
    return left


def email(pixel: Pixel, html: str = EMAIL, subject: str = "Hello") -> str:
    """Send an e-mail; its number in the outbox."""
    pixel.open_channels()
    parts = {"Subject": {"Data": subject}, "HtmlPart": {"Data": html}, "TextPart": {"Data": "plain words"}}
    pixel.send({"EmailMessage": {"SimpleEmail": parts}}, EMAIL="ada@example.com")
    return str(pixel.aws.local("console/feed")["messages"][-1]["number"])


def fill(pixel: Pixel) -> str:
    """Something of everything; the number of an e-mail."""
    pixel.call(event="arrived_event", endpoint_id="ada", event_id="one")
    pixel.take()
    pixel.arrive("ada", "one", "arrived_event", Attributes={"page": "/shoes"}, Metrics={"value": 2.5})
    pixel.pinpoint.update_endpoint(
        ApplicationId=pixel.application_id,
        EndpointId="ada",
        EndpointRequest={"Attributes": {"colour": ["red"]}, "User": {"UserAttributes": {"plan": ["gold"]}}},
    )
    pixel.call(event="rejected_event", endpoint_id="ada")
    pixel.reject(pixel.take(), "event_not_allowed", "event: add this name to events")
    pixel.call(event="dead_event", endpoint_id="ada")
    pixel.bury()
    pixel.post([{"event": "first", "endpoint_id": "a"}, {"event": "second", "endpoint_id": "b"}])
    pixel.call(event="refused_event")
    number = email(pixel)
    pixel.send({"SMSMessage": {"Body": "Your code is 1234"}}, SMS="+491701")
    pixel.send({"GCMMessage": {"Title": "Sale", "Body": "Now"}}, GCM="token")
    return number


# Live


def test_the_clouds_address_opens_the_console(page: Page, bare: LocalCloud) -> None:
    page.goto(bare.url)

    expect(page.get_by_role("heading", name="Local cloud")).to_be_visible()
    assert page.url.startswith(f"{bare.url}/_local/console/")


def test_a_hit_shows_live_and_its_fate_changes(console: Callable[[], Page], pixel: Pixel) -> None:
    page = console()
    event = f"{pixel.aws.name}_view"

    pixel.call(event=event, endpoint_id="ada", event_id=pixel.aws.name)
    expect(row(page, event)).to_contain_text("Queued")
    pixel.take()
    pixel.arrive("ada", pixel.aws.name, event)

    expect(row(page, event)).to_contain_text("Arrived")
    row(page, event).get_by_role("link", name="ada").click()
    expect(page.get_by_role("heading", name="ada")).to_be_visible()
    expect(page.locator("#endpoint")).to_contain_text(event)


def test_reasons_stand_beside_what_was_not_taken(console: Callable[[], Page], pixel: Pixel) -> None:
    page = console()
    event = f"{pixel.aws.name}_view"

    pixel.call(event=event, endpoint_id="ada")
    pixel.reject(pixel.take(), "event_not_allowed", "event: add this name to events")
    pixel.call(event=f"{event}_2")

    expect(row(page, event).last).to_contain_text("event_not_allowed")
    expect(row(page, event).last).to_contain_text("add this name to events")
    expect(row(page, f"{event}_2")).to_contain_text("Missing required request parameters")
    expect(row(page, f"{event}_2").get_by_role("cell").nth(4)).to_contain_text("Refused")


def test_an_array_opens_and_stays_open(console: Callable[[], Page], pixel: Pixel) -> None:
    page = console()
    names = [f"{pixel.aws.name}_{number}" for number in range(3)]
    pixel.post([{"event": name, "endpoint_id": name} for name in names])
    request_id = pixel.hits()[0]["request_id"]
    array = page.get_by_role("row").filter(has=page.get_by_text(names[1]))
    page.get_by_role("searchbox").fill(pixel.aws.name)
    page.get_by_text("3 events").click()
    expect(array.get_by_role("listitem")).to_have_count(3)

    pixel.take()
    pixel.arrive(names[0], f"{request_id}-0", names[0])
    pixel.reject(json.dumps({"request_id": request_id, "events": [{"index": 2}]}), "event_not_allowed")

    expect(array.get_by_role("listitem").nth(0)).to_contain_text("Arrived")
    expect(array.get_by_role("listitem").nth(2)).to_contain_text("Rejected")
    expect(array.get_by_role("listitem").nth(1)).to_be_visible()


def test_a_paused_stream_stands_still_and_catches_up(console: Callable[[], Page], pixel: Pixel) -> None:
    page = console()
    asked: list[str] = []
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("status").first).to_have_text("Paused")
    page.on("request", lambda request: asked.append(request.url))

    pixel.call(event=pixel.aws.name, endpoint_id="ada")
    pixel.hits()
    expect(row(page, pixel.aws.name)).to_have_count(0)
    assert asked == []
    page.get_by_role("button", name="Resume").click()

    expect(row(page, pixel.aws.name)).to_have_count(1)


def test_hits_are_filtered_by_text_and_by_fate(console: Callable[[], Page], pixel: Pixel) -> None:
    page = console()
    name = pixel.aws.name
    pixel.call(event=f"{name}_good", endpoint_id="ada")
    pixel.call(event=f"{name}_bad")
    expect(row(page, name)).to_have_count(2)

    page.get_by_role("searchbox").fill(f"{name}_GOOD")
    expect(row(page, name)).to_have_count(1)
    page.get_by_role("searchbox").fill(name)
    page.get_by_role("group").get_by_role("button", name="Refused").click()
    expect(row(page, name)).to_contain_text(f"{name}_bad")
    page.get_by_role("searchbox").fill("nothing holds this")
    expect(page.get_by_text("No hit fits the filter.")).to_be_visible()


def test_a_lost_cloud_is_told_and_found_again(console: Callable[[], Page]) -> None:
    page = console()

    page.route("**/feed?*", lambda route: route.abort())
    expect(page.get_by_role("status").first).to_contain_text("No answer")
    page.unroute("**/feed?*")

    expect(page.get_by_role("status").first).to_have_text("Live")


class BrokenOff(BaseHTTPRequestHandler):
    """Says that more will come, and closes."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"{")


def test_an_answer_that_breaks_off_is_told_as_none(console: Callable[[], Page]) -> None:
    page = console()

    with listening(BrokenOff) as port:
        page.route("**/feed?*", lambda route: route.continue_(url=f"http://127.0.0.1:{port}/"))
        expect(page.get_by_role("status").first).to_contain_text("No answer")
        page.unroute("**/feed?*")

    expect(page.get_by_role("status").first).to_have_text("Live")


def test_messages_are_sent_back_with_a_button(console: Callable[[str], Page], pixel: Pixel) -> None:
    name = pixel.aws.name
    pixel.call(event="click", endpoint_id="ada")
    pixel.reject(pixel.take(), "event_not_allowed")
    page = console("queues")

    page.get_by_role("button", name=f"Send back 1 message of {name}-pixel-rejects").click()

    expect(page.get_by_text(f"1 message of {name}-pixel-rejects goes back.")).to_be_visible()
    expect(row(page, f"{name}-pixel-rejects")).to_contain_text("Empty")
    expect(row(page, f"{name}-pixel-events").get_by_role("cell").first).to_have_text("1")


def test_a_click_counts_though_the_table_changes_meanwhile(console: Callable[[str], Page], pixel: Pixel) -> None:
    name = pixel.aws.name
    pixel.call(event="click", endpoint_id="ada")
    pixel.reject(pixel.take(), "event_not_allowed")
    page = console("queues")
    page.get_by_role("button", name=f"Send back 1 message of {name}-pixel-rejects").hover()

    page.mouse.down()
    pixel.call(event="another", endpoint_id="ada")
    # The first may be on its way already, the second is asked for when the first is drawn.
    for _ in range(3):
        next_answer(page)
    page.mouse.up()

    expect(page.get_by_text(f"1 message of {name}-pixel-rejects goes back.")).to_be_visible()
    expect(row(page, f"{name}-pixel-events").get_by_role("cell").first).to_have_text("2")


def test_endpoints_are_found_and_shown(console: Callable[[str], Page], pixel: Pixel) -> None:
    fill(pixel)
    page = console(f"endpoints/{pixel.application_id}")

    page.locator("#endpoint-filter").fill("GOLD")
    page.locator("#endpoint-list").get_by_role("link", name="ada").click()

    detail = page.locator("#endpoint")
    expect(detail).to_contain_text("gold")
    expect(detail).to_contain_text("red")
    expect(detail.get_by_role("listitem").filter(has_text="arrived_event")).to_contain_text("page=/shoes, value=2.5")
    page.locator("#endpoint-filter").fill("nobody")
    expect(page.get_by_text("No endpoint fits the filter.")).to_be_visible()


def test_messages_look_like_their_channel(console: Callable[[str], Page], pixel: Pixel) -> None:
    fill(pixel)
    page = console("outbox")
    outbox = page.locator("#message-list").get_by_role("link")

    outbox.filter(has_text="Sale").first.click()
    expect(page.locator(".push")).to_have_text("SaleNow")
    outbox.filter(has_text="Your code is 1234").first.click()
    expect(page.locator(".bubble")).to_have_text("Your code is 1234")
    outbox.filter(has_text="Hello").first.click()
    expect(page.frame_locator("iframe").get_by_role("heading")).to_have_css("color", "rgb(1, 2, 3)")
    page.get_by_text("Text part").click()
    expect(page.get_by_text("plain words")).to_be_visible()


def test_what_a_recipient_does_shows_live_and_is_done_with_a_button(
    console: Callable[[str], Page], pixel: Pixel
) -> None:
    stream_events(pixel.aws, pixel.application_id)
    number = email(pixel)
    page = console(f"outbox/{number}")
    chips = page.locator("#message .chip")
    expect(chips).to_have_text(["✓ Delivered"])
    buttons = page.get_by_role("group", name="Do as the recipient").get_by_role("button")
    expect(buttons).to_have_text(["Open", "Click a link", "Bounce", "Complain", "Unsubscribe"])

    buttons.first.focus()
    page.keyboard.press("Enter")

    expect(page.get_by_text("Told as _email.open.")).to_be_visible()
    expect(chips).to_have_text(["✓ Delivered", "◉ Opened"])
    expect(buttons.first).to_be_focused()
    known = ["✓ Delivered", "◉ Opened"]
    for button, chip in zip(
        buttons.all()[1:], ["↗ Clicked", "✕ Bounced", "! Complained", "⊘ Unsubscribed"], strict=True
    ):
        button.click()
        known.append(chip)
        expect(chips).to_have_text(known)
    expect(page.locator(f'#message-list a[href="#outbox/{number}"] .chip')).to_have_count(6)


@pytest.mark.parametrize(
    ("message", "channel", "before", "buttons", "after"),
    [
        ({"SMSMessage": {"Body": "Sale"}}, "SMS", ["✓ Delivered"], ["Opt out"], ["✓ Delivered", "⊘ Opted out"]),
        ({"GCMMessage": {"Title": "Sale", "Body": "Now"}}, "GCM", [], ["Open"], ["◉ Opened"]),
    ],
)
def test_each_channel_offers_what_its_recipients_can_do(
    console: Callable[[str], Page],
    pixel: Pixel,
    message: dict[str, object],
    channel: str,
    before: list[str],
    buttons: list[str],
    after: list[str],
) -> None:
    pixel.open_channels()
    stream_events(pixel.aws, pixel.application_id)
    pixel.send(message, **{channel: "recipient"})
    page = console(f"outbox/{pixel.aws.local('console/feed')['messages'][-1]['number']}")
    expect(page.locator("#message .chip")).to_have_text(before)
    expect(page.locator("#message").get_by_role("button")).to_have_text(buttons)

    page.locator("#message").get_by_role("button").click()

    expect(page.locator("#message .chip")).to_have_text(after)


def test_a_project_without_event_stream_records_nothing(console: Callable[[str], Page], pixel: Pixel) -> None:
    page = console(f"outbox/{email(pixel)}")

    expect(page.locator("#message")).to_contain_text("has no event stream: what its recipient does is not recorded")
    expect(page.locator("#message").get_by_role("button")).to_have_count(0)
    expect(page.locator("#message .chip")).to_have_count(0)
    stream_events(pixel.aws, pixel.application_id)
    expect(page.locator("#message").get_by_role("button")).to_have_count(5)


def test_what_could_not_be_done_says_why(console: Callable[[str], Page], pixel: Pixel) -> None:
    stream_events(pixel.aws, pixel.application_id)
    page = console(f"outbox/{email(pixel)}")
    page.route("**/pinpoint/interactions", lambda route: route.fulfill(status=400, json={"message": SCRIPT}))

    page.get_by_role("button", name="Bounce").click()

    expect(page.locator("#message-answer")).to_have_text(SCRIPT)
    assert page.evaluate("window.ran") is None
    page.get_by_role("link", name="Outbox").click()
    expect(page.locator("#message-answer")).to_be_empty()


def test_an_empty_cloud_says_what_to_do(page: Page, tmp_path_factory: pytest.TempPathFactory) -> None:
    with LocalCloud(tmp_path_factory.mktemp("empty")) as cloud:
        page.goto(cloud.url)
        expect(page.get_by_text("no API is deployed")).to_be_visible()
        pixel = Pixel.of(Aws(cloud, "shop"))

        with page.expect_popup() as popup:
            page.get_by_role("link", name="event=page_view").click()
        popup.value.close()

        expect(row(page, "page_view")).to_contain_text("Queued")
        assert pixel.states() == [["queued"]]
        for view, text in {
            "outbox": "Nothing was sent yet",
            "endpoints": "No endpoints yet",
            "runs": "No plan was carried out yet",
            "journeys": "There is no journey",
        }.items():
            page.get_by_role("link", name=view).click()
            expect(page.get_by_text(text)).to_be_visible()


# Hostile values


def test_hostile_values_show_as_text(console: Callable[[str], Page], pixel: Pixel) -> None:
    pixel.call(event=SCRIPT, endpoint_id=SCRIPT, event_id="hostile")
    pixel.take()
    pixel.arrive(SCRIPT, "hostile", SCRIPT, Attributes={SCRIPT[:50]: SCRIPT})
    pixel.post([{"event": SCRIPT, "endpoint_id": "javascript:window.ran=1"}] * 2)
    pixel.reject(pixel.take(), SCRIPT, SCRIPT)
    pixel.open_channels()
    pixel.send({"SMSMessage": {"Body": SCRIPT}}, SMS=SCRIPT)
    pixel.send({"GCMMessage": {"Title": SCRIPT, "Body": SCRIPT}}, GCM=SCRIPT)
    page = console()

    shown = row(page, SCRIPT).filter(has_text="Arrived").first
    expect(shown).to_be_visible()
    expect(row(page, SCRIPT).filter(has_text="Rejected").first).to_contain_text(SCRIPT)
    shown.get_by_role("link").click()
    expect(page.locator("#endpoint")).to_contain_text(f"{SCRIPT[:50]}={SCRIPT}")
    for text in (".bubble", ".push"):
        page.get_by_role("link", name="Outbox").click()
        page.locator("#message-list").get_by_role("link").filter(
            has_text="SMS" if text == ".bubble" else "GCM"
        ).first.click()
        expect(page.locator(text)).to_contain_text(SCRIPT)

    assert page.evaluate("[window.ran, document.querySelectorAll('img[src=x], main script').length]") == [None, 0]


def test_the_browser_itself_refuses_markup_from_scripts(console: Callable[[], Page]) -> None:
    page = console()

    refused = page.evaluate(
        "() => { try { document.body.innerHTML = '<b>x</b>'; return '' } catch (error) { return error.name } }"
    )

    assert refused == "TypeError"


def test_odd_values_do_not_stop_the_page(console: Callable[[str], Page], pixel: Pixel) -> None:
    """Half a surrogate pair cannot be part of an address, and a week date means nothing to a browser."""
    pixel.post({"event": pixel.aws.name, "endpoint_id": "odd\ud800", "event_id": pixel.aws.name})
    pixel.take()
    pixel.arrive("odd\ufffd", pixel.aws.name)
    pixel.pinpoint.update_endpoint(
        ApplicationId=pixel.application_id,
        EndpointId="odd\ufffd",
        EndpointRequest={"EffectiveDate": "2026-W01-1T00:00:00"},
    )
    page = console("%")

    row(page, pixel.aws.name).get_by_role("link").click()

    expect(page.get_by_role("heading", name="odd\ufffd")).to_be_visible()
    expect(page.locator("#endpoint-list")).to_contain_text("odd\ufffd")


@pytest.mark.parametrize("opened_alone", [False, True], ids=["in the console", "by itself"])
def test_an_email_runs_nothing_and_calls_nobody(page: Page, bare: LocalCloud, pixel: Pixel, opened_alone: bool) -> None:
    number = email(pixel)
    left = requests_to_others(page.context, bare)
    where = f"messages/{number}.html" if opened_alone else f"#outbox/{number}"
    page.goto(f"{bare.url}/_local/console/{where}")
    mail = page if opened_alone else page.frame_locator("iframe.mail")
    expect(mail.get_by_role("heading", name="Hello Ada")).to_be_visible()
    mail.get_by_role("button").click()
    if not opened_alone:
        # Only a person who opens the mail by itself can follow its links.
        mail.get_by_role("link").click()
    page.wait_for_load_state("networkidle" if opened_alone else "load")

    assert left == []
    assert [frame.evaluate("window.ran") for frame in page.frames[:1]] == [None]


def test_the_console_asks_this_cloud_only(console: Callable[[str], Page], bare: LocalCloud, pixel: Pixel) -> None:
    number = fill(pixel)
    page = console()
    left = requests_to_others(page.context, bare)

    page.reload()
    for view in ("queues", f"endpoints/{pixel.application_id}/ada", f"outbox/{number}", "hits"):
        page.goto(f"{bare.url}/_local/console/#{view}")
        next_answer(page)

    assert left == []


# For everybody


def focused(page: Page) -> str:
    """Name of the link or button that has the focus; empty if none has it."""
    name: str = page.evaluate(
        "(({ tagName, ariaLabel, textContent }) => tagName === 'BODY' ? '' : (ariaLabel ?? textContent).trim())"
        "(document.activeElement)"
    )
    return name


def tab_to(page: Page, wanted: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted in focused(page):
            return
    pytest.fail(f"Tab never reaches {wanted!r}")


def test_everything_can_be_reached_and_done_by_keyboard(console: Callable[[], Page], pixel: Pixel) -> None:
    name = pixel.aws.name
    fill(pixel)
    page = console()
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"

    tab_to(page, "Pause")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_have_text("Paused")
    page.keyboard.press("Space")
    expect(page.get_by_role("status").first).to_have_text("Live")
    tab_to(page, "Outbox")
    page.keyboard.press("Enter")
    tab_to(page, "Sale")
    page.keyboard.press("Enter")
    expect(page.locator(".push")).to_be_visible()

    page.goto(page.url.replace("outbox", "queues"))
    expect(row(page, f"{name}-pixel-dlq")).to_be_visible()
    tab_to(page, f"of {name}-pixel-dlq")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"1 message of {name}-pixel-dlq goes back.")).to_be_visible()
    # The table was drawn anew, and the person is still where they were.
    expect(page.get_by_role("button", name=f"Send back 0 messages of {name}-pixel-dlq")).to_be_focused()


def test_the_focus_survives_the_stream(console: Callable[[], Page], pixel: Pixel) -> None:
    page = console()
    pixel.call(event=f"{pixel.aws.name}_1", endpoint_id="ada", event_id=pixel.aws.name)
    more = row(page, f"{pixel.aws.name}_1").locator("summary")
    more.focus()

    pixel.call(event=f"{pixel.aws.name}_2", endpoint_id="ada")
    pixel.take()
    pixel.arrive("ada", pixel.aws.name)

    expect(row(page, f"{pixel.aws.name}_1")).to_contain_text("Arrived")
    expect(more).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_view_keeps_anybody_out(
    browser: Browser, tidy: tuple[Pixel, str], scheme: Literal["light", "dark"], size: ViewportSize
) -> None:
    pixel, number = tidy
    views = ("hits", "queues", f"endpoints/{pixel.application_id}/ada", "outbox", f"outbox/{number}")
    check_views(browser, pixel.aws.cloud.url, views, scheme, size)


def test_nothing_moves_for_people_who_want_that(console: Callable[[], Page]) -> None:
    page = console()
    moving = "getComputedStyle(document.getElementById('connection'), '::before').animationName"

    for wish, name in {"no-preference": "pulse", "reduce": "none"}.items():
        page.emulate_media(reduced_motion=wish)
        assert page.evaluate(moving) == name


def test_on_a_phone_a_choice_takes_the_place_of_its_list(console: Callable[[str], Page], pixel: Pixel) -> None:
    fill(pixel)
    page = console("outbox")
    page.set_viewport_size(PHONE)
    entry = page.locator("#message-list").get_by_role("link").filter(has_text="Sale").last

    entry.focus()
    page.keyboard.press("Enter")

    expect(entry).to_be_hidden()
    expect(page.get_by_role("heading", name="Sale")).to_be_focused()
    expect(page.get_by_role("heading", name="Sale")).to_be_in_viewport()
    page.get_by_role("link", name="All messages").click()
    expect(entry).to_be_visible()
