"""The keeper of plans: schedules follow the plans of the bucket, and faulty plans start nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from engagement.domain.plans.names import Names
from engagement.domain.runs.keeping import Kept, keep
from tests.environment import KEEPER
from tests.functional.functions import REGION, Context, load
from tests.functional.runs.cloud import Cloud
from tests.functional.runs.connect_cloud import ConnectCloud, plan_settings
from tests.functional.runs.deaths import Death
from tests.functional.runs.plans import release

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

GROUP = "plans"
MOMENT, LATER = "2037-03-01T09:00:00Z", "2037-03-02T09:00:00Z"
WRITTEN_ONCE = datetime(2037, 2, 1, tzinfo=UTC)


class Keeper:
    """The keeper's function, and the schedules that it keeps."""

    def __init__(self, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, **changes: str) -> None:
        self.cloud = cloud
        self.scheduler: EventBridgeSchedulerClient = boto3.client("scheduler", region_name=REGION)
        self.scheduler.create_schedule_group(Name=GROUP)
        environment = {
            **KEEPER,
            "PINPOINT_APPLICATION_ID": cloud.application_id,
            "LEDGER_TABLE": cloud.table,
            "PLAN_BUCKET": "plans",
            "SCHEDULE_GROUP": GROUP,
            "POWERTOOLS_SERVICE_NAME": "company-events",
            "POWERTOOLS_METRICS_NAMESPACE": "CustomerEngagement",
            **changes,
        }
        self.module = load(monkeypatch, "engagement.handlers.plans", environment)

    def __call__(self, event: Mapping[str, Any] | None = None) -> dict[str, Any]:
        answer: dict[str, Any] = self.module.handler(dict(event or {"reconcile": True}), Context())
        return answer

    def at(self, now: datetime) -> Kept:
        """What it does at another time."""
        return keep(self.module.STORE, self.module.SCHEDULES, self.module.SETTINGS.plan_settings, now)

    def schedules(self) -> dict[str, dict[str, Any]]:
        """Schedules of the group by name."""
        listed = self.scheduler.list_schedules(GroupName=GROUP)["Schedules"]
        return {one["Name"]: dict(self.scheduler.get_schedule(GroupName=GROUP, Name=one["Name"])) for one in listed}

    def starts(self) -> dict[str, str]:
        """Expressions by the event that they start."""
        return {
            json.loads(one["Target"]["Input"])["detail"]["event"]: one["ScheduleExpression"]
            for one in self.schedules().values()
        }


@pytest.fixture
def keeper(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Keeper:
    return Keeper(cloud, monkeypatch)


def test_without_pinpoint_plans_are_kept_and_pinpoint_is_not_asked(
    connect: ConnectCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN Amazon Connect alone, and a plan that a journey may carry elsewhere
    keeper = Keeper(connect, monkeypatch, PINPOINT_APPLICATION_ID="", PLAN_SETTINGS=json.dumps(plan_settings()))
    connect.put_plan(digest())
    connect.put_plan(release() | {"orchestrator": "journey", "otherwise": "state_machine"})
    before = len(connect.pinpoint.journal.since(0)["requests"])

    # WHEN it is called at apply, by the hour, and at destroy
    assert keeper({"deploy": ["digest", "release"]}) == {"ok": True, "errors": []}
    assert keeper() == {"ok": True, "errors": []}
    assert keeper.starts() == {"digest": "at(2037-03-01T09:00:00)"}
    assert keeper({"tf": {"action": "delete"}, "deploy": []})["ok"]

    # THEN
    assert not keeper.starts()
    assert len(connect.pinpoint.journal.since(0)["requests"]) == before


def digest(schedule: str = MOMENT, event: str = "digest") -> dict[str, Any]:
    """A plan that a schedule starts."""
    plan = release()
    for step in plan["steps"]:
        for one in step.get("send", []):
            one["message"] = {key: text.replace("{{event.feature}}", "News") for key, text in one["message"].items()}
    return {**plan, "event": event, "orchestrator": "schedule", "schedule": schedule}


def test_plans_get_their_schedule_and_it_moves_and_goes_with_them(keeper: Keeper) -> None:
    keeper.cloud.put_plan(release())
    keeper.cloud.put_plan(digest())
    keeper.cloud.put_plan(digest(LATER, "outlook"))

    assert keeper() == {"ok": True, "errors": []}
    assert keeper.starts() == {"digest": "at(2037-03-01T09:00:00)", "outlook": "at(2037-03-02T09:00:00)"}
    [schedule] = [one for one in keeper.schedules().values() if "digest" in one["Target"]["Input"]]
    assert schedule["ScheduleExpressionTimezone"] == "UTC"
    assert schedule["FlexibleTimeWindow"]["Mode"] == "OFF"
    assert schedule["ActionAfterCompletion"] == "DELETE"
    assert schedule["Target"]["Arn"] == KEEPER["EVENTS_QUEUE_ARN"]
    assert schedule["Target"]["RoleArn"] == KEEPER["SCHEDULER_ROLE_ARN"]

    keeper.cloud.put_plan(digest(LATER), "plans")
    keeper()
    assert keeper.starts()["digest"] == "at(2037-03-02T09:00:00)", "a marketer's plan takes the place of the default"

    keeper.cloud.s3.delete_object(Bucket="plans", Key="plans/digest.json")
    keeper()
    assert keeper.starts()["digest"] == "at(2037-03-01T09:00:00)", "without it the default is in force again"

    keeper.cloud.put_plan(release() | {"event": "digest"})
    keeper.cloud.s3.delete_object(Bucket="plans", Key="defaults/outlook.json")
    keeper()
    assert keeper.starts() == {}, "neither a plan that an event starts nor a deleted one has a schedule"


def test_looking_again_changes_nothing_and_other_schedules_of_the_group_stay(keeper: Keeper) -> None:
    keeper.scheduler.create_schedule(
        Name="nightly",
        GroupName=GROUP,
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": KEEPER["EVENTS_QUEUE_ARN"], "RoleArn": KEEPER["SCHEDULER_ROLE_ARN"], "Input": "{}"},
    )
    keeper.cloud.put_plan(digest())
    keeper()
    before = {name: (one["ScheduleExpression"], one["Target"]) for name, one in keeper.schedules().items()}

    for _ in range(3):
        keeper()

    after = {name: (one["ScheduleExpression"], one["Target"]) for name, one in keeper.schedules().items()}
    assert after == before
    assert "nightly" in after


def test_what_a_schedule_writes_starts_one_run_however_often_it_comes(keeper: Keeper) -> None:
    keeper.cloud.put_plan(digest())
    keeper()
    [schedule] = keeper.schedules().values()

    assert keeper.cloud.announce(*[schedule["Target"]["Input"]] * 3) == []

    [execution] = keeper.cloud.executions()
    run = Names("digest", f"schedule:digest:{MOMENT}").run
    assert execution["name"] == f"digest-{run}"
    assert keeper.cloud.start_payload()["run"] == run


def test_an_event_does_not_start_a_plan_of_a_schedule(keeper: Keeper) -> None:
    keeper.cloud.put_plan(digest())
    body = json.dumps({"id": "1", "detail-type": "Company Event", "detail": {"event": "digest", "event_id": "e"}})

    assert keeper.cloud.announce(body) == []

    assert not keeper.cloud.executions()
    ledger = keeper.cloud.announcer.ANNOUNCER.ledger
    [refused] = map(ledger.run, ledger.runs())
    assert refused.faults[0].startswith("$.orchestrator: a schedule starts this plan, not an event.")


def test_now_is_once_for_each_time_that_the_plan_is_written(keeper: Keeper) -> None:
    # GIVEN a plan that starts when it is written
    keeper.cloud.put_plan(digest("now"))
    started = []

    def fire() -> None:
        """Scheduler: what is due is written to the queue, and the schedule is gone."""
        for name, one in keeper.schedules().items():
            keeper.cloud.announce(one["Target"]["Input"])
            started.append(one["ScheduleExpression"])
            keeper.scheduler.delete_schedule(GroupName=GROUP, Name=name)

    # WHEN it is looked at again and again
    for _ in range(3):
        keeper()
        fire()
    # THEN it has started once, within minutes
    assert len(keeper.cloud.executions()) == 1
    first = datetime.strptime(started[0], "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC)
    assert timedelta(seconds=0) < first - datetime.now(UTC) < timedelta(minutes=2)

    # AND days later it is not even asked for
    keeper.at(datetime.now(UTC) + timedelta(days=2))
    assert keeper.starts() == {}

    # AND once more when it is written again
    keeper.cloud.put_plan(digest("now"))
    keeper()
    fire()
    assert len(keeper.cloud.executions()) == 2


def test_a_moment_that_has_passed_starts_nothing(keeper: Keeper) -> None:
    keeper.cloud.put_plan(digest())
    keeper.at(WRITTEN_ONCE)
    assert keeper.starts() == {"digest": "at(2037-03-01T09:00:00)"}

    keeper.at(datetime(2037, 3, 1, 9, 0, 1, tzinfo=UTC))

    assert keeper.starts() == {}


def test_faulty_plans_start_nothing_and_are_all_named_while_the_others_go_on(
    keeper: Keeper, capsys: pytest.CaptureFixture[str]
) -> None:
    faulty = digest()
    faulty["steps"][0]["send"][0]["audience"] = "platinum"
    faulty["steps"][1]["wait"] = "PT1S"
    keeper.cloud.put_plan(faulty)
    keeper.cloud.s3.put_object(Bucket="plans", Key="plans/broken.json", Body="{")
    keeper.cloud.s3.put_object(Bucket="plans", Key="plans/renamed.json", Body=json.dumps(digest(LATER, "other")))
    keeper.cloud.put_plan(digest(LATER, "outlook"))
    capsys.readouterr()

    answer = keeper()

    assert answer["ok"] is False
    named = [error.partition(": ")[0] for error in answer["errors"]]
    assert sorted(named) == [
        "broken.json $",
        "digest.json $.steps[0].send[0].audience",
        "digest.json $.steps[1].wait",
        "renamed.json $.event",
    ]
    assert keeper.starts() == {"outlook": "at(2037-03-02T09:00:00)"}
    assert '"PlansRefused":[3' in capsys.readouterr().out.replace(" ", "")

    # A plan that turns faulty loses its schedule, and has it again once it is mended.
    keeper.cloud.put_plan(digest())
    keeper()
    assert "digest" in keeper.starts()
    keeper.cloud.put_plan(faulty)
    keeper()
    assert "digest" not in keeper.starts()


def test_check_answers_every_fault_and_touches_nothing(keeper: Keeper) -> None:
    faulty = release()
    del faulty["audiences"]["gold"]
    files = {"release.json": json.dumps(faulty), "digest.json": json.dumps(digest()), "x.json": "nonsense"}

    answer = keeper({"check": files, "tf": {"action": "create"}})

    assert answer["ok"] is False
    assert {error.split(" ")[0] for error in answer["errors"]} == {"release.json", "x.json"}
    sends = [error for error in answer["errors"] if error.startswith("release.json $.steps[")]
    assert len(sends) == 4, "each send to the missing audience is named"
    assert keeper({"check": {"digest.json": json.dumps(digest())}}) == {"ok": True, "errors": []}
    assert keeper.schedules() == {}


def test_two_plans_that_stamp_the_same_attribute_are_refused_together(keeper: Keeper) -> None:
    stamp = {"id": "stamp", "stamp": {"audiences": ["gold"], "set": {"told": "yes"}}}
    files = {
        f"{name}.json": json.dumps({**release(), "event": name, "steps": [stamp, *release()["steps"]]})
        for name in ("one", "two")
    }

    answer = keeper({"check": files})

    assert {error.split(" ")[0] for error in answer["errors"]} == {"one.json", "two.json"}
    assert all("told" in error for error in answer["errors"])
    assert keeper({"check": dict([files.popitem()])})["ok"]


def test_destroying_removes_the_schedules_of_plans(keeper: Keeper) -> None:
    keeper.cloud.put_plan(digest())
    keeper.cloud.put_plan(digest(LATER, "outlook"))
    keeper()
    assert len(keeper.schedules()) == 2

    assert keeper({"deploy": [], "tf": {"action": "delete"}}) == {"ok": True, "errors": []}

    assert keeper.schedules() == {}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whenever_the_keeper_dies_the_next_call_sets_things_right(keeper: Keeper, after: bool) -> None:
    for number in keeper.cloud.deaths.numbers(after=after):
        keeper.cloud.put_plan(digest(LATER, "outlook"))
        keeper.cloud.put_plan(digest())
        keeper()
        keeper.cloud.put_plan(digest(LATER))
        keeper.cloud.s3.delete_object(Bucket="plans", Key="defaults/outlook.json")
        keeper.cloud.deaths.order(number, after=after)

        try:
            keeper()
        except Death:
            keeper.cloud.deaths.forget()
            keeper()

        keeper.cloud.deaths.forget()
        assert keeper.starts() == {"digest": "at(2037-03-02T09:00:00)"}, number
    assert number >= 6
