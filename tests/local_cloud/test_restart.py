"""What a second start takes up of buses, machines, schedules, tables and buckets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.process import LocalCloud
from tests.local_cloud.aws import Aws, Queue
from tests.local_cloud.machines import Machines, definition
from tests.local_cloud.test_dynamodb import Table, key
from tests.local_cloud.test_eventbridge import Bus, by_principal, let_in
from tests.local_cloud.test_scheduler import PAST, SCHEDULER, SEND, Schedules, at
from tools.stack import pythons


def account(cloud: LocalCloud) -> Aws:
    return Aws(cloud, "saved", account="999900000022")


def test_a_second_start_goes_on_where_the_first_one_stopped(tmp_path: Path) -> None:
    with LocalCloud(tmp_path, pythons=pythons()) as cloud:
        aws = account(cloud)
        queue, planned = aws.queue(), aws.queue("planned")
        bus = Bus(aws)
        by_principal(bus, "222222222222")
        let_in(aws, queue, bus.rule)
        bus.target(queue.arn)
        schedules = Schedules(aws)
        role = aws.role("scheduler", SCHEDULER, {planned.arn: SEND})
        schedules.put(PAST, planned.arn, role, Name="past", Input="past")
        schedules.put(at(86400), planned.arn, role, Name="future", Input="future")
        assert aws.receive(planned) == "past"
        aws.sqs.purge_queue(QueueUrl=planned.url)
        machines = Machines(aws)
        document = definition("Pause", Pause={"Type": "Wait", "SecondsPath": "$.seconds", "End": True})
        machine = machines.create(document, machines.role())
        done = machines.run(machine, {"seconds": 0}, "done")["executionArn"]
        running = machines.start(machine, "running", {"seconds": 600})
        Table(aws).put("run#1", "run", status={"S": "running"})
        s3 = aws.client("s3")
        s3.create_bucket(Bucket="saved-plans")
        s3.put_bucket_versioning(Bucket="saved-plans", VersioningConfiguration={"Status": "Enabled"})
        version = s3.put_object(Bucket="saved-plans", Key="plans/a.json", Body=b"{}")["VersionId"]

    with LocalCloud(tmp_path, pythons=pythons()) as cloud:
        aws = account(cloud)
        goes_on(aws, Machines(aws), machine, done, running)
        events = aws.client("events")
        policy = json.loads(events.describe_event_bus(Name="saved")["Policy"])
        assert policy["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::222222222222:root"}
        entry = {"EventBusName": "saved", "Source": "shop", "DetailType": "x", "Detail": '{"n": 1}'}
        events.put_events(Entries=[entry])
        assert json.loads(aws.receive(Queue(queue.url, queue.arn)))["detail"] == {"n": 1}
        found = aws.client("s3").get_object(Bucket="saved-plans", Key="plans/a.json")
        assert (found["VersionId"], found["Body"].read()) == (version, b"{}")
        item = aws.client("dynamodb").get_item(TableName="saved-ledger", Key=key("run#1", "run"))["Item"]
        assert item["status"] == {"S": "running"}
        # What has come does not come again; what has not, comes.
        aws.local("pinpoint/settings", "PUT", {"time_factor": 86400})
        assert aws.receive(Queue(planned.url, planned.arn)) == "future"
        assert aws.depth(Queue(planned.url, planned.arn)) == 1


def goes_on(aws: Aws, machines: Machines, machine: str, done: str, running: str) -> None:
    """Executions are known; one that was running has failed and says why."""

    def described(execution: str) -> Any:
        return machines.states.describe_execution(executionArn=execution)

    assert described(done)["status"] == "SUCCEEDED"
    cut_off = described(running)
    assert (cut_off["status"], cut_off["error"]) == ("FAILED", "States.ServiceRestart")
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        machines.start(machine, "running", {"seconds": 600})
    assert machines.run(machine, {"seconds": 0}, f"{aws.name}-new")["status"] == "SUCCEEDED"
