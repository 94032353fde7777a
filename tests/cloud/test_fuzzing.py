"""Calls that nobody would think of: no error of ours, closed books, nobody's data where it does not belong."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple, rule, run_state_machine_as_test
from schemathesis import Case, GenerationMode

from tests.cloud.deployment import Deployment, wait_for
from tests.cloud.tokens import mint
from tests.emf import totals

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

Call = dict[str, Any]

# A cloud remembers what it was told, so that an example cannot be repeated in a smaller form.
BRIEF = settings(phases=[Phase.generate], suppress_health_check=list(HealthCheck))
PERSON = "jane.doe@example.com"

# A project takes a limited number of names, which all tests share.
EVENTS = ["page.view", "login"]
REFUSED_EVENTS = ["release_2", "_session.start", "undefined"]
ENDPOINTS = ["fuzz-1", "Fuzz-1", "fuzz-2", "fuzz-3"]
REFUSED_ENDPOINTS = ["company-1", "COMPANY-1", "a{b}", "null"]

SCALARS = st.characters(exclude_categories=["Cs"])
WORDS = st.text(SCALARS, max_size=8) | st.just(PERSON)
TEXT = WORDS | st.sampled_from(["undefined", "1e999", "x" * 300, "😀" * 60])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=4,
)
NAMES = st.sampled_from(
    ["evat_page", "evat_", "evme_value", "usat_plan", "usat_tier", "usat_engagement_role", "ts", "gtmcb"]
) | WORDS.map(lambda text: f"x{text}")
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Sec-GPC": st.sampled_from(["0", "1"]),
        "Origin": st.sampled_from(["https://www.example.com", "https://evil.example", "null"]),
        "Referer": st.just(f"https://www.example.com/?mail={PERSON}"),
        "User-Agent": st.just(PERSON),
        "X-Amzn-RequestId": st.just("chosen"),
    },
)
FAULTS: dict[str, list[dict[str, Any]]] = {
    "nothing": [],
    "queue": [{"target": "sqs.SendMessage", "kind": "refuse", "times": 1}],
    "stage": [{"target": "apigateway.stage", "kind": "throttle", "times": 1}],
    "throttle": [{"target": "pinpoint.PutEvents", "kind": "throttle", "times": 1}],
    "error": [{"target": "pinpoint.PutEvents", "kind": "error", "processed": True, "times": 1}],
    "cut": [{"target": "pinpoint.PutEvents", "kind": "cut", "times": 1}],
    "busy item": [{"target": "pinpoint.PutEvents", "kind": "item", "status": 429, "times": 2}],
    "bad item": [{"target": "pinpoint.PutEvents", "kind": "item", "status": 400, "times": 1}],
    "bad call": [{"target": "pinpoint.PutEvents", "kind": "reject_call", "times": 1}],
}
INJECTED = {"queue": 503, "stage": 429}


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """One event with every part that a caller may think of."""
    call: Call = draw(st.dictionaries(NAMES, VALUES, max_size=3))
    call["event"] = draw(st.sampled_from(EVENTS * 2 + REFUSED_EVENTS))
    call["endpoint_id"] = draw(st.sampled_from(ENDPOINTS * 2 + REFUSED_ENDPOINTS))
    if draw(st.booleans()):
        call["event_id"] = draw(st.sampled_from(["same", "not valid", PERSON]))
    return call


class Books:
    """What one pixel has done since they were opened."""

    def __init__(self, shop: Deployment) -> None:
        self._shop = shop
        shop.drain(shop.pixel["rejects_queue_url"])
        self._since = shop.mark()
        self._lines = Counter(shop.log_lines())
        self.lines: list[str] = []
        self.rejects: list[dict[str, Any]] = []

    def close(self, complete: Callable[[int], bool]) -> None:
        """Wait until everything is settled; `complete` judges by the number of events whether the books are."""
        self._shop.put_faults()
        self._shop.wait_until_settled()
        wait_for("the books of every call", lambda: complete(self._settled()))
        self.rejects = self._shop.drain(self._shop.pixel["rejects_queue_url"])

    def arrived(self) -> list[dict[str, Any]]:
        """The events that Pinpoint took."""
        return [event for _, _, event in self._shop.events(self._since)]

    def check(self, secrets: Iterable[str] = ()) -> None:
        """Nothing has crashed, and what belongs to a person is only where events are kept."""
        said = "\n".join([*self.lines, *(json.dumps(message["MessageAttributes"]) for message in self.rejects)])
        assert '"level":"ERROR"' not in said
        assert "Traceback" not in said
        assert "errorType" not in said
        assert PERSON not in said
        for secret in secrets:
            assert secret not in said
            assert [message["Body"] for message in self.rejects if secret in message["Body"]] == []
        assert not any(name.lower().startswith("company-") for name in self._shop.endpoints())
        assert self._shop.depth(self._shop.pixel["dlq_url"]) == 0

    def _settled(self) -> int:
        self.lines = list((Counter(self._shop.log_lines()) - self._lines).elements())
        sums = totals("\n".join(self.lines))
        settled = sums["EventsSent"] + sums["EventsDeduplicated"] + sums["EventsRejected"]
        came_again = sums["EventsRequeued"] + sums["EventsReturned"]
        assert sums["EventsReceived"] == settled + came_again
        return settled


class Callers(RuleBasedStateMachine):
    """Visitors, customers, servers and attackers of one pixel, and a cloud that fails now and then."""

    said = Bundle("said")
    books: Books

    def __init__(self, shop: Deployment, server: tuple[str, str]) -> None:
        super().__init__()
        self.shop = shop
        self.server = server
        self.accepted = 0
        self.expected: set[str] = set()
        self.forbidden: set[str] = set()
        self.vouched: set[str] = set()
        self.signatures: set[str] = set()
        self.injected = Counter[int]()

    @initialize()
    def open_books(self) -> None:
        self.books = Books(self.shop)
        self.run = f"run-{self.shop.mark()}"
        self.made = 0
        self.vouched |= {endpoint_id for endpoint_id, names in self.written().items() if "tier" in names}

    @rule(target=said, call=calls(), headers=HEADERS)
    def get(self, call: Call, headers: dict[str, str]) -> Any:
        call = self.marked(call)
        answer = self.shop.call(texts(call), headers)
        return self.noted(answer, [call])

    @rule(target=said, batch=calls() | st.lists(calls(), min_size=1, max_size=4), headers=HEADERS, text=st.booleans())
    def post(self, batch: Call | list[Call], headers: dict[str, str], text: bool) -> Any:
        batch = [self.marked(call) for call in batch] if isinstance(batch, list) else self.marked(batch)
        answer = self.shop.post(batch, "text/plain" if text else "application/json", headers)
        return self.noted(answer, batch if isinstance(batch, list) else [batch])

    @rule(target=said, call=calls(), headers=HEADERS)
    def submit(self, call: Call, headers: dict[str, str]) -> Any:
        call = self.marked(call)
        answer = self.shop.post(urlencode(texts(call)), "application/x-www-form-urlencoded", headers)
        return self.noted(answer, [call])

    @rule(target=said, call=calls(), life=st.sampled_from([600, -1]), key=st.sampled_from([None, b"guessed." * 4]))
    def vouch(self, call: Call, life: int, key: bytes | None) -> Any:
        token = mint(call["endpoint_id"], key=key, life=life)
        self.signatures.add(token.rpartition(".")[2])
        if life > 0 and key is None:
            self.vouched.add(call["endpoint_id"].lower())
        call = self.marked(call) | {"token": token}
        return self.noted(self.shop.call(texts(call)), [call])

    @rule(content=st.lists(calls() | VALUES, max_size=3) | VALUES, form=st.booleans())
    def babble(self, content: Any, form: bool) -> None:
        """A body with a token that is sent as something else than it is."""
        token = mint("fuzz-1")
        self.signatures.add(token.rpartition(".")[2])
        body = json.dumps([content, {"token": token}], indent=1)
        answer = self.shop.post(body, "application/x-www-form-urlencoded" if form else "text/plain")
        if self.passed(answer):
            # An array of something is refused as a whole, unless each element is an event.
            self.accepted += 2 if isinstance(content, dict) and not form else 1

    @rule(target=said, batch=st.lists(calls(), min_size=1, max_size=3))
    def sign(self, batch: list[Call]) -> Any:
        batch = [self.marked(call) for call in batch]
        answer = self.shop.trusted(batch, *self.server)
        self.vouched.update(call["endpoint_id"].lower() for call in batch)
        return self.noted(answer, batch)

    @rule(call=said)
    def repeat(self, call: Call) -> None:
        self.noted(self.shop.post(call, headers={"X-Amzn-RequestId": "chosen"}), [call])

    @rule(target=said, call=said, event_id=st.booleans())
    def imitate(self, call: Call, event_id: bool) -> Any:
        """Other content under the ids of another event."""
        call = self.marked(call) | ({"event_id": "same"} if event_id else {})
        return self.noted(self.shop.call(texts(call), {"X-Amzn-RequestId": "chosen"}), [call])

    @rule(name=st.sampled_from(sorted(FAULTS)))
    def fail(self, name: str) -> None:
        self.shop.put_faults(*FAULTS[name])
        if name in INJECTED:
            self.injected[INJECTED[name]] += 1

    def teardown(self) -> None:
        if not hasattr(self, "run"):
            return
        self.books.close(lambda settled: settled == self.accepted)
        self.books.check(self.signatures)
        # Each event that may be sent has arrived, or was refused for a reason; none that may not has arrived.
        arrived = {event["Attributes"].get("mark", "") for event in self.books.arrived()}
        kept = "\n".join(message["Body"] for message in self.books.rejects)
        assert {mark for mark in self.expected - arrived if f'"{mark}"' not in kept} == set()
        assert not self.forbidden & arrived
        for endpoint_id, names in self.written().items():
            assert names <= {"plan"} | ({"tier"} if endpoint_id in self.vouched else set())

    def written(self) -> dict[str, set[str]]:
        """Names of user attributes by folded endpoint id."""
        return {
            endpoint_id.lower(): set((endpoint.get("User") or {}).get("UserAttributes", {}))
            for endpoint_id, endpoint in self.shop.endpoints().items()
            if endpoint_id in ENDPOINTS
        }

    def marked(self, call: Call) -> Call:
        """The call with an attribute that no other has."""
        self.made += 1
        return call | {"evat_mark": f"{self.run}-{self.made}"}

    def noted(self, answer: BaseHTTPResponse, batch: list[Call]) -> Any:
        """Remember what the pixel took."""
        if not self.passed(answer):
            return multiple()
        self.accepted += len(batch)
        for call in batch:
            healthy = call["event"] in EVENTS and call["endpoint_id"] in ENDPOINTS
            (self.expected if healthy else self.forbidden).add(call["evat_mark"])
        return multiple(*batch)

    def passed(self, answer: BaseHTTPResponse) -> bool:
        """Whether a call was taken; an error of ours must have been ordered."""
        if answer.status in INJECTED.values():
            self.injected[answer.status] -= 1
            assert self.injected[answer.status] >= 0, (answer.status, answer.data)
            return False
        assert answer.status == 200, (answer.status, answer.data)
        return True


def texts(call: Mapping[str, Any]) -> dict[str, str]:
    """What a query or a form can say of a call."""
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in call.items()}


@pytest.mark.usefixtures("keys")
def test_whoever_calls_in_whatever_order_no_event_is_lost_and_nobodys_data_leaks(
    shop: Deployment, server: tuple[str, str]
) -> None:
    run_state_machine_as_test(
        lambda: Callers(shop, server),
        settings=settings(BRIEF, max_examples=12, stateful_step_count=25),
    )


CONTENT_TYPES = st.sampled_from(
    [
        "application/json",
        "application/json; charset=utf-16",
        "APPLICATION/JSON",
        "text/plain;charset=UTF-8",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/*",
        "json",
        ";",
        "",
    ]
)
METHODS = ["PUT", "DELETE", "PATCH", "HEAD", "TRACE", "BREW"]


def test_no_call_that_the_contract_describes_or_forbids_is_an_error_of_ours(
    shop: Deployment, server: tuple[str, str]
) -> None:
    # GIVEN the contract as the deployed API exports it, and calls inside and outside of it on every route
    contract = schemathesis.openapi.from_dict(shop.contract())
    base_url = shop.url.removesuffix("/events")
    books, answers = Books(shop), Counter[tuple[str, int]]()

    @settings(BRIEF, max_examples=200)
    @given(
        case=st.one_of(contract.as_strategy(mode) for mode in GenerationMode),
        method=st.sampled_from([None] * 30 + METHODS),
        content_type=st.none() | CONTENT_TYPES,
        headers=HEADERS,
    )
    def check(case: Case, method: str | None, content_type: str | None, headers: dict[str, str]) -> None:
        request = requests.Request(**case.as_transport_kwargs(base_url)).prepare()
        sent = dict(request.headers) | headers | ({} if content_type is None else {"Content-Type": content_type})
        if case.path.startswith("/trusted") and case.method == "POST":
            sent = shop.signed(str(request.url), request.body, sent, *server)
        answer = shop.http.request(method or case.method, str(request.url), body=request.body, headers=sent)
        answers[case.path, answer.status] += 1
        assert answer.status < 500, answer.data

    check()

    # THEN some of each kind were made, and each that was taken is in the books
    taken = {path: answers[path, 200] for path in contract}
    assert all(count > 0 for count in taken.values()), answers
    assert all(answers[path, 400] > 0 for path in taken), answers
    books.close(lambda settled: settled >= sum(taken.values()))
    books.check()


PRINTABLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="#")


def test_no_request_however_malformed_is_an_error_of_ours(shop: Deployment) -> None:
    books, taken = Books(shop), 0
    address = urlsplit(shop.url)

    @settings(BRIEF, max_examples=200)
    @given(
        method=st.sampled_from([*["GET", "POST"] * 4, "OPTIONS", *METHODS]),
        path=st.sampled_from([*[""] * 20, "/", "/x", "//", "/..", "/%2e%2e", "/%00", "%zz"]),
        start=st.sampled_from(["", "event=login&endpoint_id=fuzz-1&"]),
        text=st.lists(
            st.sampled_from(["evat_page=%", "%zz=%ff", "=", ";", "event", "a=%00", "evat_%F0%9F=%ED%A0%80"])
            | st.text(PRINTABLE, max_size=12)
        ).map("&".join),
        headers=st.dictionaries(
            st.sampled_from(
                ["Content-Type", "Origin", "Sec-GPC", "Accept", "Content-Encoding", "X-HTTP-Method-Override"]
            ),
            st.sampled_from(["application/json", "text/plain", "gzip", "*/*", "DELETE", "1", ""])
            | st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_categories=["Cc"]), max_size=12),
        ),
        body=st.none() | st.binary(max_size=60),
    )
    def check(method: str, path: str, start: str, text: str, headers: dict[str, str], body: bytes | None) -> None:
        nonlocal taken
        connection = HTTPConnection(str(address.hostname), address.port, timeout=60)
        with closing(connection):
            connection.request(method, f"{address.path}{path}?{start}{text}", body, headers)
            answer = connection.getresponse()
            assert answer.status < 500, answer.read()
            taken += answer.status == 200
            answer.close()

    check()

    assert taken > 0
    books.close(lambda settled: settled >= taken)
    books.check()
