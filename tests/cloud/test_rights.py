"""Least privilege: every statement is needed, and nothing beyond is allowed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud.deployment import Deployment, wait_for
from tests.cloud.roles import Role

CALL = {"event": "page.view", "endpoint_id": "rights"}


@pytest.fixture
def role(shop: Deployment) -> Iterator[Callable[[str], Role]]:
    """Finds a role by its output, and puts its policy back afterwards."""
    changed: list[tuple[Role, list[dict[str, Any]]]] = []

    def find(output: str) -> Role:
        found = Role(shop, shop.pixel[output].rpartition("/")[2])
        changed.append((found, found.statements()))
        return found

    yield find
    for found, statements in changed:
        found.write(statements)


def _call(shop: Deployment, event: str = "page.view", **parameters: str) -> None:
    assert shop.call(CALL | {"event": event} | parameters).status == 200


def _refused(shop: Deployment) -> None:
    assert shop.call(CALL).status == 503


def _half_done(shop: Deployment, attempt: int = 0) -> None:
    """Queue an array of which one event cannot be settled."""
    shop.put_faults({"target": "pinpoint.PutEvents", "kind": "item", "status": 500, "match": {"event_type": "later"}})
    document = {
        "version": 1,
        "route": "public",
        "request_id": f"rights-{attempt}",
        "request_time": str(int(time.time() * 1000)),
        "attempt": str(attempt),
        "events": [
            {"index": index, "token": "absent", "parameters": {"event": event, "endpoint_id": "rights"}}
            for index, event in enumerate(["page.view", "later"])
        ],
    }
    shop.sqs.send_message(QueueUrl=shop.pixel["queue_url"], MessageBody=json.dumps(document))


def _ask_for_keys(shop: Deployment) -> None:
    """Make the function look at a token anew; what it knew of the keys ends with its environment."""
    functions = shop.functions
    name = shop.pixel["function_name"]
    # The same value: the stack stays as it was applied.
    same = functions.get_function_configuration(FunctionName=name)["Timeout"]
    functions.update_function_configuration(FunctionName=name, Timeout=same)
    _call(shop, token=f"k.{int(time.time()) + 600}.{'x' * 43}")


@dataclass(frozen=True)
class Right:
    """What is refused without a statement: an action on a resource, while this is asked for."""

    action: str
    resource: str
    ask: Callable[[Deployment], None]


CONSUMER = {
    "SendEvents": Right("mobiletargeting:PutEvents", "*/events", _call),
    "ReadEvents": Right("sqs:ReceiveMessage", "*-pixel-events", _call),
    "KeepRejects": Right("sqs:SendMessage", "*-rejects", lambda shop: _call(shop, event="undefined")),
    "PutOpenEventsBack": Right("sqs:SendMessage", "*-pixel-events", _half_done),
    "GiveOpenEventsUp": Right("sqs:SendMessage", "*-dlq", lambda shop: _half_done(shop, attempt=2)),
    "ReadTokenKeys": Right("ssm:GetParameter", "*/token-keys", _ask_for_keys),
}
GATEWAY = {"QueueEvents": Right("sqs:SendMessage", "*-pixel-events", _refused)}

RIGHTS = [("role_arn", sid) for sid in CONSUMER] + [("gateway_role_arn", sid) for sid in GATEWAY]


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(("output", "sid"), RIGHTS)
def test_without_a_statement_its_action_is_refused_and_nothing_is_lost(
    patient: Deployment, role: Callable[[str], Role], output: str, sid: str
) -> None:
    shop = patient
    # GIVEN a role without one of its rights
    right = (CONSUMER | GATEWAY)[sid]
    holder = role(output)
    statements = holder.statements()
    assert sid in {statement["Sid"] for statement in statements}
    before, seen = shop.metrics(), len(shop.refusals())
    holder.write([statement for statement in statements if statement["Sid"] != sid])

    # WHEN it is needed
    right.ask(shop)

    # THEN it is refused
    def refused() -> bool:
        return any(
            item["action"] == right.action
            and fnmatch(item["resource"], right.resource)
            and holder.name in item["principal"]
            for item in shop.refusals()[seen:]
        )

    wait_for(f"a refusal of {right.action}", refused)

    # AND what waited for it is settled once the right is back
    holder.write(statements)
    shop.put_faults()
    shop.wait_until_settled()
    change = shop.metrics()
    change.subtract(before)
    settled = change["EventsSent"] + change["EventsRejected"] + change["EventsDeduplicated"]
    assert settled >= (output == "role_arn")
    assert shop.depth(shop.pixel["dlq_url"]) == 0


def test_every_statement_is_tried_or_said_to_be_untried(role: Callable[[str], Role]) -> None:
    # The local cloud writes logs itself, so terraform test asserts that statement on the policy document.
    assert {statement["Sid"] for statement in role("role_arn").statements()} == CONSUMER.keys() | {"WriteOwnLogs"}
    assert {statement["Sid"] for statement in role("gateway_role_arn").statements()} == GATEWAY.keys()


FORBIDDEN: list[tuple[str, str, str, dict[str, Any]]] = [
    ("role_arn", "sqs", "purge_queue", {"QueueUrl": "{queue_url}"}),
    ("role_arn", "sqs", "receive_message", {"QueueUrl": "{rejects_queue_url}"}),
    ("role_arn", "sqs", "receive_message", {"QueueUrl": "{dlq_url}"}),
    ("role_arn", "pinpoint", "get_apps", {}),
    ("role_arn", "pinpoint", "get_endpoint", {"ApplicationId": "{app}", "EndpointId": "e"}),
    ("role_arn", "pinpoint", "delete_app", {"ApplicationId": "{app}"}),
    ("role_arn", "ssm", "get_parameter", {"Name": "/other"}),
    ("role_arn", "iam", "list_roles", {}),
    ("role_arn", "lambda", "list_functions", {}),
    ("gateway_role_arn", "sqs", "receive_message", {"QueueUrl": "{queue_url}"}),
    ("gateway_role_arn", "sqs", "send_message", {"QueueUrl": "{rejects_queue_url}", "MessageBody": "x"}),
    ("gateway_role_arn", "sqs", "send_message", {"QueueUrl": "{dlq_url}", "MessageBody": "x"}),
    ("gateway_role_arn", "pinpoint", "get_apps", {}),
]


@pytest.mark.parametrize(("output", "service", "operation", "arguments"), FORBIDDEN)
def test_no_role_can_do_more_than_its_job(
    shop: Deployment,
    role: Callable[[str], Role],
    output: str,
    service: str,
    operation: str,
    arguments: dict[str, Any],
) -> None:
    values = {**shop.pixel, "app": shop.application_id}
    given = {name: text.format(**values) for name, text in arguments.items()}
    client: Any = role(output).session().client(service, endpoint_url=shop.cloud.url)

    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**given)

    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403)
    assert any(word in str(caught.value) for word in ("AccessDenied", "Forbidden", "not authorized"))
