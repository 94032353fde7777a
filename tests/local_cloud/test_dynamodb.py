"""DynamoDB as the ledger needs it: conditions, transactions, counters, and permissions per table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.local_cloud.aws import LAMBDA, REGION, Aws, statement

FAILED = "ConditionalCheckFailed"
CALLS = """
import boto3
from botocore.exceptions import ClientError
dynamodb = boto3.client("dynamodb")
def handler(event, context):
    try:
        getattr(dynamodb, event["call"])(**event["arguments"])
    except ClientError as error:
        return error.response["Error"]["Code"]
"""


class Table:
    """A table with a hash and a range key."""

    def __init__(self, aws: Aws, suffix: str = "ledger") -> None:
        self.client: Any = aws.client("dynamodb")
        self.name = f"{aws.name}-{suffix}"
        keys = {"pk": "HASH", "sk": "RANGE"}
        self.client.create_table(
            TableName=self.name,
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
            BillingMode="PAY_PER_REQUEST",
            SSESpecification={"Enabled": True},
        )
        self.arn = f"arn:aws:dynamodb:{REGION}:{aws.account}:table/{self.name}"

    def put(self, pk: str, sk: str, condition: str | None = None, **attributes: Any) -> None:
        more = {"ConditionExpression": condition} if condition else {}
        self.client.put_item(TableName=self.name, Item={**key(pk, sk), **attributes}, **more)

    def get(self, pk: str, sk: str) -> Any:
        return self.client.get_item(TableName=self.name, Key=key(pk, sk), ConsistentRead=True).get("Item")

    def update(self, pk: str, sk: str, expression: str, values: Any, **options: Any) -> Any:
        return self.client.update_item(
            TableName=self.name,
            Key=key(pk, sk),
            UpdateExpression=expression,
            ExpressionAttributeValues=values,
            ReturnValues="ALL_NEW",
            **options,
        )["Attributes"]

    def query(self, pk: str, prefix: str, **options: Any) -> Any:
        return self.client.query(
            TableName=self.name,
            KeyConditionExpression="pk = :p AND begins_with(sk, :s)",
            ExpressionAttributeValues={":p": {"S": pk}, ":s": {"S": prefix}},
            ConsistentRead=True,
            **options,
        )


def key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


@pytest.fixture
def table(aws: Aws) -> Table:
    return Table(aws)


def test_a_claim_succeeds_once_whoever_tries(table: Table) -> None:
    def claim(number: int) -> bool:
        try:
            table.put("run#1", "run", "attribute_not_exists(pk)", owner={"N": str(number)})
        except table.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(claim, range(16))) == 1


def test_a_refused_condition_can_tell_the_item(table: Table) -> None:
    table.put("run#1", "run", status={"S": "running"})

    with pytest.raises(ClientError) as refused:
        table.client.put_item(
            TableName=table.name,
            Item=key("run#1", "run"),
            ConditionExpression="attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )

    assert refused.value.response["Item"]["status"] == {"S": "running"}


def test_a_lease_is_taken_when_it_is_free_or_over(table: Table) -> None:
    condition = "attribute_not_exists(lease_until) OR lease_until < :now OR lease_owner = :me"

    def take(owner: str, now: int) -> Any:
        return table.update(
            "run#1",
            "step#000",
            "SET lease_owner = :me, lease_until = :until, attempts = if_not_exists(attempts, :zero) + :one",
            {
                ":me": {"S": owner},
                ":now": {"N": str(now)},
                ":until": {"N": str(now + 60)},
                ":zero": {"N": "0"},
                ":one": {"N": "1"},
            },
            ConditionExpression=condition,
        )

    take("a", 100)
    with pytest.raises(ClientError, match=FAILED):
        take("b", 110)
    take("a", 110)
    assert take("b", 171) == {
        **key("run#1", "step#000"),
        "lease_owner": {"S": "b"},
        "lease_until": {"N": "231"},
        "attempts": {"N": "3"},
    }


def test_counters_lose_nothing_and_lists_grow(table: Table) -> None:
    def count(_: int) -> None:
        table.update("head_room", "campaigns", "ADD reserved :one", {":one": {"N": "1"}})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(40)))
    table.put("run#1", "run", faults={"L": []})
    grown = table.update(
        "run#1",
        "run",
        "SET faults = list_append(faults, :more), #s = :status REMOVE reason",
        {":more": {"L": [{"S": "x"}]}, ":status": {"S": "failed"}},
        ExpressionAttributeNames={"#s": "status"},
    )

    assert table.get("head_room", "campaigns")["reserved"] == {"N": "40"}
    assert (grown["faults"], grown["status"]) == ({"L": [{"S": "x"}]}, {"S": "failed"})


@given(st.lists(st.sets(st.sampled_from(["0.delivered", "0.opened", "2.clicked"]), min_size=1), min_size=1, max_size=4))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_set_grows_by_what_it_lacks(table: Table, additions: list[set[str]]) -> None:
    table.client.delete_item(TableName=table.name, Key=key("run#1", "ada"))

    for added in additions:
        grown = table.update("run#1", "ada", "ADD did :d SET expires = :e", {":d": strings(added), ":e": {"N": "9"}})

    assert set(grown["did"]["SS"]) == set().union(*additions)
    assert len(grown["did"]["SS"]) == len(set().union(*additions))
    assert grown["expires"] == {"N": "9"}


def strings(values: set[str]) -> Any:
    return {"SS": sorted(values)}


def test_a_set_loses_nothing_to_others_who_add_at_the_same_time(table: Table) -> None:
    def add(number: int) -> None:
        table.update("run#1", "ada", "ADD did :d", {":d": strings({f"{number}.opened"})})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(40)))

    assert len(table.get("run#1", "ada")["did"]["SS"]) == 40


@pytest.mark.parametrize(
    ("stored", "added"),
    [
        ({"S": "x"}, {"SS": ["y"]}),
        ({"NS": ["1"]}, {"SS": ["y"]}),
        ({"SS": ["x"]}, {"S": "y"}),
        ({"SS": ["x"]}, {"SS": []}),
        ({"SS": ["x"]}, {"SS": ["y", "y"]}),
    ],
)
def test_a_set_takes_only_a_set_of_its_kind(table: Table, stored: Any, added: Any) -> None:
    table.put("run#1", "ada", did=stored)

    with pytest.raises(ClientError, match="ValidationException"):
        table.update("run#1", "ada", "ADD did :d", {":d": added})

    assert table.get("run#1", "ada")["did"] == stored


def test_many_items_are_read_at_once(table: Table) -> None:
    for number in range(3):
        table.put("run#1", f"e{number}", did=strings({"0.opened"}))
    keys = [key("run#1", f"e{number}") for number in range(5)]

    def read(wanted: list[Any], **more: Any) -> Any:
        request = {table.name: {"Keys": wanted, "ConsistentRead": True, **more}}
        return table.client.batch_get_item(RequestItems=request)

    answer = read(keys, ProjectionExpression="sk, did")
    assert answer["UnprocessedKeys"] == {}
    assert sorted(item["sk"]["S"] for item in answer["Responses"][table.name]) == ["e0", "e1", "e2"]
    assert all(set(item) == {"sk", "did"} for item in answer["Responses"][table.name])
    with pytest.raises(ClientError, match="ValidationException"):
        read([key("run#1", f"e{number}") for number in range(101)])
    with pytest.raises(ClientError, match="ValidationException"):
        read([keys[0], keys[0]])


def transaction(table: Table, *items: Any) -> None:
    table.client.transact_write_items(TransactItems=[{kind: {"TableName": table.name, **item}} for kind, item in items])


def test_a_transaction_happens_whole_or_not_at_all(table: Table) -> None:
    put = {"Item": key("run#1", "run"), "ConditionExpression": "attribute_not_exists(pk)"}
    add = {
        "Key": key("head_room", "campaigns"),
        "UpdateExpression": "ADD reserved :n",
        "ConditionExpression": "attribute_not_exists(reserved) OR reserved <= :most",
        "ExpressionAttributeValues": {":n": {"N": "100"}, ":most": {"N": "100"}},
    }

    transaction(table, ("Put", put), ("Update", add))
    with pytest.raises(ClientError, match="TransactionCanceledException") as refused:
        transaction(table, ("Put", put), ("Update", add))

    assert [reason["Code"] for reason in refused.value.response["CancellationReasons"]] == [FAILED, "None"]
    assert table.get("head_room", "campaigns")["reserved"] == {"N": "100"}
    check = {**key("run#1", "run")}
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        transaction(
            table,
            ("ConditionCheck", {"Key": check, "ConditionExpression": "attribute_exists(stopping)"}),
            ("Delete", {"Key": key("head_room", "campaigns")}),
        )
    assert table.get("head_room", "campaigns")


def test_a_query_finds_a_prefix_in_order_and_in_pages(table: Table) -> None:
    for number in (11, 2, 1):
        table.put("run#1", f"step#{number:03}")
    table.put("run#1", "made#segment#a")
    table.put("run#2", "step#001")

    first = table.query("run#1", "step#", Limit=2)
    rest = table.query("run#1", "step#", ExclusiveStartKey=first["LastEvaluatedKey"])

    found = [item["sk"]["S"] for item in [*first["Items"], *rest["Items"]]]
    assert found == ["step#001", "step#002", "step#011"]
    newest = table.query("run#1", "step#", ScanIndexForward=False, Limit=1)["Items"]
    assert newest[0]["sk"] == {"S": "step#011"}


def test_an_item_above_the_limit_is_refused(table: Table) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        table.put("run#1", "run", text={"S": "x" * 410_000})


@pytest.mark.parametrize(
    "expression",
    [
        "SET x = :s, x = :s",
        "SET x = :s REMOVE x",
        "SET m.x = :s, m = :s",
        "SET x = :s SET y = :s",
        "SET x = :s,",
        "SET x : :s",
        "SET status = :s",
        "ADD n if_not_exists(n, :s)",
        "x = :s",
    ],
)
def test_an_update_that_aws_cannot_read_changes_nothing(table: Table, expression: str) -> None:
    table.put("run#1", "run", m={"M": {}}, n={"N": "1"})

    with pytest.raises(ClientError, match="ValidationException"):
        table.update("run#1", "run", expression, {":s": {"N": "5"}})

    assert table.get("run#1", "run") == {**key("run#1", "run"), "m": {"M": {}}, "n": {"N": "1"}}


@pytest.mark.parametrize(
    "expression",
    ["SET m.x = :s, m.y = if_not_exists(n, :s) + :s", "SET x = (n + :s) REMOVE m ADD n :s", "REMOVE m, n, l[0]"],
)
def test_updates_of_several_parts_are_read(table: Table, expression: str) -> None:
    table.put("run#1", "run", m={"M": {}}, n={"N": "1"}, l={"L": [{"S": "x"}]})
    values = {":s": {"N": "5"}} if ":s" in expression else None
    more = {"ExpressionAttributeValues": values} if values else {}

    table.client.update_item(TableName=table.name, Key=key("run#1", "run"), UpdateExpression=expression, **more)

    assert table.get("run#1", "run") != {**key("run#1", "run"), "m": {"M": {}}, "n": {"N": "1"}}


def test_settings_read_back(table: Table) -> None:
    table.client.update_time_to_live(
        TableName=table.name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"}
    )
    table.client.update_continuous_backups(
        TableName=table.name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )

    lifetime = table.client.describe_time_to_live(TableName=table.name)["TimeToLiveDescription"]
    backups = table.client.describe_continuous_backups(TableName=table.name)["ContinuousBackupsDescription"]
    described = table.client.describe_table(TableName=table.name)["Table"]
    assert (lifetime["TimeToLiveStatus"], lifetime["AttributeName"]) == ("ENABLED", "expires_at")
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert described["SSEDescription"]["Status"] == "ENABLED"
    assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


WRITE = {"Put": {"Item": key("a", "b")}}


@pytest.mark.parametrize(
    ("call", "action", "rest"),
    [
        ("put_item", "PutItem", {"Item": key("a", "b")}),
        ("get_item", "GetItem", {"Key": key("a", "b")}),
        (
            "query",
            "Query",
            {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}},
        ),
        ("transact_write_items", "PutItem", {}),
        ("batch_write_item", "BatchWriteItem", {}),
        ("batch_get_item", "BatchGetItem", {}),
        (
            "update_item",
            "UpdateItem",
            {
                "Key": key("a", "b"),
                "UpdateExpression": "ADD did :d",
                "ExpressionAttributeValues": {":d": {"SS": ["0.opened"]}},
            },
        ),
    ],
)
def test_each_table_needs_its_permission(aws: Aws, table: Table, call: str, action: str, rest: Any) -> None:
    other = Table(aws, "other")
    function = aws.function(CALLS, aws.role("calls", LAMBDA, {table.arn: [f"dynamodb:{action}"]}), "calls")

    def outcome(names: Sequence[str]) -> Any:
        if call == "transact_write_items":
            arguments: Any = {"TransactItems": [{"Put": {"TableName": name, **WRITE["Put"]}} for name in names]}
        elif call == "batch_write_item":
            arguments = {"RequestItems": {name: [{"PutRequest": WRITE["Put"]}] for name in names}}
        elif call == "batch_get_item":
            arguments = {"RequestItems": {name: {"Keys": [key("a", "b")]} for name in names}}
        else:
            arguments = {"TableName": names[-1], **rest}
        return aws.invoke(function, {"call": call, "arguments": arguments})

    assert outcome([table.name]) is None
    assert outcome([table.name, other.name]) == "AccessDeniedException"
    policy = json.dumps(statement(f"dynamodb:{action}", Resource=other.arn))
    aws.iam.put_role_policy(RoleName=f"{aws.name}-calls", PolicyName="other", PolicyDocument=policy)
    assert outcome([table.name, other.name]) is None


def test_a_condition_check_has_its_own_permission(aws: Aws, table: Table) -> None:
    function = aws.function(CALLS, aws.role("calls", LAMBDA, {table.arn: ["dynamodb:PutItem"]}), "calls")
    check = {"TableName": table.name, "Key": key("a", "b"), "ConditionExpression": "attribute_not_exists(pk)"}
    event = {"call": "transact_write_items", "arguments": {"TransactItems": [{"ConditionCheck": check}]}}

    assert aws.invoke(function, event) == "AccessDeniedException"
    policy = json.dumps(statement("dynamodb:ConditionCheckItem", Resource=table.arn))
    aws.iam.put_role_policy(RoleName=f"{aws.name}-calls", PolicyName="check", PolicyDocument=policy)
    assert aws.invoke(function, event) is None
