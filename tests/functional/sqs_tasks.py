"""SQS's message move tasks over HTTP, which moto does not have: what AWS documents of them, and nothing else of SQS.

One task per queue at a time; a handle only while it runs; without a destination a task fails at a message that was
sent to the queue directly. A look at a task that runs moves one more message.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.loopback import listening

ARN = "arn:aws:sqs:eu-west-1:123456789012:"


@dataclass
class Tasks:
    """Queues with their messages, and the tasks of each."""

    url: str = ""
    queues: dict[str, list[str]] = field(default_factory=dict)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    lag: int = 0
    """Looks for which a new task is not listed yet."""
    fail_after: int | None = None
    """Messages after which the task under way fails."""

    def queue_url(self, name: str) -> str:
        return f"{self.url}/123456789012/{name}"

    def get_queue_url(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["QueueName"] not in self.queues:
            raise ServiceError("com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist.")
        return {"QueueUrl": self.queue_url(given["QueueName"])}

    def get_queue_attributes(self, given: dict[str, Any]) -> dict[str, Any]:
        name = given["QueueUrl"].rpartition("/")[2]
        known = {"QueueArn": ARN + name, "ApproximateNumberOfMessages": str(len(self.queues[name]))}
        return {"Attributes": {wanted: known[wanted] for wanted in given["AttributeNames"]}}

    def start_message_move_task(self, given: dict[str, Any]) -> dict[str, Any]:
        source = given["SourceArn"]
        if any(task["SourceArn"] == source and task["Status"] == "RUNNING" for task in self.tasks):
            raise ServiceError(
                "com.amazonaws.sqs#InvalidParameterValue",
                "There is already a task running. Only one active task is allowed for a source queue arn.",
            )
        number = len(self.tasks)
        self.tasks.append(
            {
                "TaskHandle": f"handle-{number}",
                "Status": "RUNNING",
                "SourceArn": source,
                "DestinationArn": given.get("DestinationArn"),
                "ApproximateNumberOfMessagesMoved": 0,
                "ApproximateNumberOfMessagesToMove": len(self.queues[source.removeprefix(ARN)]),
                "StartedTimestamp": 1_800_000_000_000 + number,
                "unlisted": self.lag,
            }
        )
        return {"TaskHandle": f"handle-{number}"}

    def list_message_move_tasks(self, given: dict[str, Any]) -> dict[str, Any]:
        listed = []
        for task in reversed(self.tasks):
            if task["SourceArn"] != given["SourceArn"]:
                continue
            if task["unlisted"]:
                task["unlisted"] -= 1
                continue
            listed.append({name: value for name, value in task.items() if name != "unlisted" and value is not None})
            self._advance(task)
        return {"Results": listed[: given.get("MaxResults", 1)]}

    def _advance(self, task: dict[str, Any]) -> None:
        if task["Status"] != "RUNNING":
            return
        source = self.queues[task["SourceArn"].removeprefix(ARN)]
        direct = bool(source) and source[0].startswith("sent by the consumer")
        if direct and task["DestinationArn"] is None:
            task.update(Status="FAILED", FailureReason="CouldNotDetermineMessageSource", TaskHandle=None)
        elif self.fail_after == task["ApproximateNumberOfMessagesMoved"]:
            task.update(Status="FAILED", FailureReason="AWS.SimpleQueueService.NonExistentQueue", TaskHandle=None)
        elif source:
            self.queues[task["DestinationArn"].removeprefix(ARN)].append(source.pop(0))
            task["ApproximateNumberOfMessagesMoved"] += 1
        else:
            task.update(Status="COMPLETED", TaskHandle=None)


class ServiceError(Exception):
    """An answer with status 400."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def serve(tasks: Tasks) -> Iterator[Tasks]:
    """Serve on a loopback port; `tasks.url` is the endpoint."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            action = self.headers["X-Amz-Target"].removeprefix("AmazonSQS.")
            given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            tasks.calls.append(action)
            method = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in action).lstrip("_")
            try:
                status, answer = 200, getattr(tasks, method)(given)
            except ServiceError as error:
                status, answer = 400, {"__type": error.code, "message": str(error)}
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with listening(Handler) as port:
        tasks.url = f"http://127.0.0.1:{port}"
        yield tasks
