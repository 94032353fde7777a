"""Plans that Amazon Connect can run, and the customers that they are about."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.unit.plans.connect.builders import SEGMENT
from tests.unit.plans.customers import Endpoint
from tests.unit.plans.strategies import ATTRIBUTES, COUNTRIES, NAMES, TEXTS, VALUES, audience, lists, optional, tests_of

SEGMENT_IDS = st.sampled_from(["definition_1", SEGMENT])
MOMENTS = st.sampled_from(["2027-01-01T00:00Z", "2027-06-01T12:30:15Z"])
USER_TESTS = (
    tests_of(VALUES, "is", "is_not", "contains")
    | st.builds(lambda operator, its: {operator: its}, st.sampled_from(["before", "after", "on"]), MOMENTS)
    | st.just({"between": ["2027-01-01T00:00Z", "2027-06-01T12:30:15Z"]})
)
COUNTRY = st.tuples(st.just("country"), tests_of(COUNTRIES, "is", "is_not"))


def wheres(tests: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Criteria that profiles can answer, with these tests on attributes."""
    user = st.tuples(NAMES.map("user.{}".format), tests)
    return st.lists(user | COUNTRY, min_size=1, max_size=2, unique_by=lambda pair: pair[0]).map(dict)


@st.composite
def audiences(draw: st.DrawFn, tests: st.SearchStrategy[Any] = USER_TESTS) -> dict[str, Any]:
    """One to three audiences by name; later ones may refer to earlier ones."""
    names = ("first", "second", "third")[: draw(st.integers(1, 3))]
    return {name: draw(audience(names[:place], 2, wheres(tests), SEGMENT_IDS)) for place, name in enumerate(names)}


COMMON = optional(
    name=TEXTS,
    start=st.sampled_from(["now", "PT2H", "P1DT5M", "2027-06-01T12:00:00Z"]),
    quiet_time=st.sampled_from([("22:00", "07:00"), ("00:00", "06:30"), ("12:00", "13:00"), ("20:00", "23:59")]).map(
        lambda span: {"from": span[0], "to": span[1], "action": "skip"}
    ),
    limits=optional(
        daily=st.integers(1, 100), total=st.integers(1, 100), maximum_duration=st.sampled_from(["PT1M", "P40D"])
    ).filter(bool),
)


@st.composite
def send(draw: st.DrawFn, name: str, channel: str) -> dict[str, Any]:
    """A send of one audience on one channel."""
    document = {"audience": name, "channel": channel, "template": "stored"} | draw(COMMON)
    return document | (draw(optional(sender=st.just("news@example.com"))) if channel == "EMAIL" else {})


@st.composite
def step(draw: st.DrawFn, number: int, names: tuple[str, ...], kind: str) -> dict[str, Any]:
    """One step of a kind."""
    some = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
    document: dict[str, Any] = {"id": f"step-{number}"}
    if kind == "wait":
        return document | {"wait": draw(st.sampled_from(["PT1M", "P2D", "P1W"]))}
    if kind == "stamp":
        values = st.dictionaries(NAMES, TEXTS, min_size=1)
        return document | {
            "stamp": {"audiences": some, "set": draw(values), "via": draw(st.sampled_from(["custom", "export"]))}
        }
    pairs = [(name, channel) for name in some for channel in draw(lists(st.sampled_from(["EMAIL", "SMS"])))]
    return document | {"send": [draw(send(name, channel)) for name, channel in pairs]}


@st.composite
def plans(draw: st.DrawFn) -> dict[str, Any]:
    """A plan without faults."""
    given = draw(audiences())
    kinds = [*draw(st.lists(st.sampled_from(["stamp", "send", "wait"]), max_size=3)), "send"]
    steps = [draw(step(number, tuple(given), kind)) for number, kind in enumerate(kinds)]
    return {"event": "release", "audiences": given, "steps": steps}


EVENTS = st.fixed_dictionaries({name: st.text(max_size=20) for name in ATTRIBUTES})
PROFILES = st.lists(
    st.builds(
        Endpoint,
        country=COUNTRIES,
        user=st.dictionaries(NAMES, VALUES.map(lambda value: (value,))),
        segments=st.frozensets(SEGMENT_IDS),
    ),
    min_size=1,
    max_size=6,
)
