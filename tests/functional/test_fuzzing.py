"""Whatever lies in the ingest queue: no crash, closed books, and nothing about a person where it does not belong."""

from __future__ import annotations

import base64
import json
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import gateway
from tests.emf import totals
from tests.functional.conftest import REGION, Consumer
from tests.unit.test_token import KEYS, mint

COLUMNS = ("EventsSent", "EventsDeduplicated", "EventsRejected", "EventsRequeued", "EventsReturned")
PERSON = "jane.doe@example.com"
ARN = f"arn:aws:ssm:{REGION}:123456789012:parameter/shop/token-keys"
SECONDS = gateway.REQUEST_TIME // 1000

ENDPOINT_IDS = ["e-1", "E-1", "e-2", "company-1", "a$b", "undefined", PERSON]
TOKENS = [
    mint("e-1", expiry=SECONDS + 60),
    mint("e-2", expiry=SECONDS - 60),
    mint("e-2", expiry=SECONDS + 60, audience="staging"),
    mint("e-1", kid="k3", key=b"of nobody", expiry=SECONDS + 60),
]
SIGNATURES = [token.rpartition(".")[2] for token in TOKENS]

# What SQS takes: its messages are XML.
QUEUEABLE = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
ODD = st.sampled_from(["", "undefined", "NaN", "1e999", "-1", "9" * 400, "\ud800", "\x00", "token", PERSON])
TEXT = st.text(max_size=20) | ODD
NAMES = st.sampled_from(
    ["event", "endpoint_id", "event_id", "ts", "gtmcb", "evat_a", "evat_", "evme_v", "usat_plan", "usat_tier", PERSON]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def calls(draw: st.DrawFn) -> dict[str, Any]:
    """Parameters of one event, most often one that can be sent; a token stands where tokens belong."""
    call: dict[str, Any] = {"event": "page.view", "endpoint_id": draw(st.sampled_from(ENDPOINT_IDS))}
    call |= draw(st.dictionaries(NAMES, VALUES, max_size=4))
    if draw(st.booleans()):
        call["token"] = draw(st.sampled_from(TOKENS))
    return call


def put_back(elements: list[dict[str, Any]], indexes: list[Any], verdicts: list[Any], still: list[Any]) -> str:
    """A message as the consumer writes it, with places, verdicts and destinations that it would not always write."""
    document = json.loads(gateway.trusted({}, "iam", "x"))
    events = zip(elements, indexes, verdicts, still, strict=False)
    document["events"] = [
        {"index": index, "token": verdict, "destinations": names, "parameters": element}
        for element, index, verdict, names in events
    ]
    return json.dumps(document)


def pairs(call: dict[str, Any]) -> dict[str, str]:
    """The same as a query or a form says it."""
    return {
        _scalars(name): _scalars(value if isinstance(value, str) else json.dumps(value)) for name, value in call.items()
    }


def _scalars(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


STILL = st.none() | st.lists(st.sampled_from(["pinpoint", "connect", "gone"]), max_size=3)
CONTENTS = st.one_of(
    calls(),
    st.lists(calls() | VALUES, max_size=4),
    st.lists(calls(), min_size=6, max_size=6),
    calls().map(pairs).map(gateway.query),
    VALUES,
    TEXT,
)
INDENTS = st.sampled_from([None, 0, 2, "\t"])
BODIES = st.one_of(
    st.builds(lambda call, privacy: gateway.body(pairs(call), privacy=_scalars(privacy)), calls(), TEXT),
    st.builds(
        lambda content, kind, indent: gateway.post(
            _scalars(content) if isinstance(content, str) else json.dumps(content, indent=indent), kind
        ),
        CONTENTS,
        st.sampled_from(["json", "text", "form"]),
        INDENTS,
    ),
    st.builds(
        lambda content, authorizer, identity: gateway.trusted(content, authorizer, _scalars(identity)),
        st.lists(calls(), min_size=1, max_size=3),
        st.sampled_from(["iam", "cognito", "lambda"]),
        st.sampled_from(ENDPOINT_IDS) | TEXT,
    ),
    st.builds(
        put_back,
        st.lists(calls() | st.dictionaries(NAMES, VALUES), max_size=4),
        st.permutations([0, 1, 2, 3]) | st.lists(VALUES, max_size=4),
        st.lists(st.sampled_from(["valid", "absent", "token_forged"]) | VALUES, min_size=4, max_size=4),
        st.lists(STILL | VALUES, min_size=4, max_size=4),
    ),
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A message, or what is left of it after somebody changed, doubled or cut it; or no message at all."""
    body = draw(BODIES)
    match draw(st.sampled_from(["whole", "whole", "changed", "doubled", "cut", "nested", "foreign"])):
        case "changed":
            document = json.loads(body)
            document[draw(st.sampled_from([*document, "attempt", "version"]))] = draw(VALUES | st.just("9" * 15))
            body = json.dumps(document)
        case "doubled":
            body = f"{body[:-1]},{body[1:]}"
        case "cut":
            body = body[: draw(st.integers(1, len(body)))]
        case "nested":
            body = f'{{"query":{"[" * 5_000}{body}'
        case "foreign":
            body = draw(st.text(QUEUEABLE, min_size=1, max_size=40))
    return body


FAULTS = st.lists(
    st.sampled_from(
        [
            {"target": "pinpoint.PutEvents", "kind": "item", "status": 400, "times": 1},
            {"target": "pinpoint.PutEvents", "kind": "item", "status": 429, "times": 1},
            {"target": "pinpoint.PutEvents", "kind": "item", "part": "endpoint", "status": 400, "times": 1},
            {"target": "pinpoint.PutEvents", "kind": "reject_call", "times": 1},
            {"target": "profiles.BatchPutProfileObject", "kind": "item", "status": 400, "times": 1},
            {"target": "profiles.BatchPutProfileObject", "kind": "item", "status": 429, "times": 1},
            {"target": "profiles.BatchPutProfileObject", "kind": "throttle", "times": 1},
        ]
    ),
    max_size=1,
)


@pytest.fixture
def keys(consumer: Consumer) -> None:  # noqa: ARG001 (its account)
    document = {"keys": {kid: base64.b64encode(key).decode() for kid, key in KEYS.items()}}
    boto3.client("ssm", region_name=REGION).put_parameter(
        Name="/shop/token-keys", Value=json.dumps(document), Type="SecureString"
    )


@pytest.mark.environment(
    TOKEN_KEYS_ARN=ARN,
    TOKEN_AUDIENCE="shop",
    USER_ATTRIBUTES_AUTHENTICATED='["tier"]',
    MAX_EVENTS_PER_REQUEST="5",
)
@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("destinations", [("pinpoint",), ("pinpoint", "connect")], ids=str, indirect=True)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=st.lists(texts(), min_size=1, max_size=6), faults=FAULTS)
def test_any_messages_are_accounted_for_and_tell_nothing_of_anybody(
    consumer: Consumer, capsys: pytest.CaptureFixture[str], bodies: list[str], faults: list[dict[str, Any]]
) -> None:
    consumer.faults.put(faults)

    # WHEN they are delivered
    returned = consumer.receive(*bodies)

    # THEN none makes others wait, and every event is in one column of the books, unless it is open for nothing
    output = capsys.readouterr().out
    sums = totals(output)
    assert returned == set()
    assert sums["EventsReceived"] == sum(sums[name] for name in COLUMNS)
    assert sums["EventsReceived"] + sums["ValuesDropped/destination_not_configured"] >= len(bodies)

    # AND nothing that a caller sent is in logs, metrics or reasons, and no token in what the consumer wrote on
    left = [
        message
        for url in (consumer.rejects_url, consumer.dlq_url, consumer.ingest_url)
        for message in consumer.drain(url)
    ]
    said = output + json.dumps([message.get("MessageAttributes") for message in left])
    assert PERSON not in said
    for signature in SIGNATURES:
        assert signature not in said
        assert [message["Body"] for message in left if signature in message["Body"]] == []
