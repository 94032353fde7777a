"""The keeper of the event stream against the emulator: it connects, and never takes another's place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.environment import EVENT_STREAM
from tests.functional.functions import Context, load
from tests.functional.runs.cloud import Cloud, running

OURS = {
    "stream_arn": "arn:aws:kinesis:eu-west-1:123456789012:stream/ours",
    "role_arn": "arn:aws:iam::123456789012:role/ours",
}
THEIRS = {
    "stream_arn": "arn:aws:kinesis:eu-west-1:123456789012:stream/theirs",
    "role_arn": "arn:aws:iam::123456789012:role/theirs",
}


@dataclass
class Terraform:
    """The function as Terraform calls it, and the project's event stream as others see it."""

    cloud: Cloud
    module: Any

    def calls(self, action: str, document: dict[str, str]) -> dict[str, Any]:
        answer: dict[str, Any] = self.module.handler({**document, "tf": {"action": action}}, Context())
        return answer

    def somebody_connects(self, connection: dict[str, str]) -> None:
        self.cloud._own.put_event_stream(
            ApplicationId=self.cloud.application_id,
            WriteEventStream={"DestinationStreamArn": connection["stream_arn"], "RoleArn": connection["role_arn"]},
        )

    def connected(self) -> dict[str, str] | None:
        try:
            found = self.cloud._own.get_event_stream(ApplicationId=self.cloud.application_id)["EventStream"]
        except self.cloud._own.exceptions.NotFoundException:
            return None
        return {"stream_arn": found["DestinationStreamArn"], "role_arn": found["RoleArn"]}


@pytest.fixture
def terraform(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terraform]:
    with running(monkeypatch, {}, Cloud) as cloud:
        environment = EVENT_STREAM | {"PINPOINT_APPLICATION_ID": cloud.application_id}
        module = load(monkeypatch, "engagement.handlers.event_stream", environment)
        monkeypatch.setattr(module, "time", cloud.clock)
        yield Terraform(cloud, module)


def test_a_project_is_connected_kept_so_and_disconnected(terraform: Terraform) -> None:
    assert terraform.calls("create", OURS) == {"ok": True, "errors": []}
    assert terraform.connected() == OURS
    assert terraform.calls("update", OURS)["ok"]
    assert terraform.calls("delete", OURS)["ok"]
    assert terraform.connected() is None
    assert terraform.calls("delete", OURS)["ok"], "a destroy that was cut off is repeated"


def test_another_s_event_stream_is_named_and_left_alone(terraform: Terraform) -> None:
    terraform.somebody_connects(THEIRS)

    answer = terraform.calls("create", OURS)

    assert not answer["ok"]
    assert THEIRS["stream_arn"] in answer["errors"][0]
    assert "existing_stream" in answer["errors"][0]
    assert terraform.calls("create", {**OURS, "stream_arn": THEIRS["stream_arn"]})["ok"], "it may be read"
    terraform.calls("delete", OURS)
    assert terraform.connected() == THEIRS


def test_our_own_moves_to_another_stream(terraform: Terraform) -> None:
    terraform.calls("create", OURS)
    moved = {**OURS, "stream_arn": THEIRS["stream_arn"]}

    assert terraform.calls("update", moved)["ok"]
    assert terraform.connected() == moved


@pytest.mark.parametrize("operation", ["GetEventStream", "PutEventStream"])
def test_a_fresh_role_is_waited_for(terraform: Terraform, operation: str) -> None:
    terraform.cloud.faults.put([{"target": f"pinpoint.{operation}", "kind": "error", "times": 3}])
    began = terraform.cloud.clock.time()

    assert terraform.calls("create", OURS)["ok"]
    assert terraform.connected() == OURS
    assert 0 < terraform.cloud.clock.time() - began < 60


def test_what_stays_impossible_is_an_answer(terraform: Terraform) -> None:
    terraform.cloud.faults.put([{"target": "pinpoint.PutEventStream", "kind": "error"}])

    answer = terraform.calls("update", OURS)

    assert not answer["ok"]
    assert "cannot be connected" in answer["errors"][0]
