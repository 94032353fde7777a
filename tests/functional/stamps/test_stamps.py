from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from engagement.adapters.stamps import Stamps
from engagement.domain.stamps.batches import BatchKey, StampError
from local_cloud.service.neighbours import NeighbourError
from tests import gateway
from tests.emf import totals
from tests.functional.functions import Context
from tests.functional.stamps.conftest import DATA, INDEX, RUN, Stamping

SHARE = 2 * 0.95


class Trouble:
    """Of ten batches one fails twice, the answer of one is lost, and one takes effect much later; all succeed then."""

    def __init__(self) -> None:
        self.late: list[Callable[[], object]] = []
        self._attempts: Counter[frozenset[str]] = Counter()

    def __call__(self, event: dict[str, Any], call: Callable[[], object]) -> object:
        batch = frozenset(event["Endpoints"])
        self._attempts[batch] += 1
        match list(self._attempts).index(batch) % 10, self._attempts[batch]:
            case 3, 1 | 2:
                raise NeighbourError("failed")
            case 5, 1:
                call()
                raise NeighbourError("did not answer in time")
            case 7, 1:
                self.late.append(call)
                raise NeighbourError("did not answer in time")
        return call()


@pytest.mark.parametrize("concurrency", [1, 100])
def test_ten_thousand_endpoints_of_every_channel_are_stamped_within_the_rate(
    stamping: Stamping, concurrency: int
) -> None:
    # GIVEN an audience, some of whom Pinpoint must not write to, and trouble everywhere
    ids = stamping.enroll(10_000)
    silent = {"e-17": {"EndpointStatus": "INACTIVE"}, "e-1018": {"OptOut": "ALL"}}
    for name, change in silent.items():
        stamping.pinpoint.update_endpoint(
            ApplicationId=stamping.application_id, EndpointId=name, EndpointRequest=change
        )
    # Calls wait for each other here, which is nothing to be measured.
    stamping.server.pinpoint.configure({"function_concurrency": concurrency})
    trouble = stamping.hooks.fault = Trouble()

    # WHEN
    campaign = stamping.campaign()
    assert stamping.pending() == 200
    stamping.faults.put(
        [
            {"target": "pinpoint.UpdateEndpointsBatch", "kind": "error", "status": 503, "times": 3},
            {"target": "pinpoint.UpdateEndpointsBatch", "kind": "cut", "processed": True, "times": 2},
        ]
    )
    stamping.drain()
    for call in trouble.late:
        call()
    assert stamping.pending()
    stamping.drain()

    # THEN everybody has the attribute, and is what they were
    assert campaign["skipped"] == {"inactive": 1, "opted_out": 1}
    assert stamping.stamped() == set(ids) - silent.keys()
    assert stamping.pending() == 0
    endpoints = stamping.endpoints()
    assert {name: endpoints[name] | change == endpoints[name] for name, change in silent.items()} == {
        "e-17": True,
        "e-1018": True,
    }
    assert {endpoint["EndpointStatus"] for name, endpoint in endpoints.items() if name not in silent} == {"ACTIVE"}
    assert {endpoint["User"]["UserId"] for endpoint in endpoints.values()} == {f"user-{n}" for n in range(10_000)}
    # AND nobody got a message
    assert not stamping.server.pinpoint.outbox.since()
    # AND the rate was kept, with requests that are full
    updates = stamping.updates()
    assert 429 not in {entry["status"] for entry in updates}
    moments = [datetime.fromisoformat(entry["time"]).timestamp() for entry in updates]
    for earlier, later in itertools.combinations(range(len(moments)), 2):
        # Each of the two stampers may begin with one request at once.
        assert later - earlier + 1 <= 2 + SHARE * (moments[later] - moments[earlier] + 0.002)
    assert len(updates) <= 100 + 5 + len(trouble.late)


def test_as_a_hook_it_ends_the_campaign_before_anybody_is_written_to(stamping: Stamping) -> None:
    # GIVEN a campaign whose function is hook and channel at once
    ids = stamping.enroll(120)

    # WHEN
    campaign = stamping.campaign(Hook={"LambdaFunctionName": "stamp-hook", "Mode": "FILTER"})
    stamping.drain()

    # THEN it was called as a hook alone, and everybody is stamped
    assert campaign["skipped"] == {"filtered": 120}
    assert not any("Data" in call for call in stamping.hooks.calls)
    assert stamping.stamped() == set(ids)
    assert stamping.pending() == 0


def test_a_campaign_of_somebody_else_is_refused(stamping: Stamping) -> None:
    stamping.enroll(10)

    campaign = stamping.campaign({"greeting": "hello"}, Name="greeting")

    assert campaign["skipped"] == {"delivery_failed": 10}
    assert "run must be" in str(campaign["errors"])
    assert stamping.pending() == 0


def test_what_was_refused_says_why_without_saying_what(stamping: Stamping) -> None:
    event = {"Data": '{"secret": "jane@example.com"}', "CampaignId": "c", "Endpoints": {}}

    with pytest.raises(StampError) as caught:
        stamping.hooks.handler(event, Context())

    assert "run must be" in str(caught.value)
    assert "jane" not in str(caught.value)


def test_a_call_repeated_opens_one_batch_which_holds_no_address(
    stamping: Stamping, capsys: pytest.CaptureFixture[str]
) -> None:
    # GIVEN
    endpoint = {"Address": "jane@example.com", "EndpointStatus": "ACTIVE", "OptOut": "ALL", "User": {"UserId": "jane"}}
    event = {"Data": json.dumps(DATA), "CampaignId": "c", "Endpoints": {"e-1": endpoint, "e-2": {}}}

    # WHEN
    answers = [stamping.hooks.handler(event, Context()) for _ in range(3)]

    # THEN
    assert answers == [{}, {}, {}]
    assert stamping.pending() == 1
    (item,) = [item for item in stamping.items() if item["pk"]["S"] == f"stamps#{RUN}#002"]
    assert json.loads(item["endpoints"]["S"]) == {"e-1": {"OptOut": "ALL"}, "e-2": {}}
    assert int(item["expires_at"]["N"]) > datetime.now(UTC).timestamp() + 89 * 86_400
    assert "jane" not in json.dumps(stamping.items())
    printed = capsys.readouterr().out
    assert totals(printed)["EndpointsQueued"] == 6
    assert "jane" not in printed


def test_a_batch_that_is_done_already_is_acknowledged(stamping: Stamping) -> None:
    # GIVEN two messages for one batch
    stamping.enroll(2)
    for _ in range(2):
        stamping.stamps.put(RUN, INDEX, "campaign", {"e-0": {}, "e-1": {}})

    # WHEN the second comes after the first was worked off
    stamping.deliver()
    stamping.stamps.put(RUN, INDEX, "campaign", {"e-0": {}, "e-1": {}})
    stamping.deliver()
    stamping.sqs.send_message(
        QueueUrl=stamping.queue_url, MessageBody=BatchKey.of(RUN, INDEX, "campaign", {"e-0": {}, "e-1": {}}).text()
    )

    # THEN it changes nothing
    before = len(stamping.updates())
    assert stamping.deliver() == (1, 0)
    assert len(stamping.updates()) == before == 2


def test_what_is_done_stays_done_for_those_who_come_late(stamping: Stamping) -> None:
    # GIVEN two stampers with the same batch, of whom one is ready
    ledger = stamping.stampers[0].LEDGER
    stamping.stamps.put(RUN, INDEX, "campaign", {"e-0": {}, "e-1": {}})
    (batch,) = ledger.open([BatchKey.of(RUN, INDEX, "campaign", {"e-0": {}, "e-1": {}})])
    ledger.close(batch.key)

    # WHEN the other one has something left
    ledger.keep(replace(batch, endpoints={"e-1": {}}))

    # THEN
    assert stamping.pending() == 0


def test_a_malformed_message_is_acknowledged_counted_and_in_nobodys_way(
    stamping: Stamping, capsys: pytest.CaptureFixture[str]
) -> None:
    # GIVEN
    stamping.enroll(1)
    stamping.sqs.send_message(QueueUrl=stamping.queue_url, MessageBody="jane@example.com")
    stamping.stamps.put(RUN, INDEX, "campaign", {"e-0": {}})

    # WHEN
    delivered = stamping.deliver()

    # THEN
    assert delivered == (2, 0)
    assert stamping.stamped() == {"e-0"}
    printed = capsys.readouterr().out
    assert totals(printed)["StampMessagesRefused"] == 1
    assert "message refused" in printed
    assert "jane" not in printed


def test_an_endpoint_that_pinpoint_refuses_is_given_up_and_the_others_stamped(
    stamping: Stamping, capsys: pytest.CaptureFixture[str]
) -> None:
    # GIVEN a batch with an id that Pinpoint does not take
    ids = stamping.enroll(99)
    stamping.stamps.put(RUN, INDEX, "campaign", {name: {} for name in ["at${fault}", *ids]})

    # WHEN
    stamping.drain()

    # THEN
    assert stamping.pending() == 0
    assert stamping.stamped() == set(ids)
    printed = capsys.readouterr().out
    assert totals(printed)["EndpointsRefused"] == 1
    assert totals(printed)["EndpointsStamped"] == 99
    assert "at${fault}" not in printed


def test_what_the_time_did_not_suffice_for_is_returned_and_shrunk(stamping: Stamping) -> None:
    # GIVEN half a batch at fault
    ids = stamping.enroll(8)
    stamping.stamps.put(RUN, INDEX, "campaign", {name: {} for name in [*ids, *(f"at${n}" for n in range(8))]})

    # WHEN there is time for five requests
    delivered = stamping.deliver(seconds=14.5)

    # THEN
    assert delivered == (1, 1)
    (item,) = [item for item in stamping.items() if item["pk"]["S"].startswith("stamps#")]
    assert 0 < len(json.loads(item["endpoints"]["S"])) < 16
    stamping.drain()
    assert stamping.stamped() == set(ids)
    assert stamping.pending() == 0


def test_the_state_of_an_endpoint_is_kept(stamping: Stamping) -> None:
    # GIVEN who cannot be written to, and who opts out while the batch waits
    stamping.enroll(3, EndpointStatus="INACTIVE", OptOut="ALL")
    keep = {"EndpointStatus": "INACTIVE", "OptOut": "ALL"}
    stamping.stamps.put(RUN, INDEX, "export", {"e-0": keep, "e-1": keep, "e-2": {"EndpointStatus": "INACTIVE"}})

    # WHEN
    stamping.drain()

    # THEN
    assert stamping.stamped() == {"e-0", "e-1", "e-2"}
    states = {(endpoint["EndpointStatus"], endpoint["OptOut"]) for endpoint in stamping.endpoints().values()}
    assert states == {("INACTIVE", "ALL")}


def test_the_batches_of_a_run_that_stops_are_dropped(stamping: Stamping, capsys: pytest.CaptureFixture[str]) -> None:
    # GIVEN
    stamping.enroll(50)
    stamping.stamps.put(RUN, INDEX, "campaign", {f"e-{number}": {} for number in range(50)})
    stamping.dynamodb.put_item(
        TableName="shop-ledger",
        Item={"pk": {"S": f"run#{RUN}"}, "sk": {"S": "run"}, "stopping": {"BOOL": True}},
    )

    # WHEN
    stamping.drain()

    # THEN
    assert stamping.pending() == 0
    assert not stamping.updates()
    assert totals(capsys.readouterr().out)["EndpointsDropped"] == 50


def test_a_step_that_nobody_knows_is_refused_and_counted(
    stamping: Stamping, capsys: pytest.CaptureFixture[str]
) -> None:
    stamping.stamps.put(RUN, INDEX + 1, "campaign", {"e-0": {}})

    stamping.drain()

    assert stamping.stamps.pending(RUN, INDEX + 1, "pinpoint") == 0
    assert totals(capsys.readouterr().out)["EndpointsRefused"] == 1


def test_without_a_ledger_nothing_is_acknowledged(stamping: Stamping) -> None:
    # GIVEN
    stamping.stamps.put(RUN, INDEX, "campaign", {"e-0": {}})
    stamping.dynamodb.delete_table(TableName="shop-ledger")
    record = gateway.record(BatchKey.of(RUN, INDEX, "campaign", {"e-0": {}}).text())

    # WHEN
    with pytest.raises(ClientError, match="ResourceNotFound"):
        stamping.stampers[0].handler({"Records": [record]}, Context())

    # THEN
    assert not stamping.updates()


def test_lost_messages_are_sent_again_once(stamping: Stamping) -> None:
    # GIVEN twelve batches whose messages are lost
    noon = now = datetime(2027, 1, 1, 12, tzinfo=UTC)
    half_past, one = noon + timedelta(minutes=30), noon + timedelta(hours=1)
    stamps = Stamps(
        stamping.dynamodb,
        lambda: stamping.sqs,
        "shop-ledger",
        stamping.queue_url,
        timedelta(days=1),
        lambda: now,
        ("pinpoint",),
    )
    ids = stamping.enroll(24)
    for start in range(0, 24, 2):
        stamps.put(RUN, INDEX, "campaign", {name: {} for name in ids[start : start + 2]})
    stamping.sqs.purge_queue(QueueUrl=stamping.queue_url)

    # WHEN somebody looks after them again and again
    now = one
    sent = [stamps.send_again(RUN, INDEX, older_than) for older_than in (noon, half_past, half_past)]
    stamping.drain()

    # THEN
    assert sent == [0, 12, 0]
    assert stamping.stamped() == set(ids)
    assert stamping.pending() == 0
    assert stamps.send_again(RUN, INDEX, one + timedelta(hours=1)) == 0


def test_what_another_destination_found_is_looked_at_before_it_is_stamped(
    stamping: Stamping, capsys: pytest.CaptureFixture[str]
) -> None:
    # GIVEN members of an audience of Amazon Connect, of whom Pinpoint must not write to one and does not know another
    stamping.enroll(2)
    silent = {"EndpointStatus": "INACTIVE", "OptOut": "ALL"}
    stamping.pinpoint.update_endpoint(
        ApplicationId=stamping.application_id,
        EndpointId="e-0",
        EndpointRequest=silent,  # type: ignore[arg-type]
    )
    stamping.stamps.put(RUN, INDEX, "snapshot", {"e-0": None, "e-1": None, "unknown": None})

    # WHEN
    stamping.drain()

    # THEN
    assert stamping.stamped() == {"e-0", "e-1"}
    endpoints = stamping.endpoints()
    assert endpoints["e-0"] | silent == endpoints["e-0"]
    assert "unknown" not in endpoints
    assert totals(capsys.readouterr().out)["EndpointsRefused"] == 1
    assert stamping.pending() == 0
