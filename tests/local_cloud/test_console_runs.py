"""What the console tells of runs, read from ledgers that the product's own adapter has written."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engagement.domain.runs.records import RunStatus, StepStatus
from tests.local_cloud.aws import Aws
from tests.local_cloud.ledgers import BEGAN, OUTLINE, Environment
from tests.local_cloud.pixel import request

if TYPE_CHECKING:
    from local_cloud.process import LocalCloud


@pytest.fixture
def shop(aws: Aws) -> Environment:
    return Environment(aws)


def listed(*environments: Environment) -> list[dict[str, Any]]:
    """The runs of some environments, as the list has them."""
    known = {environment.arn for environment in environments}
    return [run for run in environments[0].aws.local("runs") if run["ledger"] in known]


def described(shop: Environment, run: str) -> dict[str, Any]:
    answer: dict[str, Any] = shop.aws.local(f"runs/{run}?ledger={shop.arn}")
    return answer


def test_runs_of_every_account_are_listed_newest_first(cloud: LocalCloud, name: str) -> None:
    shops = [Environment(Aws(cloud, name)), Environment(Aws(cloud, name, "999900000021"))]
    for number, shop in enumerate(shops):
        shop.begin("first", began=BEGAN + timedelta(minutes=number))
        shop.begin("second", began=BEGAN + timedelta(minutes=10 + number))

    found = [(run["account"], run["key"].rpartition(":")[2]) for run in listed(*shops)]

    one, other = "000000000000", "999900000021"
    assert found == [(other, "second"), (one, "second"), (other, "first"), (one, "first")]


def test_the_same_run_of_two_accounts_is_told_apart(cloud: LocalCloud, name: str) -> None:
    one, other = Environment(Aws(cloud, name)), Environment(Aws(cloud, name, "999900000022"))
    run = one.begin(values={"feature": "Dark mode"}).run
    assert other.begin(values={"feature": "Voice"}).run == run

    assert described(one, run)["values"] == {"feature": "Dark mode"}
    assert described(other, run)["values"] == {"feature": "Voice"}


def test_each_step_says_how_far_it_is(shop: Environment) -> None:
    run = shop.begin().run
    shop.step(run, 0, StepStatus.COMPLETED, ended=BEGAN + timedelta(seconds=9))
    shop.step(run, 1, StepStatus.SENDING, counts={"premium": 3})
    shop.segment(run, 1, "premium")
    shop.campaign(run, 1, "premium", "EMAIL", attempted=3, reached=2, status="COMPLETED")

    stamp, announce, pause = described(shop, run)["steps"]

    assert (stamp["state"], stamp["began"], stamp["ended"]) == (
        "completed",
        "2026-11-22T10:00:00+00:00",
        "2026-11-22T10:00:09+00:00",
    )
    assert (announce["state"], announce["counts"], announce["ended"]) == ("sending", {"premium": "3"}, "")
    assert [(made["kind"], made["audience"], made["attempted"], made["reached"]) for made in announce["made"]] == [
        ("campaign", "premium", 3, 2),
        ("segment", "", 0, 0),
    ]
    assert (pause["state"], pause["began"], pause["made"]) == ("not_begun", "", [])
    assert [step["details"] for step in (stamp, announce, pause)] == [step["details"] for step in OUTLINE]


def test_endpoints_that_are_not_stamped_yet_are_counted(shop: Environment) -> None:
    run = shop.begin().run
    shop.step(run, 0, StepStatus.STAMPING)

    shop.queue_stamps(run, 0, 70)

    assert [step["unstamped"] for step in described(shop, run)["steps"]] == [70, 0, 0]


@pytest.mark.parametrize("status", [RunStatus.FAILED, RunStatus.STOPPED])
def test_the_step_at_which_a_run_ended_has_ended_like_it(shop: Environment, status: RunStatus) -> None:
    run = shop.begin().run
    shop.step(run, 0, StepStatus.COMPLETED)
    shop.step(run, 1, StepStatus.SENDING)

    shop.ledger.end_run(run, status, BEGAN, "that is why")

    known = described(shop, run)
    assert [step["state"] for step in known["steps"]] == ["completed", status, "not_begun"]
    assert (known["status"], known["reason"]) == (status, "that is why")


def test_a_refused_run_says_every_fault_and_is_listed_once_when_it_comes_again(shop: Environment) -> None:
    faults = ("$.event: no such event. Name it otherwise.", "$.steps[0]: nothing. Add something.")
    run = shop.refuse(*faults).run
    assert described(shop, run)["faults"] == list(faults)

    shop.begin(began=BEGAN + timedelta(minutes=1))

    assert [(one["run"], one["status"]) for one in listed(shop)] == [(run, "running")]


def test_a_dry_run_and_a_run_that_is_being_stopped_are_marked(shop: Environment) -> None:
    shop.ledger.ask_to_stop(shop.begin("stopped").run)
    shop.begin("dry", dry_run=True, began=BEGAN + timedelta(minutes=1))

    assert [(run["dry_run"], run["stopping"]) for run in listed(shop)] == [(True, False), (False, True)]


def test_a_run_says_which_journey_calls_for_its_steps_and_why_it_went_on_without_it(shop: Environment) -> None:
    run = shop.begin(journey="0123456789abcdef-1").run
    shop.step(run, 0, StepStatus.AWAITED)
    before = described(shop, run)

    shop.ledger.lose_journey(run, "the journey did not call for step stamp")

    assert (before["journey"], before["lost"], before["steps"][0]["state"]) == ("0123456789abcdef-1", "", "awaited")
    assert described(shop, run)["lost"] == "the journey did not call for step stamp"
    assert described(shop, run)["only_step"] == ""
    assert described(shop, shop.begin("drawn", only_step="announce").run)["only_step"] == "announce"


def test_each_step_says_what_its_recipients_did(shop: Environment) -> None:
    shop.keep_interactions()
    run, other = shop.begin().run, shop.begin("other").run
    shop.step(run, 1, StepStatus.SENDING)
    shop.hear(run, 1, "everything up to 2026-11-22T10:00:00Z")
    shop.do(run, "ada", "0.delivered", "0.opened", "1.delivered")
    shop.do(run, "ada", "0.opened", "0.clicked")
    shop.do(run, "bob", "0.delivered", "0.bounced")
    shop.do(other, "ada", "0.complained")

    stamp, announce, pause = described(shop, run)["steps"]

    assert stamp["did"] == {"delivered": 2, "opened": 1, "clicked": 1, "bounced": 1}
    assert (announce["did"], announce["heard"]) == ({"delivered": 1}, "everything up to 2026-11-22T10:00:00Z")
    assert (pause["did"], pause["heard"]) == ({}, "")


def test_nothing_is_told_of_recipients_where_nothing_is_kept(shop: Environment) -> None:
    run = shop.begin().run
    assert [step["did"] for step in described(shop, run)["steps"]] == [{}, {}, {}]

    shop.keep_interactions()

    assert [step["did"] for step in described(shop, run)["steps"]] == [{}, {}, {}]


def test_other_tables_and_unknown_runs_are_not_runs(shop: Environment) -> None:
    client = shop.aws.client("dynamodb")
    name = f"{shop.aws.name}-other"
    client.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client.put_item(TableName=name, Item={"pk": {"N": "1"}})
    run = shop.begin().run

    assert [one["run"] for one in listed(shop)] == [run]
    for path in ("unknown", f"{run}?ledger=arn:aws:dynamodb:us-east-1:000000000000:table/{name}"):
        assert request(shop.aws.cloud.port, "GET", f"/_local/runs/{path}").status == 404
    assert request(shop.aws.cloud.port, "POST", "/_local/runs").status == 404
