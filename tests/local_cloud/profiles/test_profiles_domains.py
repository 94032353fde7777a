"""Domains and their tags, as infrastructure code makes them."""

from __future__ import annotations

import pytest

from tests.local_cloud.profiles.place import BAD, MISSING, Place, refused
from tests.local_cloud.sdk import ACCOUNT, REGION, Client

ARN = f"arn:aws:profile:{REGION}:{ACCOUNT}:domains/shop"


def test_a_domain_says_what_it_was_made_with(place: Place) -> None:
    place.client.create_domain(DomainName="other", DefaultExpirationDays=30, Tags={"a": "b"})

    found = place.get_domain(DomainName="other")

    assert (found["DomainName"], found["DefaultExpirationDays"], found["Tags"]) == ("other", 30, {"a": "b"})
    assert found["CreatedAt"] == place.now
    assert [one["DomainName"] for one in place.client.list_domains()["Items"]] == ["shop", "other"]


def test_a_domain_is_made_once_and_belongs_to_its_account(place: Place) -> None:
    other = Client(place.emulator.handle, "customer-profiles", account="999999999999")

    assert refused(place.create_domain, DefaultExpirationDays=1) == BAD
    assert refused(other.get_domain, DomainName="shop") == MISSING
    assert other.list_domains()["Items"] == []


@pytest.mark.parametrize("days", [0, 1099])
def test_the_expiration_keeps_to_the_limits_of_the_model(place: Place, days: int) -> None:
    assert refused(place.client.create_domain, DomainName="other", DefaultExpirationDays=days) == BAD


def test_what_is_not_emulated_is_refused(place: Place) -> None:
    refusal = refused(
        place.client.create_domain, DomainName="other", DefaultExpirationDays=1, Matching={"Enabled": True}
    )

    assert refusal == BAD


def test_an_update_changes_what_it_names_and_an_empty_queue_removes_it(place: Place) -> None:
    place.update_domain(DefaultExpirationDays=10)
    assert place.get_domain()["DeadLetterQueueUrl"].endswith("/dead")

    place.update_domain(DeadLetterQueueUrl="")

    found = place.get_domain()
    assert "DeadLetterQueueUrl" not in found
    assert found["DefaultExpirationDays"] == 10


def test_a_deleted_domain_is_gone_with_everything_in_it(place: Place) -> None:
    place.profile("ada")

    place.delete_domain()

    assert refused(place.get_domain) == MISSING
    place.create_domain(DefaultExpirationDays=366)
    assert place.found("ada") == []


def test_statistics_meter_a_profile_once_per_hundred_objects(place: Place) -> None:
    place.profile("ada")
    place.profile("bob")
    for number in range(101):
        place.put("ada", f"e{number}")

    stats = place.get_domain()["Stats"]

    assert (stats["ProfileCount"], stats["MeteringProfileCount"], stats["ObjectCount"]) == (2, 3, 101)


@pytest.mark.parametrize("arn", [ARN, f"{ARN}/object-types/shop-events"])
def test_tags_are_added_and_removed(place: Place, arn: str) -> None:
    place.client.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
    place.client.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert place.client.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}

    place.client.untag_resource(resourceArn=arn, tagKeys=["b"])

    assert "tags" not in place.client.list_tags_for_resource(resourceArn=arn)


@pytest.mark.parametrize("arn", [f"{ARN}s", f"{ARN}/object-types/none", f"{ARN}/nothing/x"])
def test_what_does_not_exist_has_no_tags(place: Place, arn: str) -> None:
    assert refused(place.client.list_tags_for_resource, resourceArn=arn) == MISSING
