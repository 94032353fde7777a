"""The rules of object types."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local_cloud.profiles.place import BAD, EVENTS, FIELDS, KEYS, MISSING, Place, refused

UNIQUE = {"StandardIdentifiers": ["UNIQUE"], "FieldNames": ["eventId"]}
PROFILE = {"StandardIdentifiers": ["PROFILE"], "FieldNames": ["customerId"]}


def test_a_type_says_its_mapping_and_takes_the_expiration_of_its_domain(place: Place) -> None:
    found = place.get_profile_object_type(ObjectTypeName=EVENTS)

    assert (found["Fields"], found["Keys"]) == (FIELDS, KEYS)
    assert (found["ExpirationDays"], found["AllowProfileCreation"]) == (366, False)
    assert [one["ObjectTypeName"] for one in place.list_profile_object_types()["Items"]] == [EVENTS]


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"a": [PROFILE]},
        {"a": [UNIQUE]},
        {"a": [UNIQUE], "b": [UNIQUE], "c": [PROFILE]},
        {"a": [UNIQUE], "b": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": []}]},
        {"a": [UNIQUE], "b": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["nothing"]}]},
        {"a": [UNIQUE], "b": [{"StandardIdentifiers": ["ASSET"], "FieldNames": ["customerId"]}]},
        {"a": [UNIQUE], **{f"k{number}": [PROFILE] for number in range(10)}},
        {"a": [UNIQUE], "b": [{"StandardIdentifiers": ["WHO"], "FieldNames": ["customerId"]}]},
        {"a b": [UNIQUE], "b": [PROFILE]},
    ],
)
def test_keys_that_break_a_rule_are_refused(place: Place, keys: dict[str, Any]) -> None:
    assert refused(place.put_type, name="other", Keys=keys) == BAD


@pytest.mark.parametrize(
    "field",
    [
        {"Source": "customerId"},
        {"Source": "_source"},
        {"Source": "{{_source.a}}"},
        {"Target": "_profile.AccountNumber"},
        {"Source": "_source.a", "Target": "AccountNumber"},
        {"Source": "_source.a", "Target": "_profile.Nothing"},
        {"Source": "_source.a", "Target": "_profile.Attributes"},
        {"Source": "_source.a", "Target": "_profile.Address"},
        {"Source": "_source.a", "Target": "_profile.Address.Street"},
        {"Source": "_source.a", "Target": "_profile.AccountNumber.more"},
        {"Source": "_source.a", "ContentType": "LIST"},
    ],
)
def test_fields_that_break_a_rule_are_refused(place: Place, field: dict[str, str]) -> None:
    assert refused(place.put_type, name="other", Fields={**FIELDS, "extra": field}) == BAD


@pytest.mark.parametrize("target", ["_profile.AccountNumber", "_profile.Attributes.a.b", "_profile.Address.City"])
def test_targets_are_members_of_a_profile(place: Place, target: str) -> None:
    place.put_type("other", Fields={**FIELDS, "extra": {"Source": "_source.a", "Target": target}})


@pytest.mark.parametrize(
    "members",
    [
        {"ExpirationDays": 0},
        {"ExpirationDays": 1099},
        {"MaxProfileObjectCount": 0},
        {"MaxProfileObjectCount": 1001},
        {"TemplateId": "Salesforce-Account"},
        {"Description": ""},
    ],
)
def test_numbers_and_texts_keep_to_their_limits(place: Place, members: dict[str, Any]) -> None:
    assert refused(place.put_type, name="other", **members) == BAD


@pytest.mark.parametrize("name", ["_order", "1st", "a.b"])
def test_names_of_custom_types(place: Place, name: str) -> None:
    assert refused(place.put_type, name=name) == BAD


def test_putting_a_type_again_changes_it_but_not_its_tags(place: Place) -> None:
    place.put_type("other", Tags={"a": "b"})

    place.put_type("other", Description="new", Tags={"c": "d"})

    found = place.get_profile_object_type(ObjectTypeName="other")
    assert (found["Description"], found["Tags"]) == ("new", {"a": "b"})


def test_a_domain_has_a_hundred_types(place: Place) -> None:
    for number in range(99):
        place.put_type(f"t{number}")

    assert refused(place.put_type, name="one-more") == BAD
    place.put_type("t0")


def test_a_type_goes_with_its_objects(place: Place) -> None:
    ada = place.profile("ada")
    place.put("ada", "e1")

    place.delete_profile_object_type(ObjectTypeName=EVENTS)

    assert refused(place.get_profile_object_type, ObjectTypeName=EVENTS) == MISSING
    place.put_type()
    assert place.objects(ada) == []
