"""What the console tells of hits, queues, endpoints and messages."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config

from local_cloud.apigateway.exchange import Answer, Exchange
from local_cloud.console.asked import Asked, asked
from local_cloud.console.fates import Fate, Place, Role, State, fate
from local_cloud.console.hits import Hits
from tests.local_cloud.aws import REGION, Aws, wait_for
from tests.local_cloud.pixel import Pixel, request
from tests.local_cloud.streams import stream_events

if TYPE_CHECKING:
    from local_cloud.process import LocalCloud


@pytest.fixture
def pixel(aws: Aws) -> Pixel:
    return Pixel.of(aws)


# What becomes of a hit


def test_a_hit_is_followed_from_the_queue_to_its_arrival(pixel: Pixel) -> None:
    pixel.call(event="click", endpoint_id="ada")

    hit = pixel.hits()[-1]
    assert (hit["method"], hit["route"], hit["stage"], hit["status"]) == ("GET", "/events", "v1", 200)
    assert hit["events"] == [{"index": None, "event": "click", "endpoint_id": "ada", "event_id": ""}]
    assert pixel.states() == [["queued"]]

    pixel.take()
    pixel.arrive("ada", hit["request_id"])
    assert pixel.hits()[-1]["fates"] == [
        {"state": "arrived", "reason": "", "detail": "", "application_id": pixel.application_id}
    ]


def test_an_event_is_found_by_the_id_that_the_call_gave_it(pixel: Pixel) -> None:
    pixel.call(event="click", endpoint_id="ada", event_id="order-1")

    pixel.take()
    pixel.arrive("ada", "order-1")

    assert pixel.states() == [["arrived"]]


def test_what_arrived_before_the_call_is_not_its_event(pixel: Pixel) -> None:
    pixel.arrive("ada", "order-1")

    pixel.call(event="click", endpoint_id="ada", event_id="order-1")
    assert pixel.states() == [["queued"]]
    pixel.take()

    assert pixel.states() == [["gone"]]


def test_an_event_that_pinpoint_refused_has_not_arrived(pixel: Pixel) -> None:
    pixel.call(event="click", endpoint_id="ada", event_id="order-1")
    pixel.states()
    pixel.take()

    pixel.arrive("ada", "order-1", Attributes={"long": "x" * 201})

    assert pixel.states() == [["gone"]]


def test_a_refusal_of_the_gateway_says_why(pixel: Pixel) -> None:
    pixel.call(event="click")

    (hit,) = pixel.hits()
    assert (hit["status"], hit["fates"][0]["state"], hit["fates"][0]["reason"]) == (400, "refused", "400")
    assert hit["fates"][0]["detail"] == "Missing required request parameters: [endpoint_id]"


def test_a_rejection_says_why_and_is_remembered(pixel: Pixel) -> None:
    pixel.call(event="secret", endpoint_id="ada")
    pixel.reject(pixel.take(), "event_not_allowed", "event: add this name to events")
    told = {
        "state": "rejected",
        "reason": "event_not_allowed",
        "detail": "event: add this name to events",
        "application_id": "",
    }
    assert pixel.hits()[0]["fates"] == [told]

    pixel.aws.sqs.purge_queue(QueueUrl=pixel.rejects.url)

    assert pixel.hits()[0]["fates"] == [told]


def test_each_event_of_an_array_has_its_own_fate(pixel: Pixel) -> None:
    pixel.post([{"event": name, "endpoint_id": f"e-{name}"} for name in ("one", "two", "three")])
    request_id = pixel.hits()[0]["request_id"]
    pixel.take()
    pixel.arrive("e-one", f"{request_id}-0")
    pixel.reject(json.dumps({"request_id": request_id, "events": [{"index": 1}]}), "event_not_allowed")
    pixel.aws.send(pixel.ingest, json.dumps({"request_id": request_id, "events": [{"index": 2}]}))

    assert pixel.states() == [["arrived", "rejected", "queued"]]


def test_a_dead_letter_is_told_from_a_message_that_waits(pixel: Pixel) -> None:
    pixel.call(event="click", endpoint_id="ada")

    pixel.bury()

    assert pixel.states() == [["dead"]]
    assert pixel.depths() == {"events": ("queue", 0), "dlq": ("dlq", 1), "rejects": ("rejects", 0)}


def test_a_message_that_is_being_worked_on_is_queued(pixel: Pixel) -> None:
    pixel.call(event="click", endpoint_id="ada")

    pixel.aws.sqs.receive_message(QueueUrl=pixel.ingest.url, VisibilityTimeout=600)

    assert pixel.states() == [["queued"]]
    (ingest,) = (queue for queue in pixel.aws.local("console/feed")["queues"] if queue["arn"] == pixel.ingest.arn)
    assert (ingest["visible"], ingest["hidden"]) == (0, 1)


@pytest.mark.parametrize(
    ("places", "arrived_in", "before", "followed", "state"),
    [
        ([Place(Role.QUEUE), Place(Role.REJECTS, None, "r", "d")], "app", None, True, State.REJECTED),
        ([Place(Role.QUEUE), Place(Role.DLQ)], None, None, True, State.DEAD),
        ([Place(Role.QUEUE, frozenset({7}))], "app", None, True, State.ARRIVED),
        ([], "app", Fate(State.REJECTED), True, State.ARRIVED),
        ([], None, Fate(State.REJECTED), True, State.REJECTED),
        ([], None, Fate(State.QUEUED), True, State.GONE),
        ([], None, None, False, State.ACCEPTED),
    ],
)
def test_the_place_that_tells_most_decides(
    places: list[Place], arrived_in: str | None, before: Fate | None, followed: bool, state: State
) -> None:
    assert fate(0, places, arrived_in, before, followed=followed).state is state


# What is kept, and what is told again


def test_only_what_changed_is_told_again(pixel: Pixel) -> None:
    pixel.call(event="first", endpoint_id="ada")
    pixel.call(event="second", endpoint_id="ada")
    mark = pixel.aws.local("console/feed")["next"]
    assert pixel.aws.local(f"console/feed?since={mark}")["hits"] == []

    pixel.reject(pixel.take(), "event_not_allowed")

    answer = pixel.aws.local(f"console/feed?since={mark}")
    assert not answer["whole"]
    assert [(hit["events"][0]["event"], hit["fates"][0]["state"]) for hit in answer["hits"]] == [("first", "rejected")]


@pytest.mark.parametrize("mark", ["", "deadbeef.1.1", "nonsense", "a.b.c", "..", "9"])
def test_a_mark_of_another_run_asks_for_everything(pixel: Pixel, mark: str) -> None:
    pixel.call(event="click", endpoint_id="ada")

    answer = pixel.aws.local(f"console/feed?since={mark}")

    assert answer["whole"]
    assert answer["hits"][-1]["api_id"] == pixel.api.api_id


def test_hits_are_counted_in_the_feed(pixel: Pixel) -> None:
    pixel.call(event="click", endpoint_id="ada")
    pixel.call(event="click")

    rate = pixel.aws.local("console/feed")["rate"]

    assert len(rate) == 60
    for taken_or_refused in (0, 1):
        assert sum(second[taken_or_refused] for second in rate) >= 1


def exchange(body: bytes = b"", **members: Any) -> Exchange:
    return Exchange(
        "000000000000",
        "us-east-1",
        api_id="unknown",
        stage_name="v1",
        stage={},
        method="POST",
        path="/events",
        headers=[("Content-Type", "application/json")],
        query={},
        body=body,
        source_ip="127.0.0.1",
        domain="",
        full_path="/v1/events",
        **members,
    )


def test_hits_of_the_last_minute_are_counted_by_second(monkeypatch: pytest.MonkeyPatch) -> None:
    hits = Hits()

    def at(now: float) -> list[list[int]]:
        monkeypatch.setattr("local_cloud.console.hits.time", SimpleNamespace(time=lambda: now))
        return hits.rate()

    for moment, status in [(1000.9, 200), (1001.0, 200), (1001.9, 403), (1059.5, 200)]:
        hits.observe(exchange(time=moment), Answer(status, {}, b""))

    assert at(1059.9) == [[1, 0], [1, 1], *[[0, 0]] * 57, [1, 0]]
    assert at(1060.0) == [[1, 1], *[[0, 0]] * 57, [1, 0], [0, 0]]
    assert at(1200.0) == [[0, 0]] * 60


def test_the_number_of_hits_is_bounded() -> None:
    hits = Hits()

    for _ in range(2_100):
        hits.observe(exchange(), Answer(200, {}, b""))

    assert [hit.number for hit in hits] == list(range(100, 2_100))


def test_the_number_of_events_is_bounded() -> None:
    hits = Hits()
    body = json.dumps([{"event": "click", "endpoint_id": "ada"}] * 150).encode()

    for _ in range(150):
        hits.observe(exchange(body), Answer(200, {}, b""))

    assert sum(len(hit.events) for hit in hits) == 10_000
    assert {len(hit.events) for hit in hits} == {100}


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b'{"event": "click", "endpoint_id": 7}', "application/json", (Asked(None, "click", "7", ""),)),
        (b'{"event": "click", "event_id": "x"}', "text/plain;charset=utf-8", (Asked(None, "click", "", "x"),)),
        (b"event=a%20b&endpoint_id=1&event=c", "application/x-www-form-urlencoded", (Asked(None, "c", "1", ""),)),
        (b'[{"event": "a"}, 3]', "application/json", (Asked(0, "a", "", ""), Asked(1, "", "", ""))),
        (b"no json", "text/plain", ()),
        (b"7", "application/json", ()),
        (b"[" * 100_000, "application/json", ()),
        (b" " * 300_000, "application/json", ()),
        (json.dumps({"event": "x" * 500}).encode(), "application/json", (Asked(None, "x" * 200, "", ""),)),
    ],
)
def test_events_are_read_from_every_kind_of_body(body: bytes, content_type: str, expected: tuple[Asked, ...]) -> None:
    assert asked({}, body, content_type) == expected


# Sending back


def test_dead_letters_are_sent_back_to_where_they_came_from(pixel: Pixel) -> None:
    pixel.call(event="click", endpoint_id="ada")
    pixel.bury()

    assert pixel.aws.local("console/replay", "POST", {"queue": pixel.dlq.arn}) == {"messages": 1}

    wait_for("the move", lambda: pixel.depths()["events"] == ("queue", 1))
    assert pixel.states() == [["queued"]]


def test_rejects_are_sent_back_without_their_reason(pixel: Pixel) -> None:
    pixel.call(event="secret", endpoint_id="ada")
    body = pixel.take()
    pixel.reject(body, "event_not_allowed")

    assert pixel.aws.local("console/replay", "POST", {"queue": pixel.rejects.arn}) == {"messages": 1}

    assert pixel.depths() == {"events": ("queue", 1), "dlq": ("dlq", 0), "rejects": ("rejects", 0)}
    assert pixel.states() == [["queued"]]
    received = pixel.aws.sqs.receive_message(QueueUrl=pixel.ingest.url, MessageAttributeNames=["All"])["Messages"][0]
    assert (received["Body"], received.get("MessageAttributes")) == (body, None)


def test_rejects_that_somebody_reads_stay(pixel: Pixel) -> None:
    pixel.reject("{}", "malformed_message")
    pixel.aws.sqs.receive_message(QueueUrl=pixel.rejects.url, VisibilityTimeout=600)

    assert pixel.aws.local("console/replay", "POST", {"queue": pixel.rejects.arn}) == {"messages": 0}
    assert pixel.aws.depth(pixel.rejects) == 1


def refusal(aws: Aws, document: object) -> str:
    reply = request(aws.cloud.port, "POST", "/_local/console/replay", {}, json.dumps(document))
    assert reply.status == 400
    return str(json.loads(reply.body)["message"])


def test_other_queues_cannot_be_sent_back(pixel: Pixel) -> None:
    assert "dead-letter" in refusal(pixel.aws, {"queue": pixel.ingest.arn})
    assert "dead-letter" in refusal(pixel.aws, {"queue": "arn:aws:sqs:us-east-1:000000000000:none"})
    assert "no ingest queue" in refusal(pixel.aws, {"queue": pixel.aws.queue("lonely-rejects").arn})
    for nonsense in ({}, [], {"queue": 7}, None):
        assert "ARN" in refusal(pixel.aws, nonsense)


# Endpoints


def test_endpoints_are_found_by_what_they_hold(pixel: Pixel) -> None:
    event = {"EventType": "click", "Timestamp": "2026-11-22T00:00:00Z"}
    pixel.pinpoint.put_events(
        ApplicationId=pixel.application_id,
        EventsRequest={"BatchItem": {f"visitor-{n}": {"Endpoint": {}, "Events": {"e": event}} for n in range(60)}},  # type: ignore[typeddict-item]
    )
    pixel.pinpoint.update_endpoint(
        ApplicationId=pixel.application_id,
        EndpointId="visitor-7",
        EndpointRequest={"User": {"UserAttributes": {"plan": ["Gold"]}}},
    )
    path = f"console/applications/{pixel.application_id}/endpoints"

    everything = pixel.aws.local(path)
    assert (everything["found"], len(everything["endpoints"])) == (60, 50)
    assert everything["endpoints"][0]["Id"] == "visitor-7"
    gold = pixel.aws.local(f"{path}?text=gold")
    assert [endpoint["Id"] for endpoint in gold["endpoints"]] == ["visitor-7"]
    assert pixel.aws.local(f"{path}?text=nobody") == {"found": 0, "endpoints": []}


def test_an_endpoint_is_shown_with_its_history(pixel: Pixel) -> None:
    pixel.arrive("a/b", "one", "first", Attributes={"page": "/"})
    pixel.arrive("a/b", "two", "second", Metrics={"value": 1.5})
    pixel.arrive("other", "three")

    shown = pixel.aws.local(f"console/applications/{pixel.application_id}/endpoints?id=a%2Fb")

    assert shown["endpoint"]["Id"] == "a/b"
    assert [(event["event"], event["attributes"], event["metrics"]) for event in shown["events"]] == [
        ("second", {}, {"value": 1.5}),
        ("first", {"page": "/"}, {}),
    ]
    assert [change["change"] for change in shown["changes"]] == [{}]


@pytest.mark.parametrize("path", ["applications/none/endpoints", "applications/none/endpoints?id=1", "nothing"])
def test_what_does_not_exist_is_not_found(aws: Aws, path: str) -> None:
    assert request(aws.cloud.port, "GET", f"/_local/console/{path}").status == 404


def test_an_unknown_endpoint_is_not_found(pixel: Pixel) -> None:
    path = f"/_local/console/applications/{pixel.application_id}/endpoints?id=nobody"

    assert request(pixel.aws.cloud.port, "GET", path).status == 404


# Outbox


def test_a_message_is_told_once_and_its_html_is_served_apart(pixel: Pixel) -> None:
    pixel.open_channels()
    mark = pixel.aws.local("console/feed")["next"]
    html = "<p>Hello</p><script>alert(1)</script>"
    pixel.send(
        {"EmailMessage": {"SimpleEmail": {"Subject": {"Data": "Hi"}, "HtmlPart": {"Data": html}}}},
        EMAIL="ada@example.com",
    )

    answer = pixel.aws.local(f"console/feed?since={mark}")
    (message,) = answer["messages"]
    assert (message["channel"], message["address"], message["title"]) == ("EMAIL", "ada@example.com", "Hi")
    assert message["html"] is True
    assert pixel.aws.local(f"console/feed?since={answer['next']}")["messages"] == []

    page = request(pixel.aws.cloud.port, "GET", f"/_local/console/messages/{message['number']}.html")
    assert (page.status, page.body.decode()) == (200, html)
    policy = page.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'; ")
    assert "script-src" not in policy
    assert "allow-scripts" not in policy


# Several accounts


def test_accounts_are_told_apart(cloud: LocalCloud, name: str) -> None:
    pixels = [Pixel.of(Aws(cloud, name, account)) for account in ("000000000000", "999900000021")]
    for number, pixel in enumerate(pixels):
        pixel.call(event=f"event-{number}", endpoint_id="ada")

    feed = pixels[0].aws.local("console/feed")

    for number, pixel in enumerate(pixels):
        account = pixel.aws.account
        (hit,) = pixel.hits()
        assert (hit["account"], hit["events"][0]["event"]) == (account, f"event-{number}")
        assert pixel.ingest.arn in [queue["arn"] for queue in feed["queues"] if queue["account"] == account]
        assert pixel.application_id in [app["id"] for app in feed["applications"] if app["account"] == account]
        assert {
            "api": f"{name}-pixel-events",
            "stage": "v1",
            "account": account,
            "region": "us-east-1",
            "path": f"/_aws/execute-api/{pixel.api.api_id}/v1/events?event=page_view&endpoint_id=you",
        } in feed["pixels"]


def test_a_message_is_told_again_when_its_recipient_does_something(pixel: Pixel) -> None:
    pixel.open_channels()
    stream_events(pixel.aws, pixel.application_id)
    pixel.send({"SMSMessage": {"Body": "Sale"}}, SMS="+491701")

    def told(*records: str, since: str = "") -> dict[str, Any] | None:
        answer: dict[str, Any] = pixel.aws.local(f"console/feed?since={since}")
        found = [one["number"] for one in answer["messages"] if one["application_id"] == pixel.application_id]
        known = {tuple(one["records"]) for one in answer["messages"] if one["number"] in found}
        return {"next": answer["next"], "number": found[0]} if known == {records} else None

    sent = wait_for("the delivery", lambda: told("_SMS.BUFFERED", "_SMS.SUCCESS"))
    pixel.aws.local("pinpoint/interactions", "POST", {"message": sent["number"], "did": "optout"})

    records = ("_SMS.BUFFERED", "_SMS.SUCCESS", "_SMS.OPTOUT")
    wait_for("the opt-out", lambda: told(*records, since=sent["next"]))
    [message] = pixel.aws.local(f"pinpoint/outbox?since={sent['number']}")
    assert (message["number"], message["body"], tuple(message["records"])) == (sent["number"], "Sale", records)


def test_an_application_says_whether_it_has_an_event_stream(pixel: Pixel) -> None:
    def has_stream() -> bool:
        applications = pixel.aws.local("console/feed")["applications"]
        return next(bool(one["event_stream"]) for one in applications if one["id"] == pixel.application_id)

    assert not has_stream()
    stream_events(pixel.aws, pixel.application_id)
    assert has_stream()


# Customer Profiles


class Domain:
    """A domain of Customer Profiles named after the test, with one profile."""

    def __init__(self, aws: Aws, endpoint_id: str) -> None:
        self.aws = aws
        self.client = aws.client(
            "customer-profiles", config=Config(retries={"mode": "standard", "total_max_attempts": 6})
        )
        self.client.create_domain(DomainName=aws.name, DefaultExpirationDays=30)
        keys = {
            "_account": [{"StandardIdentifiers": ["PROFILE", "LOOKUP_ONLY"], "FieldNames": ["customerId"]}],
            "id": [{"StandardIdentifiers": ["UNIQUE"], "FieldNames": ["customerId", "eventId"]}],
        }
        names = ("customerId", "eventId")
        self.client.put_profile_object_type(
            DomainName=aws.name,
            ObjectTypeName="events",
            Description="events",
            Fields={name: {"Source": f"_source.{name}"} for name in names},
            Keys=keys,
        )
        self.client.create_profile(
            DomainName=aws.name,
            AccountNumber=endpoint_id,
            EmailAddress="ada@shop.example",
            Attributes={"plan": "gold"},
        )

    @property
    def key(self) -> str:
        return f"{self.aws.account}:{REGION}:{self.aws.name}"

    def arrive(self, endpoint_id: str, *event_ids: str) -> None:
        items = [{"Id": event_id, "Object": self.object(endpoint_id, event_id)} for event_id in event_ids]
        self.client.batch_put_profile_object(DomainName=self.aws.name, ObjectTypeName="events", Items=items)

    def object(self, endpoint_id: str, event_id: str) -> str:
        said = {"attributes": {"page": "home"}, "metrics": {"price": 2.5}}
        return json.dumps({"eventId": event_id, "eventType": "click", "customerId": endpoint_id, **said})

    def endpoints(self, query: str = "") -> Any:
        return self.aws.local(f"console/applications/{self.key}/endpoints{query}")


def test_a_hit_is_followed_to_its_arrival_in_customer_profiles(pixel: Pixel) -> None:
    domain = Domain(pixel.aws, "ada")
    pixel.call(event="click", endpoint_id="ada", event_id="order-1")
    pixel.take()

    domain.arrive("ada", "order-1")

    assert pixel.hits()[-1]["fates"] == [{"state": "arrived", "reason": "", "detail": "", "application_id": domain.key}]


def test_an_object_that_was_refused_has_not_arrived(pixel: Pixel) -> None:
    domain = Domain(pixel.aws, "ada")
    pixel.call(event="click", endpoint_id="ada", event_id="order-1")
    pixel.states()
    pixel.take()
    pixel.aws.put_faults(
        {"target": "profiles.BatchPutProfileObject", "kind": "item", "status": 500, "match": {"domain_name": "t*"}}
    )

    domain.arrive("ada", "order-1")

    assert pixel.states() == [["gone"]]


def test_profiles_are_shown_like_endpoints(aws: Aws) -> None:
    domain = Domain(aws, "ada")
    domain.arrive("ada", "e1", "e2")
    told = aws.local("console/feed")["applications"]
    assert {"id": domain.key, "name": aws.name, "endpoints": 1}.items() <= next(
        one for one in told if one["id"] == domain.key
    ).items()

    found = wait_for("the objects", lambda: [one for one in domain.endpoints()["endpoints"] if one["Objects"] == 2])

    [shown] = found
    assert (shown["Id"], shown["Address"], shown["ChannelType"]) == ("ada", "ada@shop.example", "EMAIL")
    assert shown["Attributes"] == {"plan": "gold"}
    assert domain.endpoints("?text=silver")["found"] == 0
    described = domain.endpoints("?id=ada")
    assert described["endpoint"]["Id"] == "ada"
    assert [(event["event_id"], event["event"], event["attributes"]) for event in described["events"]] == [
        ("e2", "click", {"page": "home"}),
        ("e1", "click", {"page": "home"}),
    ]
    assert described["events"][0]["metrics"] == {"price": 2.5}
    assert described["changes"] == []
