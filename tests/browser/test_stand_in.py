"""The stand-in for Google Tag Manager does with a container what GTM does, and refuses what it does not know."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Error, Page

from tests.browser.containers import Record, condition, constant, container, image, layer, parameter, pixel, trigger
from tests.browser.stub import Stub, serving
from tests.browser.windows import window as new_window

START = """async (exported) => {
  const { startTagManager } = await import("/demo/stand_in/tag_manager.js");
  window.firings = [];
  window.dataLayer = window.dataLayer ?? [];
  startTagManager(exported, { onMessage: (_, fired) => window.firings.push(...fired), onResult: () => {} });
}"""
HELPERS = "const push = (...all) => dataLayer.push(...all); function gtag() { push(arguments); }"
SETTLED = "window.firings.every((firing) => firing.status !== 'waiting')"


@pytest.fixture(scope="module")
def server() -> Iterator[Stub]:
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Page]:
    """One window for all tests: each loads its page anew."""
    with new_window(browser) as page:
        yield page


class Site:
    """A page on which the stand-in runs a container."""

    def __init__(self, page: Page, stub: Stub) -> None:
        self.page = page
        self.stub = stub

    def start(self, exported: Record) -> None:
        self.page.evaluate(START, exported)

    def run(self, script: str) -> list[Record]:
        """Run a script with `push` and `gtag`, wait for what it fired, and return all firings of the page."""
        self.page.evaluate(f"() => {{ {HELPERS} {script} }}")
        self.page.wait_for_function(SETTLED)
        firings: list[Record] = self.page.evaluate("window.firings")
        return firings

    def sent(self) -> list[dict[str, str]]:
        """Parameters of each call as the server read them, in the order of the firings."""
        urls = self.page.evaluate("window.firings.filter(({ url }) => url).map(({ url }) => url)")
        fired = [parse_qsl(urlsplit(url).query, keep_blank_values=True) for url in urls]
        # Calls overtake each other, and a browser asks for the same image only once.
        assert sorted(self.stub.calls) == sorted(set(map(tuple, fired)))
        return [dict(call) for call in fired]


@pytest.fixture
def site(window: Page, server: Stub) -> Site:
    server.reset()
    window.goto(server.url)
    return Site(window, server)


def test_a_value_stays_until_it_is_overwritten(site: Site) -> None:
    site.start(pixel(site.stub.url, "a", "b.c"))
    site.run("push({ event: 'go', a: 1, b: { c: 'deep', d: 1 } }); push({ event: 'go' });")
    site.run("push({ event: 'go', a: undefined, b: { d: 2 } }); push({ 'b.c': null }); push({ event: 'go' });")

    assert site.sent() == [
        {"event": "go", "a": "1", "b.c": "deep"},
        {"event": "go", "a": "1", "b.c": "deep"},
        {"event": "go", "a": "undefined", "b.c": "deep"},
        {"event": "go", "a": "undefined", "b.c": "null"},
    ]


def test_messages_that_wait_are_handled_first(site: Site) -> None:
    site.page.evaluate("window.dataLayer = [{ a: 'early' }, { event: 'go' }]")
    site.start(pixel(site.stub.url, "a"))
    site.page.wait_for_function(SETTLED)

    assert site.sent() == [{"event": "go", "a": "early"}]


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("'O\\'Brien & Söhne \"A+B\" 100% (#1) <b>'", 'O\'Brien & Söhne "A+B" 100% (#1) <b>'),
        ("'😀 寿司\\n\\t;:@/?=$,'", "😀 寿司\n\t;:@/?=$,"),
        ("'&copy=1&reg_x'", "&copy=1&reg_x"),
        ("true", "true"),
        ("NaN", "NaN"),
        ("12.50", "12.5"),
        ("{ deep: 1 }", "[object Object]"),
        ("[1, 'x y']", "1,x y"),
        ("undefined", "undefined"),
        ("null", "null"),
        ("''", ""),
    ],
)
def test_a_value_arrives_as_its_text(site: Site, script: str, text: str) -> None:
    site.start(pixel(site.stub.url, "a"))
    firings = site.run(f"push({{ event: 'go', a: {script} }});")

    assert site.sent() == [{"event": "go", "a": text}]
    assert firings[0]["status"] == "loaded"


def test_formats_replace_what_has_no_value(site: Site) -> None:
    texts = {"Undefined": "", "Null": "nothing", "True": "yes", "False": "no"}
    formats = {f"convert{name}ToValue": {"type": "TEMPLATE", "value": text} for name, text in texts.items()}
    exported = pixel(site.stub.url)
    version = exported["containerVersion"]
    version["variable"] += [layer(name, formatValue=formats) for name in ("u", "n", "t", "f", "other")]
    version["tag"][0]["parameter"][1]["value"] += "&u={{u}}&n={{n}}&t={{t}}&f={{f}}&other={{other}}"
    site.start(exported)
    site.run("push({ event: 'go', n: null, t: true, f: false, other: 0 });")

    assert site.sent() == [{"event": "go", "u": "", "n": "nothing", "t": "yes", "f": "no", "other": "0"}]


def test_a_default_stands_for_undefined_only(site: Site) -> None:
    exported = pixel(site.stub.url, "a")
    settings = exported["containerVersion"]["variable"][1]["parameter"]
    settings[1]["value"] = "true"
    settings.append(parameter("defaultValue", "none"))
    site.start(exported)
    site.run("push({ event: 'go' }); push({ event: 'go', a: null });")

    assert [call["a"] for call in site.sent()] == ["none", "null"]


def test_html_reads_signs_in_the_tags_own_text_as_a_browser_does(site: Site) -> None:
    # Not a wish, but GTM's conduct: this is why every parameter of the pixel has a prefix.
    exported = pixel(site.stub.url)
    exported["containerVersion"]["tag"][0]["parameter"][1]["value"] += "&copy_id=1&copy=2"
    site.start(exported)
    site.run("push({ event: 'go' });")

    assert site.sent() == [{"event": "go©_id=1", "copy": "2"}]


def test_the_cache_buster_makes_each_call_a_request(site: Site) -> None:
    exported = pixel(site.stub.url)
    exported["containerVersion"]["tag"][0]["parameter"] = [
        parameter("useCacheBuster", "true", "BOOLEAN"),
        parameter("cacheBusterQueryParam", "gtmcb"),
        parameter("url", "{{base}}?event={{Event}}"),
    ]
    site.start(exported)
    site.run("push({ event: 'go' }); push({ event: 'go' });")

    numbers = [call["gtmcb"] for call in site.sent()]
    assert len(set(numbers)) == 2
    assert all(0 <= int(number) < 2**31 for number in numbers)


@pytest.mark.parametrize("status", [400, 403, 415, 429, 503])
def test_what_is_no_image_is_a_failure(site: Site, status: int) -> None:
    site.stub.refuse(status)
    site.start(pixel(site.stub.url))

    assert [firing["status"] for firing in site.run("push({ event: 'go' });")] == ["failed"]


def test_a_wrong_address_is_a_failure(site: Site) -> None:
    exported = pixel(site.stub.url)
    exported["containerVersion"]["variable"][0]["parameter"][0]["value"] = f"{site.stub.url}/stage/events"
    site.start(exported)

    assert [firing["status"] for firing in site.run("push({ event: 'go' });")] == ["failed"]
    assert site.stub.calls == []


def needs(*types: str) -> Record:
    granted = {"type": "LIST", "list": [{"type": "TEMPLATE", "value": kind} for kind in types]}
    return {"consentStatus": "NEEDED", "consentType": granted}


def test_a_tag_fires_only_while_all_its_consents_are_granted(site: Site) -> None:
    site.start(pixel(site.stub.url, "n", consentSettings=needs("ad_storage", "analytics_storage")))
    firings = site.run("""
      push({ event: "go", n: 1 });
      gtag("consent", "default", { ad_storage: "denied", analytics_storage: "granted" });
      push({ event: "go", n: 2 });
      gtag("consent", "update", { ad_storage: "granted" });
      push({ event: "go", n: 3 });
      gtag("consent", "default", { ad_storage: "denied" });
      push({ event: "go", n: 4 });
      gtag("consent", "update", { analytics_storage: "denied" });
      push({ event: "go", n: 5 });
    """)

    # A type that nobody declared counts as granted; what was held back is not made up for.
    assert [call["n"] for call in site.sent()] == ["1", "3", "4"]
    assert [firing["denied"] for firing in firings] == [[], ["ad_storage"], [], [], ["analytics_storage"]]
    assert [firing["status"] for firing in firings] == ["loaded", "held back", "loaded", "loaded", "held back"]


@pytest.mark.parametrize("status", ["NOT_SET", "NOT_NEEDED"])
def test_a_tag_without_needs_does_not_ask(site: Site, status: str) -> None:
    site.start(pixel(site.stub.url, consentSettings={"consentStatus": status}))
    site.run("gtag('consent', 'default', { ad_storage: 'denied' }); push({ event: 'go' });")

    assert site.sent() == [{"event": "go"}]


@pytest.mark.parametrize(
    ("rule", "fires"),
    [
        (condition("purchase_success"), ["purchase_success"]),
        (condition("Purchase_", "STARTS_WITH", ignore_case="true"), ["purchase_success", "purchase_failed"]),
        (condition("^purchase_.*$", "MATCH_REGEX"), ["purchase_success", "purchase_failed"]),
        (condition("failed", "ENDS_WITH"), ["purchase_failed"]),
        (condition("_", "CONTAINS", negate="true"), ["login"]),
    ],
)
def test_triggers_choose_events(site: Site, rule: Record, fires: list[str]) -> None:
    exported = pixel(site.stub.url)
    # The runtime's own events meet a condition that says what an event is not.
    exported["containerVersion"]["trigger"] = [trigger("1", rule, condition("gtm.", "STARTS_WITH", negate="true"))]
    site.start(exported)
    site.run("for (const event of ['purchase_success', 'purchase_failed', 'login']) push({ event });")

    assert [call["event"] for call in site.sent()] == fires


@pytest.mark.parametrize(("option", "calls"), [("ONCE_PER_EVENT", 2), ("UNLIMITED", 4), ("ONCE_PER_LOAD", 1)])
def test_firing_options(site: Site, option: str, calls: int) -> None:
    exported = container(
        # An address of its own for each call: a browser asks for the same image only once.
        [image("{{base}}?n={{n}}", "1", "2", tagFiringOption=option)],
        [trigger("1", condition("go")), trigger("2", condition("g", "STARTS_WITH"), condition("go"))],
        [constant("base", f"{site.stub.url}/pixel"), layer("n")],
    )
    site.start(exported)

    assert len(site.run("push({ event: 'go', n: 1 }); push({ event: 'go', n: 2 });")) == calls


def test_an_exception_wins_and_a_paused_tag_rests(site: Site) -> None:
    exported = container(
        [
            image("{{base}}?tag=blocked", "1", blockingTriggerId=["1"]),
            image("{{base}}?tag=paused", "1", paused=True),
            image("{{base}}?tag=free", "1"),
        ],
        [trigger("1", condition("go"))],
        [constant("base", f"{site.stub.url}/pixel")],
    )
    site.start(exported)
    site.run("push({ event: 'go' });")

    assert site.sent() == [{"tag": "free"}]


def change(path: list[Any], value: Any) -> Any:
    """A container with one thing that GTM may export and the stand-in does not emulate."""
    exported = pixel("http://127.0.0.1:9", "a")
    place = exported["containerVersion"]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = copy.deepcopy(value)
    return exported


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (["customTemplate"], [{}], "customTemplate"),
        (["zone"], [{}], "zone"),
        (["container", "usageContext"], ["SERVER"], "usageContext SERVER"),
        (["tag", 0, "type"], "html", "type html"),
        (["tag", 0, "type"], "cvt_0_5", "type cvt_0_5"),
        (["tag", 0, "setupTag"], [{}], "setupTag"),
        (["tag", 0, "tagFiringOption"], "oncePerEvent", "tagFiringOption oncePerEvent"),
        (["tag", 0, "firingTriggerId"], ["2147479553"], "trigger 2147479553"),
        (["tag", 0, "consentSettings"], {"consentStatus": "needed"}, "consentStatus needed"),
        (["tag", 0, "parameter", 0, "type"], "boolean", "parameter useCacheBuster: type boolean"),
        (["tag", 0, "parameter", 1, "value"], "{{base}}?a={{b}}", "variable b"),
        (["tag", 0, "parameter", 1, "value"], "{{base}}/{{a}}?b=1", "{{a}} stands before the query"),
        (["tag", 0, "parameter", 1, "value"], "{{a}}?b=1", "must begin with http"),
        (["tag", 0, "parameter", 1, "value"], '{{base}}?b="', "hold no"),
        (["tag", 0, "consentSettings"], {"consentStatus": "NEEDED"}, "consentType"),
        (["tag", 0, "consentSettings"], needs("ad_store"), "consentType ad_store"),
        (["trigger", 0, "type"], "PAGEVIEW", "type PAGEVIEW"),
        (["trigger", 0, "customEventFilter", 0], condition("(?i)go", "MATCH_REGEX"), "no regular expression"),
        (["trigger", 0, "customEventFilter", 0, "type"], "CSS_SELECTOR", "CSS_SELECTOR"),
        (["trigger", 0, "customEventFilter", 0, "parameter", 0, "value"], "{{gone}}", "condition on {{gone}}"),
        (["variable", 0, "type"], "jsm", "type jsm"),
        (["variable", 0, "parameter", 0, "value"], "{{a}}", "value {{a}}"),
        (["variable", 1, "parameter", 0, "value"], "1", "dataLayerVersion 1"),
        (["variable", 1, "formatValue"], {"caseConversionType": "LOWERCASE"}, "caseConversionType"),
        (["builtInVariable", 0, "type"], "CLICK_ID", "type CLICK_ID"),
    ],
)
def test_a_container_with_something_unknown_is_refused_and_says_what(
    site: Site, path: list[Any], value: Any, named: str
) -> None:
    with pytest.raises(Error, match="does not run this container") as refused:
        site.start(change(path, value))

    assert named in str(refused.value)
    assert site.page.evaluate("dataLayer.length") == 0


@pytest.mark.parametrize(
    "message",
    [
        "gtag('event', 'go')",
        "gtag('consent', 'default', { ad_storage: 'denied', wait_for_update: 500 })",
        "gtag('consent', 'declare', {})",
        "push({ event: 'go', eventCallback() {} })",
        "push(function () {})",
        "push(['user.push', 1])",
        'push(JSON.parse(\'{"__proto__": {"polluted": 1}}\'))',
    ],
)
def test_a_message_with_something_unknown_is_an_error(site: Site, message: str) -> None:
    site.start(pixel(site.stub.url))
    with pytest.raises(Error, match=r"not emulated|must be an object|must not be"):
        site.run(f"{message};")

    assert site.page.evaluate("({}).polluted") is None
    assert site.sent() == []
    # The next message is handled as if nothing had been.
    site.run("push({ event: 'go' });")
    assert site.sent() == [{"event": "go"}]


def test_an_empty_list_holds_nothing_unknown(site: Site) -> None:
    exported = pixel(site.stub.url)
    exported["containerVersion"]["customTemplate"] = []
    site.start(exported)

    assert [firing["status"] for firing in site.run("push({ event: 'go' });")] == ["loaded"]


def test_values_do_not_become_markup(site: Site) -> None:
    site.start(pixel(site.stub.url, "a"))
    hostile = '"><img src=x onerror="window.hacked = 1"><script>window.hacked = 1</script>'
    site.run(f"push({{ event: 'go', a: {hostile!r} }});")

    assert site.sent() == [{"event": "go", "a": hostile}]
    assert site.page.evaluate("window.hacked") is None
