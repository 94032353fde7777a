from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engagement.domain.interactions.recording import Arrival, Place, UnavailableError, record
from engagement.domain.interactions.records import Marker
from engagement.domain.plans.names import INDEX_TAG, RUN_TAG
from tests.unit.interactions import builders

RUN = "0" * 40
CAMPAIGNS = {"a": Place(RUN, 0), "b": Place(RUN, 2), "theirs": None}
MARKER = Marker("m.1", "shardId-0")


@dataclass
class Table:
    """A table that fails for some endpoints, and for markers if told."""

    failing: set[str] = field(default_factory=set)
    failing_markers: bool = False
    items: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    writes: int = 0
    markers: list[Marker] = field(default_factory=list)

    def add(self, run: str, endpoint_id: str, entries: Iterable[str]) -> None:
        self.writes += 1
        if endpoint_id in self.failing:
            raise UnavailableError
        self.items.setdefault((run, endpoint_id), set()).update(entries)

    def mark(self, marker: Marker) -> None:
        if self.failing_markers:
            raise UnavailableError
        self.markers.append(marker)


def arrivals(*documents: Any) -> list[Arrival]:
    texts = [one.text() if isinstance(one, Marker) else json.dumps(one) for one in documents]
    return [Arrival(str(number), text.encode()) for number, text in enumerate(texts)]


def place_of(campaign_id: str) -> Place | None:
    if campaign_id == "unknown-yet":
        raise UnavailableError
    return CAMPAIGNS[campaign_id]


def recorded(table: Table, *documents: Any) -> tuple[str, int, int]:
    outcome = record(
        arrivals(*documents),
        builders.APPLICATION_ID,
        place_of,
        table,
        lambda work, things: [work(thing) for thing in things],
    )
    return outcome.failed, outcome.recorded, outcome.skipped


def opened(endpoint_id: str, campaign_id: str = "a") -> dict[str, Any]:
    return builders.record("_email.open", endpoint_id, campaign_id)


def test_records_of_one_endpoint_and_run_are_one_write() -> None:
    table = Table()

    assert recorded(
        table, opened("x"), opened("x", "b"), builders.record("_email.click", "X", "a"), opened("y"), opened("x")
    ) == ("", 5, 0)
    assert table.items == {
        (RUN, "x"): {"0.opened", "0.clicked", "2.opened"},
        (RUN, "y"): {"0.opened"},
    }
    assert table.writes == 2


def test_what_is_not_ours_is_skipped_and_never_returned() -> None:
    table = Table()

    assert recorded(table, {"event_type": "_email.open"}, [], opened("x", "theirs"), opened("x"), "text") == ("", 1, 4)


def test_the_first_record_that_could_not_be_written_comes_again_with_all_behind_it() -> None:
    table = Table(failing={"x"})

    assert recorded(table, opened("y"), opened("x"), MARKER, opened("z")) == ("1", 1, 0)
    assert table.markers == [], "a marker says that everything before it is recorded"


def test_a_marker_before_the_failure_is_kept() -> None:
    table = Table(failing={"x"})

    assert recorded(table, opened("y"), MARKER, opened("x"), MARKER) == ("2", 1, 0)
    assert table.markers == [MARKER]


def test_a_marker_that_cannot_be_written_comes_again() -> None:
    assert recorded(Table(failing_markers=True), opened("y"), [], MARKER, opened("x")) == ("2", 1, 1)


def test_a_campaign_that_cannot_be_asked_for_holds_up_its_records_alone() -> None:
    table = Table()

    assert recorded(table, opened("x"), opened("y", "unknown-yet"), opened("z"), MARKER) == ("1", 1, 0)
    assert set(table.items) == {(RUN, "x"), (RUN, "z")}
    assert not table.markers


@given(
    st.lists(st.sampled_from(["a", "b", "c", "theirs", "malformed", "marker"]), max_size=12),
    st.sets(st.sampled_from("abc")),
)
def test_everything_before_the_failure_is_settled(kinds: list[str], failing: set[str]) -> None:
    table = Table(failing=failing)
    documents = {"theirs": opened("x", "theirs"), "malformed": {}, "marker": MARKER}

    failed, done, skipped = recorded(table, *[documents.get(kind, opened(kind)) for kind in kinds])

    first = next((number for number, kind in enumerate(kinds) if kind in failing), len(kinds))
    assert failed == (str(first) if first < len(kinds) else "")
    settled = kinds[:first]
    assert done == sum(kind in "abc" for kind in settled)
    assert skipped == settled.count("theirs") + settled.count("malformed")
    assert len(table.markers) == settled.count("marker")
    assert {(RUN, kind) for kind in settled if kind in "abc"} <= table.items.keys()


def test_a_campaign_s_tags_say_its_place() -> None:
    assert Place.of({RUN_TAG: RUN, INDEX_TAG: "12"}) == Place(RUN, 12)
    assert Place.of({RUN_TAG: RUN}) is None, "a stamp sends nothing"
    assert Place.of({INDEX_TAG: "1"}) is None
    assert Place.of({}) is None


def test_a_record_of_the_event_source_is_decoded() -> None:
    data = base64.b64encode(b"{}").decode()

    assert Arrival.parse({"kinesis": {"sequenceNumber": "7", "data": data}}) == Arrival("7", b"{}")
    assert Arrival.parse({"kinesis": {"sequenceNumber": "8", "data": "%"}}) == Arrival("8", b"")
    assert Arrival.parse({"kinesis": {"sequenceNumber": "9"}}) == Arrival("9", b"")
