from __future__ import annotations

import threading
from typing import Any

import pytest

from local_cloud.faults import PUT_EVENTS, SEND_MESSAGE, STAGE, Fault, FaultRuleError, Faults


def test_a_rule_without_times_fails_for_ever() -> None:
    faults = Faults([{"target": STAGE, "kind": "throttle"}])

    assert all(faults.take(STAGE, api="a", stage="prod") for _ in range(100))


def test_a_rule_is_used_up_after_its_times() -> None:
    faults = Faults([{"target": PUT_EVENTS, "kind": "throttle", "times": 2}])

    taken = [faults.take(PUT_EVENTS, application_id="a") is not None for _ in range(4)]

    assert taken == [True, True, False, False]
    assert faults.rules()[0]["times"] == 0


def test_the_first_rule_that_applies_wins_and_only_that_one_is_used_up() -> None:
    faults = Faults(
        [
            {"target": SEND_MESSAGE, "kind": "refuse", "times": 1, "code": "First", "match": {"queue": "shop-*"}},
            {"target": SEND_MESSAGE, "kind": "refuse", "times": 1, "code": "Second", "status": 403},
        ]
    )

    other = faults.take(SEND_MESSAGE, queue="other")
    shop = faults.take(SEND_MESSAGE, queue="shop-events")

    assert (other.code, other.status) == ("Second", 403) if other else False
    assert shop == Fault(SEND_MESSAGE, "refuse", code="First")
    assert faults.take(SEND_MESSAGE, queue="shop-events") is None


def test_a_rule_never_applies_to_another_target_or_kind() -> None:
    faults = Faults([{"target": PUT_EVENTS, "kind": "cut"}])

    assert faults.take(SEND_MESSAGE, queue="q") is None
    assert faults.take(PUT_EVENTS, kinds={"throttle"}) is None
    assert faults.has(PUT_EVENTS, "cut")
    assert not faults.has(PUT_EVENTS, "throttle")


def test_a_match_on_a_fact_that_is_not_given_never_applies() -> None:
    faults = Faults([{"target": PUT_EVENTS, "kind": "item", "match": {"event_id": "*"}}])

    assert faults.take(PUT_EVENTS, endpoint_id="ada") is None


def test_all_globs_of_a_match_must_fit_the_same_thing() -> None:
    rule = {"target": PUT_EVENTS, "kind": "reject_call", "match": {"endpoint_id": "a*", "event_type": "buy"}}
    things = [{"endpoint_id": "ada", "event_type": "view"}, {"endpoint_id": "bob", "event_type": "buy"}]

    assert Faults([rule]).take_any(PUT_EVENTS, things) is None
    assert Faults([rule]).take_any(PUT_EVENTS, [*things, {"endpoint_id": "amy", "event_type": "buy"}])


def test_globs_distinguish_upper_and_lower_case() -> None:
    faults = Faults([{"target": SEND_MESSAGE, "kind": "refuse", "match": {"queue": "Shop"}}])

    assert faults.take(SEND_MESSAGE, queue="shop") is None


def test_a_rule_for_items_is_about_one_part_only() -> None:
    faults = Faults([{"target": PUT_EVENTS, "kind": "item", "part": "endpoint", "status": 429}])

    assert faults.take(PUT_EVENTS, part="event") is None
    assert faults.take(PUT_EVENTS, part="endpoint") == Fault(PUT_EVENTS, "item", status=429, part="endpoint")


def test_a_probability_is_drawn_from_a_seed() -> None:
    def draw(seed: int) -> list[bool]:
        faults = Faults([{"target": STAGE, "kind": "throttle", "probability": 0.3}], seed=seed)
        return [faults.take(STAGE) is not None for _ in range(1000)]

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)
    assert 230 < sum(draw(1)) < 370


@pytest.mark.parametrize(("probability", "expected"), [(0, 0), (1, 50)])
def test_the_ends_of_a_probability_are_certain(probability: float, expected: int) -> None:
    faults = Faults([{"target": STAGE, "kind": "throttle", "probability": probability}])

    assert sum(faults.take(STAGE) is not None for _ in range(50)) == expected


def test_a_rule_lets_the_first_ones_go_that_it_applies_to() -> None:
    rule = {"target": SEND_MESSAGE, "kind": "refuse", "times": 1, "skip": 2, "match": {"queue": "shop"}}
    faults = Faults([rule])

    taken = [faults.take(SEND_MESSAGE, queue=queue) is not None for queue in ("shop", "other", "shop", "shop", "shop")]

    assert taken == [False, False, False, True, False]
    assert faults.rules() == [{**rule, "times": 0, "skip": 0}]


def test_put_replaces_and_clear_removes() -> None:
    faults = Faults([{"target": STAGE, "kind": "throttle"}])

    faults.put([{"target": PUT_EVENTS, "kind": "throttle"}])
    assert faults.take(STAGE) is None
    faults.clear()
    assert faults.take(PUT_EVENTS) is None
    assert faults.rules() == []


def test_rules_are_shown_as_they_were_written() -> None:
    rule = {"target": PUT_EVENTS, "kind": "hang", "seconds": 3, "processed": True, "times": 5}

    assert Faults([rule]).rules() == [rule]


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ("throttle", "rules[0] must be an object"),
        ({"kind": "throttle"}, "rules[0].target"),
        ({"target": [], "kind": "throttle"}, "rules[0].target"),
        ({"target": PUT_EVENTS}, "rules[0].kind"),
        ({"target": STAGE, "kind": "cut"}, "rules[0].kind"),
        ({"target": PUT_EVENTS, "kind": "throttle", "status": 429}, "rules[0].status"),
        ({"target": PUT_EVENTS, "kind": "throttle", "tiems": 1}, "rules[0].tiems"),
        ({"target": PUT_EVENTS, "kind": "throttle", "times": -1}, "rules[0].times"),
        ({"target": PUT_EVENTS, "kind": "throttle", "times": True}, "rules[0].times"),
        ({"target": PUT_EVENTS, "kind": "throttle", "times": 1.5}, "rules[0].times"),
        ({"target": PUT_EVENTS, "kind": "throttle", "skip": -1}, "rules[0].skip"),
        ({"target": "function.call", "kind": "kill", "match": {"queue": "*"}}, "rules[0].match.queue"),
        ({"target": PUT_EVENTS, "kind": "throttle", "probability": 1.1}, "rules[0].probability"),
        ({"target": PUT_EVENTS, "kind": "throttle", "match": {"queue": "*"}}, "rules[0].match.queue"),
        ({"target": PUT_EVENTS, "kind": "throttle", "match": ["a"]}, "rules[0].match"),
        ({"target": PUT_EVENTS, "kind": "item", "match": {"event_id": 1}}, "rules[0].match.event_id"),
        ({"target": PUT_EVENTS, "kind": "item", "part": "events"}, "rules[0].part"),
        ({"target": PUT_EVENTS, "kind": "item", "status": 200}, "rules[0].status"),
        ({"target": PUT_EVENTS, "kind": "error", "status": "500"}, "rules[0].status"),
        ({"target": PUT_EVENTS, "kind": "error", "processed": 1}, "rules[0].processed"),
        ({"target": PUT_EVENTS, "kind": "slow"}, "rules[0].seconds"),
        ({"target": PUT_EVENTS, "kind": "hang", "seconds": -1}, "rules[0].seconds"),
        ({"target": SEND_MESSAGE, "kind": "refuse", "code": ""}, "rules[0].code"),
    ],
)
def test_a_faulty_rule_is_named_and_the_rules_in_force_stay(rule: Any, named: str) -> None:
    faults = Faults([{"target": STAGE, "kind": "throttle"}])

    with pytest.raises(FaultRuleError, match=named.replace("[", r"\[").replace("]", r"\]")):
        faults.put([rule])

    assert faults.take(STAGE)


@pytest.mark.parametrize("rules", [{"target": STAGE, "kind": "throttle"}, "rules", None])
def test_rules_that_are_no_list_are_refused(rules: Any) -> None:
    with pytest.raises(FaultRuleError, match="list"):
        Faults().put(rules)


def test_times_hold_when_many_threads_take_at_once() -> None:
    faults = Faults([{"target": STAGE, "kind": "throttle", "times": 500}])
    taken: list[int] = []

    def take() -> None:
        taken.append(sum(faults.take(STAGE) is not None for _ in range(200)))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(taken) == 500


def test_every_operation_of_pinpoint_can_fail_and_only_lists_can_lag() -> None:
    faults = Faults([{"target": "pinpoint.CreateCampaign", "kind": "cut", "processed": True, "times": 1}])

    assert faults.take("pinpoint.CreateSegment", application_id="a") is None
    assert faults.take("pinpoint.CreateCampaign", application_id="a") == Fault(
        "pinpoint.CreateCampaign", "cut", processed=True
    )
    Faults([{"target": "pinpoint.GetSegments", "kind": "lag", "seconds": 30}])
    for target, kind in (("pinpoint.CreateSegment", "lag"), ("pinpoint.CreateSegment", "item"), ("pinpoint.No", "cut")):
        with pytest.raises(FaultRuleError, match=r"target|kind"):
            Faults([{"target": target, "kind": kind}])
