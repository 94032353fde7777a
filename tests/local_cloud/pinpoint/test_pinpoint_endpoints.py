from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_cloud.pinpoint.endpoint_rules import ENDPOINT_BYTES
from local_cloud.pinpoint.endpoint_store import EndpointStore
from local_cloud.service.messages import ServiceError
from local_cloud.service.text import size
from tests.local_cloud.pinpoint.conftest import NOW, App, status_of

EMOJI = "\U0001f600"


def test_an_endpoint_is_created_read_and_deleted(app: App) -> None:
    app.update(
        "ada",
        ChannelType="EMAIL",
        Address="ada@example.com",
        Attributes={"colors": ["red", "blue"]},
        Metrics={"age": 36.5},
        Demographic={"Timezone": "Europe/London"},
        Location={"Country": "GBR", "Latitude": 51.5},
        User={"UserId": "u1", "UserAttributes": {"plan": ["gold"]}},
    )

    read = app.get("ada")
    assert read["Id"] == "ada"
    assert read["ApplicationId"] == app.id
    assert read["Attributes"] == {"colors": ["red", "blue"]}
    assert read["Metrics"] == {"age": 36.5}
    assert read["Location"] == {"Country": "GBR", "Latitude": 51.5}
    assert read["User"] == {"UserId": "u1", "UserAttributes": {"plan": ["gold"]}}
    assert (read["EndpointStatus"], read["OptOut"]) == ("ACTIVE", "NONE")
    assert 0 <= int(read["CohortId"]) <= 99
    deleted = app.client.delete_endpoint(ApplicationId=app.id, EndpointId="ada")
    assert deleted["EndpointResponse"] == read
    assert status_of(lambda: app.get("ada")) == (404, "NotFoundException")
    assert status_of(lambda: app.client.delete_endpoint(ApplicationId=app.id, EndpointId="ada"))[0] == 404


def test_given_names_replace_their_old_values_and_others_stay(app: App) -> None:
    app.update("ada", Attributes={"a": ["1", "2"], "b": ["1"]}, Metrics={"m": 1, "n": 1}, Address="x", OptOut="ALL")
    app.update("ada", Attributes={"a": ["3"], "c": ["1"]}, Metrics={"n": 2}, Location={"City": "Rome"})

    read = app.get("ada")
    assert read["Attributes"] == {"a": ["3"], "b": ["1"], "c": ["1"]}
    assert read["Metrics"] == {"m": 1.0, "n": 2.0}
    assert (read["Address"], read["OptOut"], read["Location"]) == ("x", "ALL", {"City": "Rome"})


def test_an_empty_list_clears_a_name(app: App) -> None:
    app.update("ada", Attributes={"a": ["1"], "b": ["1"]}, User={"UserAttributes": {"plan": ["gold"]}})
    app.update("ada", Attributes={"a": []}, User={"UserAttributes": {"plan": []}})

    read = app.get("ada")
    assert read["Attributes"] == {"b": ["1"]}
    assert "User" not in read


def test_put_events_merges_the_endpoint_the_same_way(app: App) -> None:
    app.put_endpoint("ada", Attributes={"a": ["1"], "b": ["1"]})
    app.put_endpoint("ada", Attributes={"a": ["2"]}, User={"UserAttributes": {"plan": ["gold"]}})

    read = app.get("ada")
    assert read["Attributes"] == {"a": ["2"], "b": ["1"]}
    assert read["User"] == {"UserAttributes": {"plan": ["gold"]}}


def test_an_empty_endpoint_in_put_events_creates_but_never_changes(app: App) -> None:
    app.update("off", EndpointStatus="INACTIVE", OptOut="ALL")
    before = app.get("off")

    assert app.put_endpoint("off") == 202
    assert app.put_endpoint("new") == 202

    assert app.get("off") == before
    assert app.get("new")["EndpointStatus"] == "ACTIVE"


def test_an_update_makes_an_endpoint_active_unless_it_says_otherwise(app: App) -> None:
    app.update("ada", EndpointStatus="INACTIVE")
    assert app.get("ada")["EndpointStatus"] == "INACTIVE"
    app.put_endpoint("ada", Attributes={"a": ["1"]})
    assert app.get("ada")["EndpointStatus"] == "ACTIVE"


def test_another_endpoint_with_the_same_address_turns_inactive(app: App) -> None:
    app.update("old", Address="ada@example.com")
    app.update("other", Address="bob@example.com")
    app.update("new", Address="ada@example.com")
    assert [app.get(name)["EndpointStatus"] for name in ("old", "other", "new")] == ["INACTIVE", "ACTIVE", "ACTIVE"]

    app.update("new", Address="moved@example.com")
    app.update("old", Attributes={"a": ["1"]})
    assert [app.get(name)["EndpointStatus"] for name in ("old", "other", "new")] == ["ACTIVE", "ACTIVE", "ACTIVE"]


def test_endpoint_ids_are_case_insensitive(app: App) -> None:
    app.update("Ada", Attributes={"a": ["1"]})
    app.update("ADA", Attributes={"b": ["1"]})

    assert app.get("ada")["Attributes"] == {"a": ["1"], "b": ["1"]}
    assert app.get("ada")["Id"] == "Ada"


@pytest.mark.parametrize("endpoint_id", ["a/b", "a b", "a%2Fb", "ü", "a+b", EMOJI, "a?b#c"])
def test_any_other_character_may_be_in_an_endpoint_id(app: App, endpoint_id: str) -> None:
    app.update(endpoint_id, Attributes={"a": ["1"]})

    assert app.get(endpoint_id)["Id"] == endpoint_id
    assert app.put_endpoint(endpoint_id, Attributes={"b": ["1"]}) == 202
    assert app.get(endpoint_id)["Attributes"] == {"a": ["1"], "b": ["1"]}


@pytest.mark.parametrize("endpoint_id", ["a$b", "{id}", "a}"])
def test_forbidden_characters_in_an_endpoint_id_are_refused(app: App, endpoint_id: str) -> None:
    assert status_of(lambda: app.update(endpoint_id, Attributes={})) == (400, "BadRequestException")
    assert app.put_endpoint(endpoint_id) == 400


# Users


def test_user_attributes_reach_every_endpoint_of_the_user(app: App) -> None:
    app.update("phone", User={"UserId": "u1", "UserAttributes": {"plan": ["gold"], "city": ["Rome"]}})
    app.update("mail", User={"UserId": "u1"})
    app.update("stranger", User={"UserId": "u2", "UserAttributes": {"plan": ["free"]}})
    app.put_endpoint("mail", User={"UserAttributes": {"plan": ["silver"]}})

    for name in ("phone", "mail"):
        assert app.get(name)["User"]["UserAttributes"] == {"plan": ["silver"], "city": ["Rome"]}
    assert app.get("stranger")["User"]["UserAttributes"] == {"plan": ["free"]}


def test_an_endpoint_that_changes_hands_takes_the_new_users_attributes(app: App) -> None:
    app.update("shared", User={"UserId": "u1", "UserAttributes": {"plan": ["gold"]}})
    app.update("phone", User={"UserId": "u2", "UserAttributes": {"city": ["Rome"]}})
    app.update("shared", User={"UserId": "u2"})

    assert app.get("shared")["User"] == {"UserId": "u2", "UserAttributes": {"city": ["Rome"]}}


def test_attributes_of_an_endpoint_without_user_come_along(app: App) -> None:
    app.update("phone", User={"UserAttributes": {"plan": ["gold"]}})
    app.update("phone", User={"UserId": "u1"})

    assert app.get("phone")["User"] == {"UserId": "u1", "UserAttributes": {"plan": ["gold"]}}


def test_the_endpoints_of_a_user_are_listed(app: App) -> None:
    app.update("a", User={"UserId": "u/1"})
    app.update("b", User={"UserId": "u/1"})
    app.update("c", User={"UserId": "u2"})

    listed = app.client.get_user_endpoints(ApplicationId=app.id, UserId="u/1")["EndpointsResponse"]["Item"]
    assert sorted(item["Id"] for item in listed) == ["a", "b"]
    assert status_of(lambda: app.client.get_user_endpoints(ApplicationId=app.id, UserId="nobody"))[0] == 404


@pytest.mark.parametrize("channel", ["SMS", "PUSH", "VOICE", "EMAIL", "CUSTOM", "IN_APP"])
def test_a_sixteenth_endpoint_of_a_user_is_refused(app: App, channel: str) -> None:
    for number in range(15):
        app.update(f"e{number}", ChannelType=channel, User={"UserId": "u1"})

    assert status_of(lambda: app.update("e15", ChannelType=channel, User={"UserId": "u1"})) == (
        400,
        "BadRequestException",
    )
    assert app.put_endpoint("e15", ChannelType=channel, User={"UserId": "u1"}) == 400
    app.update("e14", Attributes={"a": ["1"]}, User={"UserId": "u1"})
    app.client.delete_endpoint(ApplicationId=app.id, EndpointId="e3")
    app.update("e15", ChannelType=channel, User={"UserId": "u1"})


def test_a_sixteenth_push_endpoint_pushes_out_the_one_that_is_longest_unused(app: App) -> None:
    for number in range(15):
        app.update(
            f"e{number}",
            ChannelType="EMAIL" if number == 0 else "GCM",
            EffectiveDate=f"2026-01-{(number + 7) % 15 + 1:02}T00:00:00Z",
            User={"UserId": "u1", "UserAttributes": {"plan": ["gold"]}},
        )

    app.update("e15", ChannelType="APNS", User={"UserId": "u1"})

    pushed_out = app.get("e8")
    assert pushed_out["EffectiveDate"] == "2026-01-01T00:00:00Z"
    assert pushed_out["EndpointStatus"] == "INACTIVE"
    assert "UserId" not in pushed_out.get("User", {})
    listed = app.client.get_user_endpoints(ApplicationId=app.id, UserId="u1")["EndpointsResponse"]["Item"]
    assert {item["Id"] for item in listed} == {f"e{number}" for number in range(16) if number != 8}


def test_a_push_endpoint_cannot_push_out_another_channel(app: App) -> None:
    for number in range(15):
        app.update(f"e{number}", ChannelType="EMAIL", User={"UserId": "u1"})

    assert status_of(lambda: app.update("push", ChannelType="GCM", User={"UserId": "u1"}))[0] == 400


# Limits


@pytest.mark.parametrize(
    ("members", "broken"),
    [
        ({"Attributes": {"n" * 50: ["v"]}}, {"Attributes": {"n" * 51: ["v"]}}),
        ({"Metrics": {"n" * 50: 1}}, {"Metrics": {"n" * 51: 1}}),
        ({"User": {"UserAttributes": {"n" * 50: ["v"]}}}, {"User": {"UserAttributes": {"n" * 51: ["v"]}}}),
        ({"Attributes": {"n": ["v" * 100]}}, {"Attributes": {"n": ["v" * 101]}}),
        ({"User": {"UserAttributes": {"n": ["v" * 100]}}}, {"User": {"UserAttributes": {"n": ["v" * 101]}}}),
        ({"Attributes": {"n": [EMOJI * 50]}}, {"Attributes": {"n": [EMOJI * 50 + "v"]}}),
        ({"Attributes": {"n": ["日" * 100]}}, {"Attributes": {"n": ["日" * 101]}}),
        ({"Attributes": {"n": ["v"] * 50}}, {"Attributes": {"n": ["v"] * 51}}),
        ({"Attributes": {"n": ["v"]}}, {"Attributes": {"": ["v"]}}),
        ({"OptOut": "ALL"}, {"OptOut": "SOME"}),
        ({"EndpointStatus": "INACTIVE"}, {"EndpointStatus": "OFF"}),
        ({"EffectiveDate": NOW}, {"EffectiveDate": "yesterday"}),
        ({"User": {"UserId": "u"}}, {"User": {"UserId": ""}}),
        ({"User": {"UserId": "u"}}, {"User": {"UserId": "${u}"}}),
    ],
)
def test_limits_hold_exactly(app: App, members: dict[str, Any], broken: dict[str, Any]) -> None:
    assert app.put_endpoint("ada", **members) == 202
    before = app.get("ada")

    assert status_of(lambda: app.update("ada", **broken)) == (400, "BadRequestException")
    assert app.put_endpoint("ada", **broken) == 400
    assert app.get("ada") == before


def test_an_application_has_at_most_250_names_over_all_kinds(app: App) -> None:
    for start in range(0, 80, 20):
        app.update(f"a{start}", Attributes={f"n{number}": ["v"] for number in range(start, start + 20)})
    app.update("metrics", Metrics={f"n{number}": 1 for number in range(80)})
    app.update("users", User={"UserAttributes": {f"n{number}": ["v"] for number in range(89)}})
    app.update("last", Attributes={"last": ["v"]})

    assert status_of(lambda: app.update("one", Attributes={"more": ["v"]})) == (400, "BadRequestException")
    assert app.put_endpoint("one", Metrics={"last": 1}) == 400
    assert app.put_endpoint("one", Attributes={"n0": ["v"], "last": ["v"], "cleared": []}) == 202
    app.client.delete_endpoint(ApplicationId=app.id, EndpointId="last")
    assert app.put_endpoint("one", Attributes={"more": ["v"]}) == 400


def test_an_endpoint_has_at_most_15_kilobytes(app: App) -> None:
    app.update("ada", Attributes={f"n{number:02}": ["v" * 100] * 5 for number in range(25)})
    missing = ENDPOINT_BYTES - size(app.server.pinpoint.endpoints(app.id)["ada"])  # type: ignore[index]
    address = "x" * (missing - len(',"Address":""'))

    app.update("ada", Address=address)
    assert status_of(lambda: app.update("ada", Address=address + "x")) == (400, "BadRequestException")
    assert app.get("ada")["Address"] == address


# Batches


def test_a_batch_updates_up_to_100_endpoints(app: App) -> None:
    items = [{"Id": f"e{number}", "Attributes": {"n": [str(number)]}} for number in range(101)]

    def update(items: list[dict[str, Any]]) -> int:
        answer = app.client.update_endpoints_batch(ApplicationId=app.id, EndpointBatchRequest={"Item": items})
        return int(answer["ResponseMetadata"]["HTTPStatusCode"])

    assert status_of(lambda: update(items))[0] == 400
    assert status_of(lambda: update([]))[0] == 400
    assert app.server.pinpoint.endpoints(app.id) == {}
    assert update(items[:100]) == 202
    assert app.get("e99")["Attributes"] == {"n": ["99"]}


@pytest.mark.parametrize(
    "bad",
    [
        {"Id": "bad", "Attributes": {"n": ["v" * 101]}},
        {"Attributes": {"n": ["v"]}},
        {"Id": "bad", "User": {"UserId": "full"}},
    ],
)
def test_one_bad_item_fails_the_whole_batch(app: App, bad: dict[str, Any]) -> None:
    for number in range(15):
        app.update(f"full{number}", User={"UserId": "full"})
    before = app.server.pinpoint.snapshot()
    good = [
        {"Id": "full1", "Address": "x", "User": {"UserAttributes": {"plan": ["gold"]}}},
        {"Id": "full2", "Address": "x"},
        {"Id": "new", "Attributes": {"a": ["1"]}},
    ]

    status = status_of(
        lambda: app.client.update_endpoints_batch(ApplicationId=app.id, EndpointBatchRequest={"Item": [*good, bad]})
    )

    assert status == (400, "BadRequestException")
    after = app.server.pinpoint.snapshot()
    assert after["applications"] == before["applications"]


# For people and tests


def test_changes_are_listed_with_a_bound(app: App) -> None:
    app.update("ada", Attributes={"a": ["1"]})
    app.client.delete_endpoint(ApplicationId=app.id, EndpointId="ada")

    changes = app.server.pinpoint.endpoint_changes(app.id)
    assert changes is not None
    assert [(change["endpoint_id"], change["change"]) for change in changes] == [
        ("ada", {"Attributes": {"a": ["1"]}}),
        ("ada", None),
    ]
    for _ in range(6):
        items = [{"Id": f"e{number}"} for number in range(100)]
        app.client.update_endpoints_batch(ApplicationId=app.id, EndpointBatchRequest={"Item": items})
    assert len(app.server.pinpoint.endpoint_changes(app.id) or []) == 500
    assert app.server.pinpoint.endpoint_changes("unknown") is None
    assert app.server.pinpoint.endpoints("unknown") is None


# Properties

NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.lists(st.text(max_size=3), min_size=1, max_size=3)
CHANGES = st.lists(st.dictionaries(NAMES, VALUES, min_size=1), max_size=6)


@given(CHANGES)
def test_the_last_writer_of_a_name_wins(changes: list[dict[str, list[str]]]) -> None:
    store = EndpointStore("app")
    expected: dict[str, list[str]] = {}
    for change in changes:
        store.update("ada", {"Attributes": change, "User": {"UserAttributes": change}}, NOW, "request")
        expected |= change

    if changes:
        assert store.get("ada")["Attributes"] == expected
        assert store.get("ada")["User"]["UserAttributes"] == expected


STEPS = st.lists(
    st.tuples(
        st.sampled_from([f"e{number}" for number in range(20)]),
        st.one_of(
            st.none(),
            st.fixed_dictionaries(
                {},
                optional={
                    "Address": st.sampled_from(["x", "y"]),
                    "ChannelType": st.sampled_from(["GCM", "EMAIL"]),
                    "User": st.fixed_dictionaries(
                        {},
                        optional={
                            "UserId": st.sampled_from(["u1", "u1", "u1", "u2"]),
                            "UserAttributes": st.dictionaries(NAMES, VALUES | st.just([])),
                        },
                    ),
                },
            ),
        ),
    ),
    max_size=60,
)


@given(STEPS)
def test_users_addresses_and_indexes_stay_consistent(steps: list[tuple[str, dict[str, Any] | None]]) -> None:
    store = EndpointStore("app")
    for endpoint_id, change in steps:
        before = store.snapshot()
        try:
            if change is None:
                store.delete(endpoint_id, NOW)
            else:
                store.update(endpoint_id, change, NOW, "request")
        except ServiceError:
            assert store.snapshot() == before
            continue
        address = change and store.get(endpoint_id).get("Address")
        if address:
            sharing = [one for one in store.documents().values() if one.get("Address") == address]
            assert [one["Id"] for one in sharing if one["EndpointStatus"] == "ACTIVE"] == [endpoint_id]

    for user_id in ("u1", "u2"):
        owned = [one for one in store.documents().values() if one.get("User", {}).get("UserId") == user_id]
        assert len(owned) <= 15
        assert sorted(one["Id"] for one in owned) == sorted(one["Id"] for one in store.of_user(user_id))
        assert all(one["User"].get("UserAttributes") == owned[0]["User"].get("UserAttributes") for one in owned)
    again = EndpointStore.restored("app", store.snapshot())
    assert again.snapshot() == store.snapshot()
    assert again.of_user("u1") == store.of_user("u1")


@given(STEPS)
def test_one_endpoint_is_seen_as_all_are(steps: list[tuple[str, dict[str, Any] | None]]) -> None:
    store = EndpointStore("app")
    for second, (endpoint_id, change) in enumerate(steps):
        moment = f"2026-01-02T03:04:{second:02}.000Z"
        with contextlib.suppress(ServiceError):
            if change is None:
                store.delete(endpoint_id, moment)
            else:
                store.update(endpoint_id, change, moment, "request")

    for second in range(0, 60, 7):
        moment = f"2026-01-02T03:04:{second:02}.500Z"
        seen = {one["Id"]: one for one in store.documents_at(moment)}
        assert [store.document_at(f"E{number}", moment) for number in range(20)] == [
            seen.get(f"e{number}") for number in range(20)
        ]
