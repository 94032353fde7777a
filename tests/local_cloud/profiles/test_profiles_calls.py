"""Rates, permissions, faults, the journal and the server."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config

from local_cloud.faults import FaultRuleError, Faults
from local_cloud.profiles import Profiles, Settings
from local_cloud.profiles.server import ProfilesServer
from local_cloud.service.messages import Request
from local_cloud.service.settings import SettingsError
from tests.local_cloud.aws import wait_for
from tests.local_cloud.profiles.place import EVENTS, Place, refused
from tests.local_cloud.sdk import ACCOUNT, REGION

THROTTLED = (429, "ThrottlingException")
TEXT = json.dumps({"customerId": "ada", "eventId": "e1"})


@pytest.fixture
def paced() -> Place:
    """A domain with the quotas of AWS; making it took the first second."""
    place = Place(Settings())
    place.later(seconds=10)
    return place


@pytest.mark.parametrize(
    ("rate", "call"),
    [
        (100, lambda place: place.put_profile_object(ObjectTypeName=EVENTS, Object=TEXT)),
        (100, lambda place: place.search_profiles(KeyName="_account", Values=["ada"])),
        (100, lambda place: place.create_profile(AccountNumber="x")),
        (1, lambda place: place.put_type("other")),
    ],
)
def test_each_operation_has_its_rate(paced: Place, rate: int, call: Callable[[Place], Any]) -> None:
    for _ in range(rate):
        call(paced)

    assert refused(call, place=paced) == THROTTLED
    paced.seconds += 1 / rate + 1e-9
    call(paced)


def test_objects_of_a_batch_count_one_by_one_with_those_that_are_put_singly(paced: Place) -> None:
    items = [{"Id": f"i{number}", "Object": TEXT} for number in range(10)]
    paced.put_profile_object(ObjectTypeName=EVENTS, Object=TEXT)

    for _ in range(9):
        paced.batch_put_profile_object(ObjectTypeName=EVENTS, Items=items)

    assert refused(paced.batch_put_profile_object, ObjectTypeName=EVENTS, Items=items) == THROTTLED
    paced.batch_put_profile_object(ObjectTypeName=EVENTS, Items=items[:9])
    assert refused(paced.put_profile_object, ObjectTypeName=EVENTS, Object=TEXT) == THROTTLED


def test_settings_change_and_wrong_ones_do_not(place: Place) -> None:
    assert place.emulator.configure({"search_profiles_rate": 2})["search_profiles_rate"] == 2
    with pytest.raises(SettingsError):
        place.emulator.configure({"search_rate": 2})


def test_an_object_needs_the_domain_and_its_type() -> None:
    body = json.dumps({"ObjectTypeName": EVENTS, "Object": "{}"}).encode()
    request = Request("PUT", "/domains/shop/profiles/objects", body=body, account=ACCOUNT, region=REGION)

    needed = [(one.action, one.resource) for one in Profiles().front.permissions(request)]

    domain = f"arn:aws:profile:{REGION}:{ACCOUNT}:domains/shop"
    assert needed == [
        ("profile:PutProfileObject", domain),
        ("profile:PutProfileObject", f"{domain}/object-types/{EVENTS}"),
    ]


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("GET", "/domains", [("ListDomains", "*")]),
        ("GET", "/domains/shop", [("GetDomain", "domains/shop")]),
        ("POST", "/domains/shop/profiles/search", [("SearchProfiles", "domains/shop")]),
        ("PUT", "/domains/shop/profiles", [("UpdateProfile", "domains/shop")]),
        ("GET", f"/tags/arn:aws:profile:{REGION}:{ACCOUNT}:domains/shop", [("ListTagsForResource", "domains/shop")]),
        ("GET", "/nothing", [("UnknownOperation", "*")]),
    ],
)
def test_what_a_request_needs(method: str, path: str, needed: list[tuple[str, str]]) -> None:
    found = Profiles().front.permissions(Request(method, path, account=ACCOUNT, region=REGION))

    prefix = f"arn:aws:profile:{REGION}:{ACCOUNT}:"
    assert [(one.action, one.resource.removeprefix(prefix)) for one in found] == [
        (f"profile:{action}", resource) for action, resource in needed
    ]


@pytest.mark.parametrize(("kind", "processed"), [("throttle", False), ("error", True), ("error", False)])
def test_any_operation_fails_to_order(place: Place, kind: str, processed: bool) -> None:
    extra = {"processed": processed} if kind == "error" else {}
    rule = {"target": "profiles.CreateProfile", "kind": kind, "times": 1, "match": {"domain_name": "sh*"}, **extra}
    place.emulator.faults.put([rule])

    assert refused(place.create_profile, AccountNumber="ada")[0] == (429 if kind == "throttle" else 500)
    assert len(place.found("ada")) == processed


def test_rules_name_operations_of_the_model_and_their_own_facts() -> None:
    for rule in (
        {"target": "profiles.Nothing", "kind": "throttle"},
        {"target": "profiles.PutProfileObject", "kind": "item"},
        {"target": "profiles.PutProfileObject", "kind": "throttle", "match": {"application_id": "x"}},
    ):
        with pytest.raises(FaultRuleError):
            Faults([rule])


def test_calls_are_in_the_journal_but_not_what_is_set_up(place: Place) -> None:
    place.put("nobody", "e1")

    (call,) = place.emulator.journal.since()["requests"]

    assert (call["operation"], call["domain_name"], call["status"]) == ("PutProfileObject", "shop", 200)
    assert json.loads(call["request"]["Object"])["eventId"] == "e1"


def test_the_server_answers_what_is_signed_for_it_and_works_in_the_background() -> None:
    with ProfilesServer() as server:
        client: Any = boto3.client(  # type: ignore[call-overload]
            "customer-profiles",
            endpoint_url=server.url,
            region_name=REGION,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": 1}),
        )
        client.create_domain(DomainName="shop", DefaultExpirationDays=1)
        client.put_profile_object_type(
            DomainName="shop",
            ObjectTypeName="t",
            Description="d",
            Fields={"id": {"Source": "_source.id", "Target": "_profile.AccountNumber"}},
            Keys={
                "k": [{"StandardIdentifiers": ["UNIQUE"], "FieldNames": ["id"]}],
                "_account": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["id"]}],
            },
            AllowProfileCreation=True,
        )
        client.put_profile_object(DomainName="shop", ObjectTypeName="t", Object='{"id": "ada"}')

        def found() -> list[Any]:
            return list(client.search_profiles(DomainName="shop", KeyName="_account", Values=["ada"])["Items"])

        assert wait_for("the profile", found)[0]["AccountNumber"] == "ada"
