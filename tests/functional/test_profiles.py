from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from botocore.stub import Stubber
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from engagement.adapters.connect.profiles import OBJECT_BYTES, ObjectTypes, Profiles
from engagement.domain import limits
from engagement.domain.destination import Answer, Call, Item
from engagement.domain.destinations import DestinationName
from engagement.domain.event import Event
from tests.unit.builders import event

SESSION = botocore.session.Session()
MODEL = SESSION.get_service_model("customer-profiles")
TYPES = ObjectTypes("shop-public-events", "shop-trusted-events")
ERRORS = {
    "ThrottlingException": Call.THROTTLED,
    "BadRequestException": Call.REFUSED,
    "ResourceNotFoundException": Call.UNUSABLE,
    "AccessDeniedException": Call.UNUSABLE,
    "InternalServerException": Call.UNKNOWN,
}


class Client:
    """Customer Profiles as a script: by the `Id` of an item, what is said of it."""

    def __init__(self, fates: Mapping[str, int | str | None] | None = None, error: Exception | None = None) -> None:
        self.requests: list[Mapping[str, Any]] = []
        self._fates = fates or {}
        self._error = error

    def put_profile_object(self, **request: Any) -> Mapping[str, Any]:
        return self._answer("PutProfileObject", request) | {"ProfileObjectUniqueKey": "k"}

    def _answer(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        report = ParamValidator().validate(request, MODEL.operation_model(operation).input_shape)
        assert not report.has_errors(), report.generate_report()
        self.requests.append(request)
        if self._error:
            raise self._error
        return {}


class Batching(Client):
    """The same with the call for several objects."""

    def batch_put_profile_object(self, **request: Any) -> Mapping[str, Any]:
        answer = self._answer("BatchPutProfileObject", request)
        ids = [item["Id"] for item in request["Items"]]
        fates = {name: self._fates.get(name, "fine") for name in ids}
        answer["Successful"] = [{"Id": name} for name, fate in fates.items() if fate in ("fine", "both")]
        answer["Failed"] = [
            {"Id": name} | ({"Code": fate} if isinstance(fate, int) else {})
            for name, fate in fates.items()
            if isinstance(fate, int) or fate in ("both", "uncoded")
        ]
        return answer


def put(client: Client, *events: Event) -> Answer:
    (request,) = (destination := Profiles(client, "shop", TYPES)).pack(events)
    return destination.put(request)


def test_an_object_says_everything_that_the_call_said() -> None:
    client = Batching()

    answer = put(
        client,
        event(
            1,
            timestamp=1_790_000_000_001,
            attributes={"event_id": "id-1", "page": 'Söhne "A" 😀'},
            metrics={"value": 12.5},
            user_attributes={"plan": "gold"},
        ),
    )

    assert answer.events == {("e-1", "id-1"): Item.DONE}
    (request,) = client.requests
    assert (request["DomainName"], request["ObjectTypeName"]) == ("shop", "shop-public-events")
    assert json.loads(request["Items"][0]["Object"]) == {
        "eventId": "id-1",
        "eventType": "page.view",
        "occurredAt": "2026-09-21T14:13:20.001Z",
        "customerId": "e-1",
        "attributes": {"page": 'Söhne "A" 😀'},
        "metrics": {"value": 12.5},
        "userAttributes": {"plan": "gold"},
    }


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=60), st.booleans())
def test_packing_loses_nothing_and_keeps_the_types_apart(drawn: list[tuple[int, bool]], batching: bool) -> None:
    destination = Profiles(Batching() if batching else Client(), "shop", TYPES)
    events = [event(number, trusted=trusted) for number, trusted in drawn]

    requests = destination.pack(events)

    packed = [event for request in requests for event in request.events.values()]
    assert sorted(map(id, packed)) == sorted(map(id, events))
    for request in requests:
        assert 1 <= len(request.events) == request.units <= (10 if batching else 1)
        assert len({event.trusted for event in request.events.values()}) == 1
    if len(set(drawn)) == len(drawn) == len({number for number, _ in drawn}) and batching:
        by_type = [sum(trusted is kind for _, trusted in drawn) for kind in (False, True)]
        assert len(requests) == sum(-(-count // 10) for count in by_type)


@given(
    st.dictionaries(
        st.integers(0, 9).map(str),
        st.one_of(st.integers(200, 599), st.sampled_from(["fine", "both", "missing", "uncoded"])),
    )
)
def test_each_item_has_its_own_outcome(fates: dict[str, int | str]) -> None:
    events = [event(number) for number in range(10)]

    answer = put(Batching(fates), *events)

    assert answer.call is Call.ANSWERED
    for number, one in enumerate(events):
        fate = fates.get(str(number), "fine")
        if fate == "fine":
            expected = Item.DONE
        elif isinstance(fate, int) and 300 <= fate < 500 and fate != 429:
            expected = Item.NEVER if fate >= 400 else Item.AGAIN
        else:
            expected = Item.AGAIN
        assert answer.events.get(one.key, Item.AGAIN) is expected


def _refusals() -> Iterator[Any]:
    for name in ("PutProfileObject", "BatchPutProfileObject"):
        for shape in MODEL.operation_model(name).error_shapes:
            yield pytest.param(name, shape.name, shape.metadata["error"]["httpStatusCode"], id=f"{name}-{shape.name}")


@pytest.mark.parametrize(("operation", "code", "status"), list(_refusals()))
def test_every_error_of_the_service_model_is_understood(operation: str, code: str, status: int) -> None:
    error = ClientError(
        {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}, operation
    )

    answer = put(Batching(error=error) if operation.startswith("Batch") else Client(error=error), event(1))

    assert answer == Answer(ERRORS[code])


def test_no_answer_is_an_unknown_outcome() -> None:
    assert put(Batching(error=ConnectTimeoutError(endpoint_url="")), event(1)) == Answer(Call.UNKNOWN)


def test_the_client_of_this_sdk_puts_several_objects_at_once() -> None:
    client = SESSION.create_client(
        "customer-profiles", "eu-west-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    destination = Profiles(client, "shop", TYPES)
    (request,) = destination.pack([event(1), event(2)])
    with Stubber(client) as stub:
        stub.add_response(
            "batch_put_profile_object",
            {
                "Successful": [{"Id": "0", "ProfileObjectUniqueKey": "k"}],
                "Failed": [{"Id": "1", "Code": 400, "Message": "no"}],
            },
        )

        answer = destination.put(request)

    assert answer.events == {("e-1", "id-1"): Item.DONE, ("e-2", "id-2"): Item.NEVER}
    assert destination.name is DestinationName.CONNECT


def test_an_older_sdk_puts_each_object_alone() -> None:
    client = Client()
    destination = Profiles(client, "shop", TYPES)

    answers = [destination.put(request) for request in destination.pack([event(1), event(2, trusted=True)])]

    assert [list(answer.events.values()) for answer in answers] == [[Item.DONE], [Item.DONE]]
    assert [request["ObjectTypeName"] for request in client.requests] == ["shop-public-events", "shop-trusted-events"]


def test_an_object_that_is_too_large_is_not_sent_and_stops_no_other() -> None:
    client = Batching()
    large = event(1, user_attributes={f"n{number}": "x" * 100 for number in range(OBJECT_BYTES // 100)})

    assert put(client, large, event(2)).events == {("e-1", "id-1"): Item.TOO_LARGE, ("e-2", "id-2"): Item.DONE}
    assert put(client, large) == Answer(Call.ANSWERED, {("e-1", "id-1"): Item.TOO_LARGE})
    assert [len(request["Items"]) for request in client.requests] == [1]


def test_no_value_is_longer_than_a_profile_takes() -> None:
    attributes = MODEL.shape_for("Attributes")
    shortest = min(attributes.key.metadata["max"], attributes.value.metadata["max"])

    assert max(limits.USER_VALUE_LENGTH, limits.NAME_LENGTH) <= shortest
