"""A ledger of company events in an account of the local cloud, written as the product's functions write it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any

from engagement.adapters.ledger import Ledger
from engagement.adapters.stamps import Stamps
from engagement.domain.plans.names import Names
from engagement.domain.runs.records import Kind, Made, RunRecord, RunStatus, StepRecord, StepStatus
from tests.local_cloud.aws import Aws

BEGAN = datetime(2026, 11, 22, 10, tzinfo=UTC)
OUTLINE = [
    {"id": "stamp", "kind": "stamp", "details": ['premium: last_feature = "[feature]" is written, nothing is sent']},
    {"id": "announce", "kind": "send", "details": ["premium gets e-mail: template premium-release"]},
    {"id": "pause", "kind": "wait", "details": ["2 days pass"]},
]
_RETENTION = timedelta(days=90)
_OWNER = "call"


@dataclass(frozen=True)
class Environment:
    """One environment of the product: its ledger, in which the test plays the functions."""

    aws: Aws

    @cached_property
    def table(self) -> str:
        """Name of the ledger's table, which is made when it is first asked for."""
        name = f"{self.aws.name}-company-events"
        _make_table(self.aws, name)
        return name

    @property
    def arn(self) -> str:
        """ARN of the table."""
        return f"arn:aws:dynamodb:us-east-1:{self.aws.account}:table/{self.table}"

    @cached_property
    def ledger(self) -> Ledger:
        """The product's own adapter."""
        return Ledger(self.aws.client("dynamodb"), self.table, _RETENTION)

    def begin(
        self,
        event_id: str = "one",
        plan: str = "feature_release",
        values: Mapping[str, str] | None = None,
        outline: Sequence[Mapping[str, Any]] = OUTLINE,
        **more: Any,
    ) -> RunRecord:
        """An event has come."""
        key = f"event:{plan}:{event_id}"
        record = RunRecord(
            run=Names(plan, key).run,
            key=key,
            plan=plan,
            status=RunStatus.RUNNING,
            values=values or {},
            plan_key=f"plans/{plan}.json",
            plan_version="1",
            began=BEGAN,
            outline=json.dumps(outline),
        )
        record = replace(record, **more)
        assert self.ledger.claim(record)
        return record

    def refuse(self, *faults: str, **more: Any) -> RunRecord:
        """An event has come, and its run is refused."""
        refused: dict[str, Any] = {"status": RunStatus.REFUSED, "reason": "the plan has faults", "ended": BEGAN}
        return self.begin(**{**refused, "faults": faults, "outline": [], **more})

    def step(self, run: str, index: int, status: StepStatus, **more: Any) -> None:
        """A step has come this far."""
        taken = self.ledger.take(run, index, _OWNER, BEGAN, BEGAN + timedelta(seconds=30))
        assert isinstance(taken, StepRecord)
        self.ledger.leave(run, _OWNER, replace(taken, status=status, **more))

    def hear(self, run: str, index: int, heard: str) -> None:
        """A step has gone by what recipients did."""
        self.aws.client("dynamodb").update_item(
            TableName=self.table,
            Key={"pk": {"S": f"run#{run}"}, "sk": {"S": f"step#{index:03}"}},
            UpdateExpression="SET heard = :heard",
            ExpressionAttributeValues={":heard": {"S": heard}},
        )

    def keep_interactions(self) -> None:
        """Make the table of what recipients do."""
        _make_table(self.aws, f"{self.table}-interactions")

    def do(self, run: str, endpoint_id: str, *did: str) -> None:
        """A recipient has done something, each as index of a step and kind."""
        shard = sha256(endpoint_id.encode()).hexdigest()[0]
        self.aws.client("dynamodb").update_item(
            TableName=f"{self.table}-interactions",
            Key={"pk": {"S": f"{run}.{shard}"}, "sk": {"S": endpoint_id}},
            UpdateExpression="ADD did :did SET expires = :expires",
            ExpressionAttributeValues={":did": {"SS": list(did)}, ":expires": {"N": "1795000000"}},
        )

    def campaign(self, run: str, index: int, audience: str, channel: str, **more: Any) -> None:
        """A step has made a campaign."""
        name = f"{audience}-{channel}-{index}"
        made = Made(Kind.CAMPAIGN, name, name, index, OUTLINE[index]["id"], BEGAN, audience, channel, **more)  # type: ignore[arg-type]
        self.ledger.record(run, made)

    def segment(self, run: str, index: int, audience: str) -> None:
        """A step has made a segment."""
        self.ledger.record(run, Made(Kind.SEGMENT, audience, audience, index, "step", BEGAN))

    def queue_stamps(self, run: str, index: int, endpoints: int) -> None:
        """Endpoints wait to be stamped."""
        queue = self.aws.queue("stamps")
        stamps = Stamps(
            self.aws.client("dynamodb"),
            lambda: self.aws.sqs,
            self.table,
            queue.url,
            _RETENTION,
            lambda: BEGAN,
            ("pinpoint",),
        )
        stamps.put(run, index, "campaign", {f"endpoint-{number}": {} for number in range(endpoints)})


def _make_table(aws: Aws, name: str) -> None:
    keys = {"pk": "HASH", "sk": "RANGE"}
    aws.client("dynamodb").create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
        BillingMode="PAY_PER_REQUEST",
    )
