"""Campaigns of event triggers: whoever is to send sends, whatever happened before."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.domain import triggers
from engagement.domain.triggers import NotYetError, Parting, TriggersError, Wanted, part, settle

ENDED = ("Stopped", "Failed", "Completed")
STATES = ("Initialized", "Running", "Paused", *ENDED)


@dataclass
class Clock:
    """Time that passes when somebody waits."""

    seconds: float = 0.0

    def time(self) -> float:
        return self.seconds

    def sleep(self, seconds: float, /) -> None:
        assert seconds > 0
        self.seconds += seconds


@dataclass
class Service:
    """Outbound campaigns: states, and how many calls are throttled before one is answered."""

    clock: Clock
    states: dict[str, str]
    throttled: list[int] = field(default_factory=list)
    changes: list[tuple[str, str, float]] = field(default_factory=list)

    def state(self, campaign: str) -> str | None:
        return self.states.get(campaign)

    def start(self, campaign: str) -> None:
        self._change("start", campaign, {"Initialized"}, "Running")

    def pause(self, campaign: str) -> None:
        self._change("pause", campaign, {"Running"}, "Paused")

    def resume(self, campaign: str) -> None:
        self._change("resume", campaign, {"Paused"}, "Running")

    def stop(self, campaign: str) -> None:
        self._change("stop", campaign, {"Running", "Paused"}, "Stopped")

    def _change(self, name: str, campaign: str, before: set[str], after: str) -> None:
        if self.throttled and self.throttled[0] > 0:
            self.throttled[0] -= 1
            raise NotYetError("ThrottlingException: slow down")
        if self.throttled:
            self.throttled.pop(0)
        assert self.states[campaign] in before
        self.states[campaign] = after
        self.changes.append((name, campaign, self.clock.time()))


@given(
    states=st.lists(st.sampled_from(STATES), max_size=20),
    run=st.booleans(),
    throttled=st.lists(st.integers(0, 1), max_size=5),
)
def test_every_campaign_that_can_be_as_it_should_be_is(states: list[str], run: bool, throttled: list[int]) -> None:
    clock = Clock()
    campaigns = {f"t{number}": f"c{number}" for number in range(len(states))}
    service = Service(clock, dict(zip(campaigns.values(), states, strict=True)), throttled)
    ended = [name for name, state in zip(campaigns, states, strict=True) if state in ENDED]

    # WHEN
    if run and ended:
        with pytest.raises(TriggersError) as raised:
            settle(service, Wanted(run, campaigns, {}), clock)
        # THEN only those are named that nothing can bring back
        lines = str(raised.value).splitlines()
        assert [line.split(":")[0].removeprefix("trigger ") for line in lines] == ended
        assert "gets another campaign" in str(raised.value)
    else:
        settle(service, Wanted(run, campaigns, {}), clock)

    # THEN
    for before, (campaign, now) in zip(states, service.states.items(), strict=True):
        if before in ENDED or (not run and before == "Initialized"):
            assert now == before, campaign
        else:
            assert now == ("Running" if run else "Paused"), campaign
    # AND one change per second at most, within the minute that Terraform waits
    moments = [moment for _, _, moment in service.changes]
    assert all(later - earlier >= 1 for earlier, later in pairwise(moments))
    assert clock.time() < 55

    # WHEN it is called again
    made = len(service.changes)
    if not (run and ended):
        settle(service, Wanted(run, campaigns, {}), clock)
    assert len(service.changes) == made


def test_what_does_not_pass_is_told_for_each_trigger_within_the_minute() -> None:
    clock = Clock()
    service = Service(clock, {"c1": "Initialized", "c2": "Running"}, [1000])

    with pytest.raises(TriggersError, match=r"trigger cart: .*ThrottlingException") as raised:
        settle(service, Wanted(run=True, campaigns={"cart": "c1", "other": "c2"}, left={}), clock)

    assert "trigger other" not in str(raised.value)
    assert "then apply again" in str(raised.value)
    assert triggers.PATIENCE_SECONDS <= clock.time() < 55


def test_an_unknown_state_is_not_taken_for_running() -> None:
    clock = Clock()

    with pytest.raises(TriggersError, match="is Archived"):
        settle(Service(clock, {"c1": "Archived"}), Wanted(run=True, campaigns={"cart": "c1"}, left={}), clock)


@given(
    old=st.dictionaries(st.sampled_from("abcdef"), st.sampled_from((*STATES, "gone")), min_size=1),
    replaced=st.sets(st.sampled_from("abcdef")),
    removed=st.sets(st.sampled_from("abcdef")),
)
def test_campaigns_that_are_replaced_or_removed_stop_before_others_start(
    old: dict[str, str], replaced: set[str], removed: set[str]
) -> None:
    # GIVEN campaigns in any state, and others that Terraform has made for some of them
    clock = Clock()
    before = {name: f"{name}-1" for name in old}
    now = {name: f"{name}-{1 + (name in replaced)}" for name in old if name not in removed}
    service = Service(clock, {before[name]: state for name, state in old.items() if state != "gone"})
    service.states |= {one: "Initialized" for one in now.values() if one.endswith("-2")}
    going = set(before.values()) - set(now.values())

    # WHEN
    update = {"campaigns": now, "tf": {"action": "update", "prev_input": {"campaigns": before}}}
    assert part(service, Parting.parse(update), clock) == {}

    # THEN everything that goes can be deleted, and nothing else was touched
    assert all(service.states.get(one) not in {"Running", "Paused"} for one in going)
    assert {campaign for _, campaign, _ in service.changes} <= going

    # WHEN everything goes
    delete = {"campaigns": now, "tf": {"action": "delete", "prev_input": now}}
    assert part(service, Parting.parse(delete), clock) == {}
    assert not {"Running", "Paused"} & set(service.states.values())


def test_what_cannot_be_stopped_is_told_and_nothing_starts_in_its_place() -> None:
    update = {"campaigns": {"cart": "2"}, "tf": {"action": "update", "prev_input": {"campaigns": {"cart": "1"}}}}
    clock = Clock()
    service = Service(clock, {"1": "Running", "2": "Initialized"}, [1000])

    # GIVEN an update that Terraform would take for made if it failed
    assert part(service, Parting.parse(update), clock) == {"cart": "1"}

    # WHEN
    with pytest.raises(TriggersError, match=r"trigger cart: .* campaign 1: ThrottlingException"):
        settle(service, Wanted(run=True, campaigns={"cart": "2"}, left={"cart": "1"}), clock)

    # THEN
    assert service.states == {"1": "Running", "2": "Initialized"}
    assert clock.time() < 110


def test_what_cannot_be_stopped_is_not_deleted() -> None:
    clock = Clock()
    service = Service(clock, {"1": "Running", "2": "Completed"}, [1000])
    parting = Parting.parse({"campaigns": {"a": "1", "b": "2"}, "tf": {"action": "delete", "prev_input": None}})

    with pytest.raises(TriggersError, match="trigger a") as raised:
        part(service, parting, clock)
    assert "trigger b" not in str(raised.value)
    assert clock.time() < 55


def test_a_campaign_that_is_made_stops_none() -> None:
    assert Parting.parse({"campaigns": {"cart": "1"}, "tf": {"action": "create", "prev_input": None}}).campaigns == {}


def test_what_terraform_asks_for_is_read() -> None:
    wanted = Wanted.parse({"run": False, "campaigns": {"b": "2", "a": "1"}, "left": {}})

    assert wanted == Wanted(run=False, campaigns={"a": "1", "b": "2"}, left={})
    assert list(wanted.campaigns) == ["a", "b"]
    with pytest.raises(KeyError):
        Wanted.parse({"run": True})
