"""The dead-letter queue: SQS moves its messages itself, as a task of which a queue has one at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tools.replay.queues import Queues, ReplayError, name_of

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import ListMessageMoveTasksResultEntryTypeDef

POLL_SECONDS = 2.0
UNLISTED_POLLS = 30
_ACTIVE = {"RUNNING", "CANCELLING"}


def replay(
    client: SQSClient,
    queues: Queues,
    say: Callable[[str], None],
    *,
    dry_run: bool = False,
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Move everything back to the ingest queue and follow the task until it ends.

    Parameters
    ----------
    client
        SQS client.
    queues
        The dead-letter queue and the ingest queue.
    say
        Hears of the progress.
    dry_run
        Whether to say only what would be done.
    wait
        Waits between two looks at the task.

    Raises
    ------
    ReplayError
        The task failed or was canceled; what it had not moved is still in the dead-letter queue.
    """
    attributes = client.get_queue_attributes(
        QueueUrl=queues.source, AttributeNames=["QueueArn", "ApproximateNumberOfMessages"]
    )["Attributes"]
    arn, count = attributes["QueueArn"], int(attributes["ApproximateNumberOfMessages"])
    before = _newest(client, arn)
    if _active(before):
        say("SQS is moving messages already; following that task.")
        before = None
    elif not count:
        say(f"{name_of(queues.source)} is empty (SQS may take a minute to count new messages).")
        return
    elif dry_run:
        say(f"Dry run: about {count} messages would go back to {name_of(queues.ingest)}.")
        return
    else:
        _start(client, arn, queues)
        say(f"Moving about {count} messages back to {name_of(queues.ingest)}. Ctrl-C does not stop SQS.")
    _follow(client, arn, before, say, wait)


def _start(client: SQSClient, arn: str, queues: Queues) -> None:
    ingest = client.get_queue_attributes(QueueUrl=queues.ingest, AttributeNames=["QueueArn"])["Attributes"]
    try:
        # The destination is named: of messages that the consumer put here itself, SQS does not know the source, and
        # a task without a destination fails at the first of them.
        client.start_message_move_task(SourceArn=arn, DestinationArn=ingest["QueueArn"])
    except ClientError:
        # Somebody else may have started one since.
        if not _active(_newest(client, arn)):
            raise


def _follow(
    client: SQSClient,
    arn: str,
    before: ListMessageMoveTasksResultEntryTypeDef | None,
    say: Callable[[str], None],
    wait: Callable[[float], None],
) -> None:
    """Report until the newest task, if it is not the one `before` this, has ended."""
    unlisted = 0
    while True:
        task = _newest(client, arn)
        if task is None or (before and task.get("StartedTimestamp") == before.get("StartedTimestamp")):
            unlisted += 1
            if unlisted > UNLISTED_POLLS:
                raise ReplayError("SQS took the task and does not list it yet: run the same command again to follow it")
        else:
            moved = task.get("ApproximateNumberOfMessagesMoved", 0)
            total = task.get("ApproximateNumberOfMessagesToMove")
            if not _active(task):
                _end(task, moved, say)
                return
            say(f"  moved {moved}" + (f" of about {total}" if total is not None else ""))
        wait(POLL_SECONDS)


def _end(task: ListMessageMoveTasksResultEntryTypeDef, moved: int, say: Callable[[str], None]) -> None:
    status = task.get("Status")
    if status != "COMPLETED":
        reason = f": {task['FailureReason']}" if task.get("FailureReason") else ""
        raise ReplayError(f"the task ended as {status}{reason}; about {moved} messages were moved, the others stay")
    say(f"Done: about {moved} messages are back in the ingest queue.")


def _newest(client: SQSClient, arn: str) -> ListMessageMoveTasksResultEntryTypeDef | None:
    return next(iter(client.list_message_move_tasks(SourceArn=arn, MaxResults=1).get("Results", [])), None)


def _active(task: ListMessageMoveTasksResultEntryTypeDef | None) -> bool:
    return task is not None and task.get("Status") in _ACTIVE
