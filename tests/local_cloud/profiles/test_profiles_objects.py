"""Objects: what is taken, which profile they find, what they change, how long they stay."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_cloud.profiles import Profiles
from tests.local_cloud.profiles.place import BAD, EVENTS, FIELDS, KEYS, MISSING, Place, refused

TRUSTED: dict[str, Any] = {
    "AllowProfileCreation": True,
    "Fields": {**FIELDS, "customerId": {"Source": "_source.customerId", "Target": "_profile.AccountNumber"}},
    "Keys": {**KEYS, "_account": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["customerId"]}]},
}


def test_an_object_finds_its_profile_and_maps_its_attributes(place: Place) -> None:
    ada = place.profile("ada", Attributes={"tier": "silver", "kept": "yes"})

    place.put("ada", "e1", userAttributes={"tier": "gold", "undeclared": "x"})

    assert place.attributes(ada) == {"tier": "gold", "kept": "yes"}
    assert [one["eventId"] for one in place.objects(ada)] == ["e1"]


def test_the_answer_comes_before_the_object_has_its_profile(place: Place) -> None:
    ada = place.profile("ada")

    place.put_profile_object(ObjectTypeName=EVENTS, Object=json.dumps({"customerId": "ada", "eventId": "e"}))
    assert place.objects(ada) == []
    place.work()

    assert len(place.objects(ada)) == 1


def test_an_object_without_a_profile_succeeds_and_becomes_a_dead_letter(place: Place) -> None:
    key = place.put("nobody", "e1")

    assert place.found("nobody") == []
    assert [(one["profileObjectUniqueKey"], one["objectTypeName"]) for one in place.queue.messages] == [(key, EVENTS)]
    assert json.loads(place.queue.messages[0]["object"])["eventId"] == "e1"


@pytest.mark.parametrize("refusing", [True, False])
def test_a_dead_letter_that_no_queue_takes_is_lost_and_said(
    place: Place, caplog: pytest.LogCaptureFixture, refusing: bool
) -> None:
    place.queue.refusing = refusing
    if not refusing:
        place.update_domain(DeadLetterQueueUrl="")

    place.put("nobody", "e1")

    assert place.queue.messages == []
    assert "an object of shop is lost" in caplog.text


def test_a_type_that_may_make_profiles_makes_one_and_finds_it_again(place: Place) -> None:
    place.put_type("trusted", **TRUSTED)

    place.put("eve", "e1", "trusted", userAttributes={"tier": "gold"})
    place.put("eve", "e2", "trusted")

    (eve,) = place.found("eve")
    assert (eve["AccountNumber"], eve["Attributes"]) == ("eve", {"tier": "gold"})
    assert len(place.objects(eve["ProfileId"], "trusted")) == 2


def test_the_same_unique_key_overwrites_and_that_of_another_customer_does_not(place: Place) -> None:
    ada, bob = place.profile("ada"), place.profile("bob")

    first = place.put("ada", "e1", eventType="view")
    second = place.put("ada", "e1", eventType="buy")
    other = place.put("bob", "e1")

    assert first == second != other
    assert [one["eventType"] for one in place.objects(ada)] == ["buy"]
    assert len(place.objects(bob)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        '{"customerId": "ada"}',
        '{"customerId": "ada", "eventId": ""}',
        '{"customerId": "ada", "eventId": null}',
        '{"customerId": "ada", "eventId": ["e"]}',
        json.dumps({"customerId": "ada", "eventId": "e", "x": "é" * 128_000}, ensure_ascii=False),
        json.dumps({"customerId": "ada", "eventId": "e", "x": "e" * 256_000}),
    ],
)
def test_objects_that_are_refused(place: Place, text: str) -> None:
    assert refused(place.put_profile_object, ObjectTypeName=EVENTS, Object=text) == BAD


def test_an_object_of_a_type_that_does_not_exist_is_refused(place: Place) -> None:
    assert refused(place.put_profile_object, ObjectTypeName="none", Object="{}") == MISSING


def test_a_batch_says_what_became_of_each_item(place: Place) -> None:
    ada = place.profile("ada")
    good = json.dumps({"customerId": "ada", "eventId": "e1"})

    answer = place.batch_put_profile_object(
        ObjectTypeName=EVENTS, Items=[{"Id": "a", "Object": good}, {"Id": "b", "Object": "{}"}]
    )
    place.work()

    assert [one["Id"] for one in answer["Successful"]] == ["a"]
    assert [(one["Id"], one["Code"]) for one in answer["Failed"]] == [("b", 400)]
    assert len(place.objects(ada)) == 1


@pytest.mark.parametrize("ids", [[], ["a"] * 2, ["a.b"], [str(number) for number in range(11)]])
def test_batches_that_are_refused(place: Place, ids: list[str]) -> None:
    items = [{"Id": one, "Object": "{}"} for one in ids]

    assert refused(place.batch_put_profile_object, ObjectTypeName=EVENTS, Items=items) == BAD


def test_an_item_fails_to_order(place: Place) -> None:
    ada = place.profile("ada")
    rule = {"target": "profiles.BatchPutProfileObject", "kind": "item", "status": 503, "match": {"object": '*"e2"*'}}
    place.emulator.faults.put([rule])
    items = [
        {"Id": number, "Object": json.dumps({"customerId": "ada", "eventId": number})} for number in ("e1", "e2", "e3")
    ]

    answer = place.batch_put_profile_object(ObjectTypeName=EVENTS, Items=items)
    place.work()

    assert [(one["Id"], one["Code"]) for one in answer["Failed"]] == [("e2", 503)]
    assert [one["eventId"] for one in place.objects(ada)] == ["e3", "e1"]


def test_an_ambiguous_key_is_ignored(place: Place) -> None:
    place.profile("ada")
    place.profile("ada")

    place.put("ada", "e1")

    assert len(place.queue.messages) == 1


def test_a_secondary_key_is_tried_last(place: Place) -> None:
    keys = {
        "_email": [{"StandardIdentifiers": ["PROFILE", "SECONDARY", "LOOKUP_ONLY"], "FieldNames": ["email"]}],
        **KEYS,
    }
    place.put_type("other", Fields={**FIELDS, "email": {"Source": "_source.email"}}, Keys=keys)
    ada, bob = place.profile("ada"), place.profile("bob", EmailAddress="x@example.com")

    place.put("ada", "e1", "other", email="x@example.com")
    place.put("nobody", "e2", "other", email="x@example.com")

    assert [one["eventId"] for one in place.objects(ada, "other")] == ["e1"]
    assert [one["eventId"] for one in place.objects(bob, "other")] == ["e2"]


@pytest.mark.parametrize(
    ("identifiers", "is_kept", "is_kept_when_new"),
    [(["PROFILE"], 1, 1), (["PROFILE", "NEW_ONLY"], 0, 1), (["PROFILE", "LOOKUP_ONLY"], 0, 0)],
)
def test_which_keys_a_profile_keeps(place: Place, identifiers: list[str], is_kept: int, is_kept_when_new: int) -> None:
    keys = {**KEYS, "cookie": [{"StandardIdentifiers": identifiers, "FieldNames": ["cookie"]}]}
    fields = {**FIELDS, "cookie": {"Source": "_source.cookie"}}
    place.put_type("other", Fields=fields, Keys=keys, AllowProfileCreation=True)
    place.profile("ada")

    place.put("ada", "e1", "other", cookie="known")
    place.put("nobody", "e2", "other", cookie="new")

    assert len(place.search_profiles(KeyName="cookie", Values=["known"])["Items"]) == is_kept
    assert len(place.search_profiles(KeyName="cookie", Values=["new"])["Items"]) == is_kept_when_new


@pytest.mark.parametrize("value", ["", None, ["a"], {"a": "b"}])
def test_a_value_that_is_no_text_changes_nothing(place: Place, value: object) -> None:
    ada = place.profile("ada", Attributes={"tier": "gold"})

    place.put("ada", "e1", userAttributes={"tier": value})

    assert place.attributes(ada) == {"tier": "gold"}


@pytest.mark.parametrize(("value", "text"), [(1.5, "1.5"), (7, "7"), (True, "true")])
def test_numbers_and_truths_become_texts(place: Place, value: object, text: str) -> None:
    ada = place.profile("ada")

    place.put("ada", "e1", userAttributes={"tier": value})

    assert place.attributes(ada) == {"tier": text}


def test_a_value_too_long_for_a_profile_makes_the_object_a_dead_letter(place: Place) -> None:
    ada = place.profile("ada")

    place.put("ada", "e1", userAttributes={"tier": "x" * 256})

    assert place.objects(ada) == []
    assert len(place.queue.messages) == 1


def test_the_oldest_objects_of_a_type_go_when_there_are_too_many(place: Place) -> None:
    place.put_type(MaxProfileObjectCount=2)
    ada = place.profile("ada")

    for event in ("e1", "e2", "e2", "e3"):
        place.put("ada", event)

    assert [one["eventId"] for one in place.objects(ada)] == ["e3", "e2"]


def test_a_profile_has_a_thousand_objects(place: Place) -> None:
    ada = place.profile("ada")
    for number in range(1001):
        place.put("ada", f"e{number}")
    place.put("ada", "e0", eventType="again")

    (domain,) = place.emulator.domains()
    (profile,) = place.emulator.profiles(domain["arn"]) or []
    assert (profile["ProfileId"], len(profile["objects"])) == (ada, 1000)
    assert len(place.queue.messages) == 1
    assert json.loads(profile["objects"][-1]["text"])["eventType"] == "again"


@pytest.mark.parametrize(("factor", "duration"), [(1, {"days": 30}), (86_400, {"seconds": 30})])
def test_objects_go_after_their_days(place: Place, factor: float, duration: dict[str, float]) -> None:
    place.factor = factor
    place.put_type(ExpirationDays=30)
    ada = place.profile("ada")
    place.put("ada", "e1")

    place.later(**{unit: number - 0.001 for unit, number in duration.items()})
    assert len(place.objects(ada)) == 1
    place.later(**dict.fromkeys(duration, 0.001))

    assert place.objects(ada) == []


def test_an_object_is_deleted_by_its_key(place: Place) -> None:
    ada = place.profile("ada")
    key = place.put("ada", "e1")
    names = {"ObjectTypeName": EVENTS, "ProfileId": ada}

    place.delete_profile_object(ProfileObjectUniqueKey=key, **names)

    assert place.objects(ada) == []
    assert refused(place.delete_profile_object, ProfileObjectUniqueKey=key, **names) == MISSING


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from(["e1", "e2", "e3"]), st.sampled_from(["gold", "silver", ""])),
        max_size=12,
    )
)
def test_state_is_the_same_after_it_was_saved_and_restored_at_any_moment(events: list[tuple[str, str, str]]) -> None:
    place = Place()
    ids = {name: place.profile(name) for name in "ab"}
    for customer, event, tier in events:
        text = json.dumps({"customerId": customer, "eventId": event, "userAttributes": {"tier": tier}})
        place.put_profile_object(ObjectTypeName=EVENTS, Object=text)

    saved = json.loads(json.dumps(place.emulator.snapshot()))
    restored = Profiles(wall_clock=lambda: place.now)
    restored.restore(saved)
    for emulator in (place.emulator, restored):
        emulator.work.do()

    arn = place.emulator.domains()[0]["arn"]
    assert restored.profiles(arn) == place.emulator.profiles(arn)
    last = {customer: tier for customer, _, tier in events if tier}
    assert {name: place.attributes(ids[name]).get("tier") for name in "ab"} == {n: last.get(n) for n in "ab"}
