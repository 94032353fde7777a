"""Arbitrary endpoints: nothing is dropped without being listed, and nobody who opted out can be reached."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.functional.migration.model import faults
from tools.migration.conversion import Conversion, Options, convert
from tools.migration.endpoints import endpoint, number
from tools.migration.naming import Kind
from tools.migration.people import people_of
from tools.migration.profiles import EMAIL_FIELDS, PHONE_FIELDS
from tools.migration.reading import App

CHANNELS = ["EMAIL", "SMS", "VOICE", "GCM", "CUSTOM", ""]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(["x" * 256, "🙂" * 128, "a,b"])
ADDRESSES = st.sampled_from(["a@example.com", "A@example.com", "b@example.com", "+1", "+2", "+3", "+4", "+5", ""])
NAMES = st.sampled_from(["plan", "plan_0", "süß", "s__", "x" * 50, "City", "a.b"])
LISTS = st.dictionaries(NAMES, st.lists(TEXTS, max_size=3), max_size=3)
ENDPOINT = st.fixed_dictionaries(
    {
        "Id": st.sampled_from([f"e{one}" for one in range(6)] + ["u1", "e" * 300]),
        "ChannelType": st.sampled_from(CHANNELS),
        "Address": ADDRESSES,
        "OptOut": st.sampled_from(["NONE", "NONE", "ALL", "", "SOME"]),
        "EndpointStatus": st.sampled_from(["ACTIVE", "ACTIVE", "INACTIVE", ""]),
        "EffectiveDate": st.sampled_from(["", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"]),
        "Attributes": LISTS,
        "Metrics": st.dictionaries(NAMES, st.floats(allow_nan=False, allow_infinity=False), max_size=2),
        "Location": st.dictionaries(st.sampled_from(["City", "Country", "Region", "PostalCode"]), TEXTS, max_size=2),
        "User": st.fixed_dictionaries(
            {"UserAttributes": LISTS}, optional={"UserId": st.sampled_from(["u1", "u2", "e1"])}
        ),
    }
)
OPTIONS = st.builds(Options, st.sampled_from(["endpoint", "user"]), st.sampled_from(["numbered", "joined"]))


def converted(documents: Iterable[dict[str, Any]], options: Options) -> Conversion:
    endpoints = tuple(endpoint(one) for one in documents)
    return convert(App(endpoints, files={"endpoints/all.json": len(endpoints)}), options)


def addresses(result: Conversion) -> set[str]:
    fields = (*EMAIL_FIELDS, *PHONE_FIELDS)
    return {profile[name].casefold() for profile in result.profiles.requests for name in fields if name in profile}


@given(documents=st.lists(ENDPOINT, max_size=6), options=OPTIONS)
def test_who_opted_out_is_never_reachable(documents: list[dict[str, Any]], options: Options) -> None:
    """Whatever other lines say of the endpoint, of the user, or of the address."""
    result = converted(documents, options)

    reachable = addresses(result)
    lines = [endpoint(one) for one in documents]
    out = {one.id for one in lines if one.has_opted_out}
    newest = [one for person in people_of(lines, options.key).all for one in person.endpoints]
    for one in newest:
        if one.id in out and one.channel in ("EMAIL", "SMS", "VOICE"):
            assert not one.address or one.address.casefold() not in reachable
    active = {one.address.casefold() for one in newest if not one.is_inactive and one.id not in out}
    assert reachable <= active


@given(documents=st.lists(ENDPOINT, max_size=6, unique_by=lambda one: one["Id"]), options=OPTIONS)
def test_nothing_is_dropped_without_being_listed(documents: list[dict[str, Any]], options: Options) -> None:
    result = converted(documents, options)

    profiles = {profile["AccountNumber"]: profile for profile in result.profiles.requests}
    listed = {(loss.account, loss.what) for loss in result.profiles.losses}
    gone = {loss.account for loss in result.profiles.losses if loss.what == "the whole profile"}
    silent = {(one.endpoint, one.address) for one in result.profiles.silent}
    assert len(profiles) + len(gone) == len(result.people.all)
    for person in result.people.all:
        if person.key in gone:
            continue
        profile = profiles[person.key]
        kept = {profile.get(name) for name in (*EMAIL_FIELDS, *PHONE_FIELDS)}
        for one in person.endpoints:
            lost = any(account == person.key and what.startswith("Address") for account, what in listed)
            assert one.address in kept or (one.id, one.address) in silent or lost
            places = set(profile.get("Address", {}).values())
            for name, value in one.location.items():
                assert value in places or {(person.key, f"Location.{name}"), (person.key, "Location")} & listed
            values = [("user", name, one.user_attributes[name]) for name in one.user_attributes]
            values += [("endpoint", name, one.attributes[name]) for name in one.attributes]
            values += [("metric", name, (number(value),)) for name, value in one.metrics.items()]
            for kind, name, texts in values:
                what = f"{PLACES[kind]}{name}"
                assert set(texts) <= held(result, profile, kind, name) or (person.key, what) in listed, what


PLACES = {"user": "User.UserAttributes.", "endpoint": "Attributes.", "metric": "Metrics."}


def held(result: Conversion, profile: dict[str, Any], kind: Kind, name: str) -> set[str]:
    attribute = result.names.of(kind, name)
    found = [profile.get("Attributes", {}).get(column) for column in attribute.columns]
    texts = [text for text in found if text is not None]
    return set(texts[0].split(",")) if attribute.joined and texts else set(texts)


@given(documents=st.lists(ENDPOINT, max_size=6), options=OPTIONS)
def test_profiles_keep_the_models_rules(documents: list[dict[str, Any]], options: Options) -> None:
    result = converted(documents, options)

    numbers = [profile["AccountNumber"] for profile in result.profiles.requests]
    assert len(numbers) == len(set(numbers))
    for profile in result.profiles.requests:
        assert faults("customer-profiles", "CreateProfile", {"DomainName": "d", **profile}) == []


@given(documents=st.lists(ENDPOINT, max_size=4))
def test_each_attribute_has_names_of_its_own(documents: list[dict[str, Any]]) -> None:
    names = converted(documents, Options()).names

    columns = [column for one in names.all() for column in one.columns]
    assert len(columns) == len(set(columns))


def person(identifier: str, channel: str, address: str, **rest: Any) -> dict[str, Any]:
    return {"Id": identifier, "ChannelType": channel, "Address": address, "User": {"UserId": "u"}, **rest}


def test_a_users_addresses_are_merged_the_newest_first() -> None:
    documents = [
        person(f"e{day}", "EMAIL", f"{day}@example.com", EffectiveDate=f"2026-01-0{day}T00:00:00Z")
        for day in range(1, 6)
    ]
    documents += [person("s", "SMS", "+1"), person("v", "VOICE", "+1"), person("w", "VOICE", "+2")]

    result = converted(documents, Options(key="user"))

    (profile,) = result.profiles.requests
    assert {name: profile[name] for name in profile if "Email" in name or "Phone" in name} == {
        "EmailAddress": "5@example.com",
        "PersonalEmailAddress": "4@example.com",
        "BusinessEmailAddress": "3@example.com",
        "PhoneNumber": "+1",
        "MobilePhoneNumber": "+2",
    }
    assert [loss.endpoint for loss in result.profiles.losses] == ["e2", "e1"]


@pytest.mark.parametrize(("channel", "kept"), [("EMAIL", {"+1"}), ("SMS", {"a@example.com"})])
def test_a_user_who_opted_out_of_one_channel_keeps_the_other(channel: str, kept: set[str]) -> None:
    documents = [person("e", "EMAIL", "a@example.com"), person("s", "SMS", "+1")]
    for one in documents:
        one["OptOut"] = "ALL" if one["ChannelType"] == channel else "NONE"

    result = converted(documents, Options(key="user"))

    assert addresses(result) == kept
    assert result.profiles.requests[0]["Attributes"]["pinpoint_opted_out"] == channel


def test_an_address_that_moved_to_another_endpoint_is_reached_there() -> None:
    """GIVEN an endpoint that became inactive since another has its address THEN the other one keeps it."""
    documents = [
        person("old", "EMAIL", "a@example.com", EndpointStatus="INACTIVE"),
        person("new", "EMAIL", "a@example.com", EndpointStatus="ACTIVE"),
    ]

    result = converted(documents, Options())

    assert [profile.get("EmailAddress") for profile in result.profiles.requests] == [None, "a@example.com"]


def test_a_profile_for_a_user_is_told_where_segments_differ() -> None:
    """A user with endpoints in two countries: criteria hold if one of them meets them, and the report says so."""
    documents = [person("e", "EMAIL", "a@example.com", Location={"Country": "DE"})]
    documents += [person("s", "SMS", "+1", Location={"Country": "GB"})]

    (entry,) = converted(documents, Options(key="user")).entries

    told = {(finding.outcome, finding.place) for finding in entry.findings}
    assert {("changes", "User.UserId"), ("lost", "Location"), ("changes", "country")} <= told
