"""Profiles: changes, keys and searches."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local_cloud.profiles.place import BAD, MISSING, Place, refused


def test_an_update_keeps_what_it_does_not_name_and_an_empty_text_removes(place: Place) -> None:
    ada = place.profile("ada", FirstName="Ada", LastName="L", Attributes={"a": "1", "b": "2"})

    place.update_profile(ProfileId=ada, FirstName="", Attributes={"a": "", "c": "3"})

    (found,) = place.found("ada")
    assert "FirstName" not in found
    assert (found["LastName"], found["Attributes"]) == ("L", {"b": "2", "c": "3"})


def test_the_last_attribute_takes_the_map_with_it(place: Place) -> None:
    ada = place.profile("ada", Attributes={"a": "1"})

    place.update_profile(ProfileId=ada, Attributes={"a": ""})

    assert "Attributes" not in place.found("ada")[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"Attributes": {"a": ["1"]}},
        {"Attributes": {"a": 1}},
        {"Attributes": {"a": "x" * 256}},
        {"Attributes": {"x" * 256: "1"}},
        {"Attributes": {"": "1"}},
        {"AccountNumber": "x" * 256},
        {"EngagementPreferences": {}},
        {"Attributes": {f"a{number}": "x" * 255 for number in range(1000)}},
    ],
)
def test_fields_that_are_refused(place: Place, fields: dict[str, Any]) -> None:
    ada = place.profile("ada")

    assert refused(place.update_profile, ProfileId=ada, **fields) == BAD
    assert "Attributes" not in place.found("ada")[0]


def test_a_profile_that_does_not_exist_is_not_changed(place: Place) -> None:
    assert refused(place.update_profile, ProfileId="0" * 32, FirstName="x") == MISSING
    assert refused(place.update_profile, ProfileId="who", FirstName="x") == BAD
    assert refused(place.delete_profile, ProfileId="0" * 32) == MISSING


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("_account", "ada"),
        ("_email", "work@example.com"),
        ("_phone", "+441"),
        ("_fullName", "Ada Lovelace"),
        ("custom", "c1"),
    ],
)
def test_a_profile_is_found_by_its_keys(place: Place, key: str, value: str) -> None:
    ada = place.profile(
        "ada", FirstName="Ada", LastName="Lovelace", BusinessEmailAddress="work@example.com", MobilePhoneNumber="+441"
    )
    place.profile("bob")
    place.add_profile_key(ProfileId=ada, KeyName="custom", Values=["c1", "c2"])

    found = place.search_profiles(KeyName=key, Values=[value])["Items"]

    assert [one["ProfileId"] for one in found] == [ada]
    assert found[0]["FoundByItems"] == [{"KeyName": key, "Values": [value]}]


def test_a_profile_is_found_by_its_id_and_not_by_old_values(place: Place) -> None:
    ada = place.profile("ada")

    place.update_profile(ProfileId=ada, AccountNumber="eve")

    assert place.found("ada") == []
    assert len(place.found("eve")) == 1
    assert len(place.search_profiles(KeyName="_profileId", Values=[ada])["Items"]) == 1


@pytest.mark.parametrize(("operator", "count"), [("OR", 2), (None, 2), ("AND", 1)])
def test_several_keys(place: Place, operator: str | None, count: int) -> None:
    place.profile("ada", EmailAddress="x@example.com")
    place.profile("bob", EmailAddress="x@example.com")
    more = [{"KeyName": "_email", "Values": ["x@example.com"]}]
    extra = {"LogicalOperator": operator} if operator else {}

    found = place.search_profiles(KeyName="_account", Values=["ada"], AdditionalSearchKeys=more, **extra)["Items"]

    assert len(found) == count


def test_a_search_comes_in_pages(place: Place) -> None:
    for _ in range(5):
        place.profile("ada")
    search = {"KeyName": "_account", "Values": ["ada"], "MaxResults": 2}

    pages = [place.search_profiles(**search)]
    while "NextToken" in pages[-1]:
        pages.append(place.search_profiles(**search, NextToken=pages[-1]["NextToken"]))

    assert [len(one["Items"]) for one in pages] == [2, 2, 1]
    assert len({one["ProfileId"] for page in pages for one in page["Items"]}) == 5
    assert refused(place.search_profiles, **search, NextToken="x") == BAD


@pytest.mark.parametrize(
    "search",
    [
        {"Values": ["a", "b"]},
        {"MaxResults": 101},
        {"AdditionalSearchKeys": [{"KeyName": "_email", "Values": ["x"]}] * 5},
        {"LogicalOperator": "XOR"},
    ],
)
def test_searches_that_are_refused(place: Place, search: dict[str, Any]) -> None:
    assert refused(place.search_profiles, **{"KeyName": "_account", "Values": ["ada"], **search}) == BAD


def test_several_profiles_are_fetched_at_once(place: Place) -> None:
    ada = place.profile("ada")

    answer = place.batch_get_profile(ProfileIds=[ada, "0" * 32])

    assert [one["AccountNumber"] for one in answer["Profiles"]] == ["ada"]
    assert [one["ProfileId"] for one in answer["Errors"]] == ["0" * 32]
    assert refused(place.batch_get_profile, ProfileIds=[ada] * 21) == BAD


def test_a_key_that_was_taken_away_finds_nothing(place: Place) -> None:
    ada = place.profile("ada")
    place.add_profile_key(ProfileId=ada, KeyName="custom", Values=["c1"])

    place.delete_profile_key(ProfileId=ada, KeyName="custom", Values=["c1"])

    assert place.search_profiles(KeyName="custom", Values=["c1"])["Items"] == []
    assert refused(place.delete_profile_key, ProfileId=ada, KeyName="custom", Values=["c1"]) == MISSING


def test_a_deleted_profile_is_found_no_more_and_its_objects_are_gone(place: Place) -> None:
    ada = place.profile("ada")
    place.put("ada", "e1")

    place.delete_profile(ProfileId=ada)

    assert place.found("ada") == []
    assert place.get_domain()["Stats"]["ObjectCount"] == 0
