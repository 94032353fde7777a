"""Sending messages back to the queue that they came from: dead letters, and rejected events."""

from __future__ import annotations

from typing import Any

from ministack.services import sqs

from local_cloud import message_moves
from local_cloud.console.fates import Role
from local_cloud.console.queues import source_of
from local_cloud.sqs import lock


class ReplayError(ValueError):
    """The queue has nothing to send back, or nowhere to send it to."""


def replay(arn: str) -> dict[str, Any]:
    """Send every message back that could be received now.

    Parameters
    ----------
    arn
        A dead-letter queue or a rejects queue.

    Returns
    -------
    dict
        Number of `messages`. Dead letters are moved by a task of SQS, which goes on for a while.

    Raises
    ------
    ReplayError
        If it is another queue, its source is not known, or a task runs already.
    """
    role, source = source_of(arn)
    if role is Role.QUEUE:
        raise ReplayError("only a dead-letter queue or a rejects queue can be sent back")
    with lock:
        queue = sqs._queue_by_arn(arn)
        if role is Role.REJECTS:
            return {"messages": _send_back(queue, source)}
        try:
            # The destination is named where there is one: SQS does not know where messages come from that a
            # function wrote here itself.
            return {"messages": message_moves.start(queue, source or None).to_move}
        except sqs._Err as error:
            raise ReplayError(error.message) from error


def _send_back(queue: message_moves.Queue, source: str) -> int:
    destination = sqs._queue_by_arn(source)
    if destination is None:
        raise ReplayError("there is no ingest queue beside this rejects queue")
    messages = message_moves.ready(queue)
    for message in messages:
        queue["messages"].remove(message)
        # Sent again, without the reason of its rejection.
        destination["messages"].append({**message_moves.anew(message), "message_attributes": {}, "md5_attrs": None})
    sqs.esm_wake.set()
    return len(messages)
