"""Kinesis: streams, permissions, order within a shard, and what a mapping does with records that fail."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.process import LocalCloud
from tests.local_cloud.aws import LAMBDA, REGION, Aws, archive, statement, wait_for
from tests.local_cloud.stream_root import ROOT
from tests.local_cloud.streams import READ, Stream, decoded
from tools.stack import Stack, pythons

CALLS = """
import boto3
from botocore.exceptions import ClientError
kinesis = boto3.client("kinesis")
def handler(event, context):
    try:
        answer = getattr(kinesis, event["call"])(**event["arguments"])
        return answer.get("ShardIterator")
    except ClientError as error:
        return error.response["Error"]["Code"]
"""


@pytest.fixture
def stream(aws: Aws) -> Stream:
    return Stream(aws)


def test_a_stream_on_demand_has_four_shards_and_its_tags(aws: Aws) -> None:
    kinesis = aws.client("kinesis")
    kinesis.create_stream(StreamName=aws.name, StreamModeDetails={"StreamMode": "ON_DEMAND"}, Tags={"team": "crm"})

    summary = kinesis.describe_stream_summary(StreamName=aws.name)["StreamDescriptionSummary"]
    shards = kinesis.list_shards(StreamName=aws.name)["Shards"]

    assert (summary["OpenShardCount"], summary["StreamModeDetails"]["StreamMode"]) == (4, "ON_DEMAND")
    assert (shards[0]["HashKeyRange"]["StartingHashKey"], len(shards)) == ("0", 4)
    assert kinesis.list_tags_for_stream(StreamName=aws.name)["Tags"] == [{"Key": "team", "Value": "crm"}]


@pytest.mark.parametrize(
    "arguments",
    [
        {"StreamModeDetails": {"StreamMode": "ON_DEMAND"}, "ShardCount": 2},
        {"StreamModeDetails": {"StreamMode": "PROVISIONED"}},
        {"ShardCount": 1, "StreamName": "no spaces"},
    ],
)
def test_a_stream_that_aws_would_not_make_is_refused(aws: Aws, arguments: dict[str, Any]) -> None:
    with pytest.raises(ClientError):
        aws.client("kinesis").create_stream(**{"StreamName": aws.name, **arguments})


def test_a_hash_key_chooses_the_shard(aws: Aws) -> None:
    stream = Stream(aws, shards=4)
    shards = stream.kinesis.list_shards(StreamName=stream.name)["Shards"]

    for shard in shards:
        key = shard["HashKeyRange"]["EndingHashKey"]
        put = stream.kinesis.put_record(StreamName=stream.name, PartitionKey="m", Data=b"{}", ExplicitHashKey=key)
        assert put["ShardId"] == shard["ShardId"]
    with pytest.raises(ClientError, match="InvalidArgumentException"):
        stream.kinesis.put_record(StreamName=stream.name, PartitionKey="m", Data=b"{}", ExplicitHashKey=str(2**128))


@pytest.mark.parametrize(
    ("call", "action", "rest"),
    [
        ("put_record", "PutRecord", {"PartitionKey": "a", "Data": "{}"}),
        ("put_records", "PutRecords", {"Records": [{"PartitionKey": "a", "Data": "{}"}]}),
        ("list_shards", "ListShards", {}),
        ("describe_stream", "DescribeStream", {}),
        ("describe_stream_summary", "DescribeStreamSummary", {}),
        (
            "get_shard_iterator",
            "GetShardIterator",
            {"ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"},
        ),
    ],
)
def test_each_call_needs_its_permission_on_its_stream(
    aws: Aws, stream: Stream, call: str, action: str, rest: dict[str, Any]
) -> None:
    other = f"{aws.name}-other"
    stream.kinesis.create_stream(StreamName=other, ShardCount=1)
    function = aws.function(CALLS, aws.role("calls", LAMBDA, {stream.arn: [f"kinesis:{action}"]}), "calls")

    def outcome(name: str) -> Any:
        return aws.invoke(function, {"call": call, "arguments": {"StreamName": name, **rest}})

    assert outcome(other) == "AccessDeniedException"
    assert outcome(stream.name) != "AccessDeniedException"
    assert [refusal["action"] for refusal in aws.refusals()] == [f"kinesis:{action}"]


def test_making_a_stream_needs_its_permission(aws: Aws) -> None:
    arn = f"arn:aws:kinesis:{REGION}:{aws.account}:stream/{aws.name}"
    function = aws.function(CALLS, aws.role("calls", LAMBDA, {arn: ["kinesis:CreateStream"]}), "calls")

    def outcome(name: str) -> Any:
        return aws.invoke(function, {"call": "create_stream", "arguments": {"StreamName": name, "ShardCount": 1}})

    assert outcome(f"{aws.name}-other") == "AccessDeniedException"
    assert outcome(aws.name) is None


def test_reading_with_an_iterator_needs_the_permission_on_its_stream(aws: Aws, stream: Stream) -> None:
    actions = ["kinesis:GetShardIterator"]
    function = aws.function(CALLS, aws.role("calls", LAMBDA, {stream.arn: actions}), "calls")
    arguments = {"StreamName": stream.name, "ShardId": "shardId-000000000000", "ShardIteratorType": "LATEST"}
    iterator = aws.invoke(function, {"call": "get_shard_iterator", "arguments": arguments})
    reading = {"call": "get_records", "arguments": {"ShardIterator": iterator}}

    assert aws.invoke(function, reading) == "AccessDeniedException"
    policy = json.dumps(statement([*actions, "kinesis:GetRecords"], Resource=stream.arn))
    aws.iam.put_role_policy(RoleName=f"{aws.name}-calls", PolicyName="p0", PolicyDocument=policy)
    assert aws.invoke(function, reading) is None


def test_records_look_as_lambda_makes_them(aws: Aws, stream: Stream) -> None:
    stream.map(stream.function())

    stream.put({"name": "é"})

    record = stream.collect(bool)[0]["record"]
    assert set(record) == {
        "kinesis",
        "eventSource",
        "eventVersion",
        "eventID",
        "eventName",
        "invokeIdentityArn",
        "awsRegion",
        "eventSourceARN",
    }
    assert set(record["kinesis"]) == {
        "kinesisSchemaVersion",
        "partitionKey",
        "sequenceNumber",
        "data",
        "approximateArrivalTimestamp",
    }
    assert (record["eventSource"], record["eventSourceARN"]) == ("aws:kinesis", stream.arn)
    assert record["invokeIdentityArn"] == f"arn:aws:iam::{aws.account}:role/{stream.role_name}"
    assert decoded(record) == {"name": "é"}


def test_batches_are_as_large_as_allowed_and_in_order(stream: Stream) -> None:
    function = stream.function()
    stream.put(*({"name": f"{number:03}"} for number in range(250)))

    stream.map(function, BatchSize=100)

    batches = stream.names("249")
    assert [len(batch) for batch in batches] == [100, 100, 50]
    assert list(chain.from_iterable(batches)) == [f"{number:03}" for number in range(250)]


def test_a_window_collects_records(stream: Stream) -> None:
    stream.map(stream.function(), MaximumBatchingWindowInSeconds=2)

    began = time.time()
    stream.put({"name": "one"}, {"name": "two"})

    [report] = stream.collect(bool)
    assert report["names"] == ["one", "two"]
    assert report["at"] - began >= 1.9


def test_a_batch_is_no_larger_than_the_payload_of_an_invocation(stream: Stream) -> None:
    function = stream.function()
    for number in range(10):
        stream.put({"name": f"{number}", "padding": "x" * 700_000})

    stream.map(function)

    assert [len(batch) for batch in stream.names("9")] == [6, 4]


def test_only_records_that_match_a_filter_come_and_count(stream: Stream) -> None:
    pattern = {"data": {"kind": [{"prefix": "_email."}, {"equals-ignore-case": "marker"}]}}
    stream.map(
        stream.function(),
        BatchSize=2,
        FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]},
        MaximumBatchingWindowInSeconds=1,
    )

    stream.kinesis.put_record(StreamName=stream.name, PartitionKey="ada", Data=b"not JSON")
    kinds = ["_email.open", "page", "page", "_email.click", "page", "MARKER", "page"]
    stream.put(*({"name": kind, "kind": kind} for kind in kinds))

    assert stream.names("MARKER") == [["_email.open", "_email.click"], ["MARKER"]]


def test_a_mapping_starts_where_it_says(aws: Aws, stream: Stream) -> None:
    function = stream.function()
    stream.put({"name": "before"})
    moment = datetime.now(UTC) + timedelta(milliseconds=50)
    wait_for("the moment", lambda: datetime.now(UTC) > moment)

    late = stream.map(function, StartingPosition="LATEST")
    stream.put({"name": "after"})
    assert stream.names("after") == [["after"]]

    aws.functions.delete_event_source_mapping(UUID=late)
    aws._mappings.remove(late)
    stream.map(function, StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=moment)
    stream.put({"name": "last"})
    assert list(chain.from_iterable(stream.names("last"))) == ["after", "last"]


def test_everything_from_the_lowest_reported_number_comes_again(stream: Stream) -> None:
    function = stream.function()
    stream.put({"name": "a"}, {"name": "b", "fail": 1}, {"name": "c"}, {"name": "d", "fail": 1})

    stream.map(function)

    reports = stream.collect(lambda found: len(found) == 2)
    assert [report["names"] for report in reports] == [["a", "b", "c", "d"], ["b", "c", "d"]]


def test_a_malformed_answer_fails_the_whole_batch(stream: Stream) -> None:
    function = stream.function()
    answer = {"batchItemFailures": [{"itemIdentifier": "not-in-this-batch"}]}
    stream.put({"name": "a"}, {"name": "b", "answer": answer})

    stream.map(function)

    reports = stream.collect(lambda found: len(found) == 2)
    assert [report["names"] for report in reports] == [["a", "b"], ["a", "b"]]


def test_a_failing_batch_blocks_its_shard_and_no_other(aws: Aws) -> None:
    stream = Stream(aws, shards=2)
    first, second = (
        shard["HashKeyRange"]["StartingHashKey"]
        for shard in stream.kinesis.list_shards(StreamName=stream.name)["Shards"]
    )

    def put(name: str, shard: str, **order: Any) -> None:
        data = json.dumps({"name": name, **order}).encode()
        stream.kinesis.put_record(StreamName=stream.name, PartitionKey="k", ExplicitHashKey=shard, Data=data)

    mapping = stream.map(stream.function(), BatchSize=1)
    put("poison", first, **{"raise": 10**9})
    put("behind", first)
    put("beside", second)

    def blocked(reports: list[dict[str, Any]]) -> bool:
        seen = [report["names"] for report in reports]
        return ["beside"] in seen and seen.count(["poison"]) >= 5

    seen = [report["names"] for report in stream.collect(blocked)]
    assert sorted(set(chain.from_iterable(seen))) == ["beside", "poison"]
    assert seen.count(["beside"]) == 1
    aws.functions.update_event_source_mapping(UUID=mapping, MaximumRetryAttempts=1)
    assert stream.names("behind")[-1] == ["behind"]


def test_a_batch_is_split_until_the_record_that_fails_is_alone_and_told(aws: Aws, stream: Stream) -> None:
    dead = aws.queue("dead")
    function = stream.function()
    aws.iam.put_role_policy(
        RoleName=stream.role_name,
        PolicyName="dead",
        PolicyDocument=json.dumps(statement("sqs:SendMessage", Resource=dead.arn)),
    )
    stream.put(*({"name": name, **({"raise": 99} if name == "c" else {})} for name in "abcd"))

    stream.map(
        function,
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": dead.arn}},
    )

    told = json.loads(aws.receive(dead))
    reports = stream.collect(lambda found: ["d"] in [report["names"] for report in found])
    names = ["".join(report["names"]) for report in reports]
    assert names == ["abcd", "ab", "cd", "c", "c", "d"]
    info = told["KinesisBatchInfo"]
    assert (info["batchSize"], info["shardId"], info["streamArn"]) == (1, "shardId-000000000000", stream.arn)
    assert info["startSequenceNumber"] == info["endSequenceNumber"]
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert told["requestContext"]["approximateInvokeCount"] == 2
    assert told["requestContext"]["functionArn"] == function


def test_without_a_limit_a_record_is_tried_again_and_again(stream: Stream) -> None:
    stream.map(stream.function())

    stream.put({"name": "poison", "raise": 6}, {"name": "behind"})

    assert stream.collect(lambda found: len(found) == 7)[-1]["names"] == ["poison", "behind"]


def test_a_mapping_stops_while_its_role_lacks_a_right(aws: Aws, stream: Stream) -> None:
    mapping = stream.map(stream.function())

    def allow(actions: list[str]) -> None:
        policy = json.dumps(statement([*actions, "sqs:SendMessage"], Resource="*"))
        for name in ("p0", "p1"):
            aws.iam.put_role_policy(RoleName=stream.role_name, PolicyName=name, PolicyDocument=policy)

    def stopped(action: str) -> bool:
        state = aws.functions.get_event_source_mapping(UUID=mapping)["LastProcessingResult"]
        return state.startswith("PROBLEM: ") and action in state

    for action in READ:
        allow([known for known in READ if known != action])
        wait_for("the mapping to stop", partial(stopped, action))
        stream.put({"name": action})
        back = time.time()
        allow(READ)
        [report] = stream.collect(bool)
        assert (report["names"], report["at"] > back) == ([action], True)

    assert [refusal["action"] for refusal in aws.refusals()] == READ


def test_a_mapping_is_not_made_for_a_role_without_rights(stream: Stream) -> None:
    function = stream.function(READ[:-1])

    with pytest.raises(ClientError, match="Please ensure the role can perform the GetRecords"):
        stream.map(function)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"BatchSize": 10_001}, "BatchSize must be between"),
        ({"MaximumRecordAgeInSeconds": 59}, "must be -1 or at least 60"),
        ({"TumblingWindowInSeconds": 30}, "TumblingWindowInSeconds must be between"),
        ({"FilterCriteria": {"Filters": [{"Pattern": '{"data": "text"}'}]}}, "Invalid filter pattern"),
        ({"StartingPosition": "AT_TIMESTAMP"}, "give both or neither"),
        ({"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:000000000000:x"}}}, "SendMessage"),
        ({"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::bucket"}}}, "must be a queue"),
    ],
)
def test_a_mapping_with_wrong_settings_is_refused(stream: Stream, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        stream.map(stream.function(), **options)


def test_the_age_of_records_is_a_metric(aws: Aws, stream: Stream) -> None:
    stream.map(stream.function())
    began = time.time()

    stream.put({"name": "a"})
    stream.names("a")

    def points() -> list[Any]:
        now = datetime.now(UTC)
        return list(
            aws.client("cloudwatch").get_metric_statistics(
                Namespace="AWS/Lambda",
                MetricName="IteratorAge",
                Dimensions=[{"Name": "FunctionName", "Value": f"{aws.name}-function"}],
                StartTime=now - timedelta(minutes=5),
                EndTime=now + timedelta(minutes=5),
                Period=60,
                Statistics=["Maximum"],
            )["Datapoints"]
        )

    age = wait_for("the metric", points)[0]["Maximum"]
    assert 0 <= age <= (time.time() - began) * 1000


def test_the_provider_makes_changes_and_removes_a_stream_and_its_mapping(aws: Aws, tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "main.tf").write_text(ROOT)
    code = tmp_path / "function.zip"
    code.write_bytes(archive({"app.py": "def handler(event, context): pass"}))
    stack = Stack(aws.cloud, tmp_path / "stack", {"name": aws.name, "archive": str(code)}, folder=tmp_path / "root")

    stack.apply()
    assert stack.changes() == []
    summary = aws.client("kinesis").describe_stream_summary(StreamName=aws.name)["StreamDescriptionSummary"]
    assert (summary["EncryptionType"], summary["OpenShardCount"]) == ("KMS", 4)
    stack.destroy()

    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        aws.client("kinesis").describe_stream(StreamName=aws.name)


def result(aws: Aws, mapping: str) -> str:
    return str(aws.functions.get_event_source_mapping(UUID=mapping)["LastProcessingResult"])


def test_a_second_start_reads_on_where_the_first_one_stopped(tmp_path: Path) -> None:
    with LocalCloud(tmp_path, pythons=pythons()) as cloud:
        stream = Stream(Aws(cloud, "saved", account="999900000041"))
        mapping = stream.map(stream.function())
        stream.put({"name": "before"})
        assert stream.names("before") == [["before"]]
        wait_for("its end", lambda: result(stream.aws, mapping).startswith("OK"))
        stream.aws.functions.update_event_source_mapping(UUID=mapping, Enabled=False)
        stream.put({"name": "between"})

    with LocalCloud(tmp_path, pythons=pythons()) as cloud:
        again = Stream(Aws(cloud, "saved", account="999900000041"), is_made=True)
        again.aws.functions.update_event_source_mapping(UUID=mapping, Enabled=True)
        assert again.names("between") == [["between"]]
