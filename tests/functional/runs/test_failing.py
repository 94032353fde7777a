"""A run that cannot go on says why and takes back what it made, wherever the function that does so dies."""

from __future__ import annotations

import pytest

from engagement.domain.runs.records import RunStatus
from tests.functional.runs.cloud import Cloud
from tests.functional.runs.plans import event, put_customers, release

pytestmark = pytest.mark.many_runs

LAST_WAVE = 4
"""Campaigns that are made before the service refuses one."""


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whenever_the_function_dies_a_run_that_fails_is_closed_and_taken_back(either: Cloud, after: bool) -> None:
    # GIVEN a service that refuses the fifth campaign of each run for good
    put_customers(either)
    either.put_plan(release())
    for number in either.deaths.numbers(after=after):
        either.forget_what_was_made()
        either.announce(event(event_id=f"{after}-{number}"))
        payload = either.start_payload()
        either.refuse_campaigns(LAST_WAVE)
        either.deaths.order(number, after=after)

        # WHEN the function dies at one of its calls
        answer = either.walk(payload)

        # THEN the run has failed with its reason, nothing is left to send, and its place is free
        either.deaths.forget()
        record = either.announcer.ANNOUNCER.ledger.run(payload["run"])
        assert answer["next"] == "failed", number
        assert record is not None
        assert record.status is RunStatus.FAILED, number
        assert record.reason.startswith("campaign release-"), (number, record.reason)
        assert record.reserved == 0, number
        assert not either.waiting(), number
        # What was out before, since a dead call keeps its lease, is said, and nothing follows.
        told = either.messages()
        assert f", {len(told)} already out" in record.reason, (number, record.reason, told)
        assert either.deaths.died or not told, number
        either.pass_time(600)
        assert either.messages() == told, number
    assert number > 20, "a run that makes so few calls takes nothing back"
    head_room = either.dynamodb.get_item(
        TableName=either.table, Key={"pk": {"S": "head_room"}, "sk": {"S": "campaigns"}}
    )
    assert head_room["Item"]["reserved"] == {"N": "0"}
