"""Send messages of the dead-letter queue or of the rejects queue back to the ingest queue.

python -m tools.replay dlq|rejects --name NAME | --url URL [--reason REASON] [--limit N] [--dry-run]
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.replay import dlq, rejects
from tools.replay.queues import SOURCES, Queues, ReplayError, find, name_of

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def main() -> None:
    """Replay, and exit with 1 if something is left that should have been sent."""
    arguments = _arguments()
    try:
        client = boto3.client("sqs")
        queues = find(client, arguments.queue, arguments.name, arguments.url)
        if arguments.queue == "dlq":
            dlq.replay(client, queues, _say, dry_run=arguments.dry_run)
        else:
            _rejects(client, queues, arguments)
    except KeyboardInterrupt:
        sys.exit("stopped; what was not moved is still in its queue, run the same command again")
    except (BotoCoreError, ClientError, ReplayError) as error:
        sys.exit(f"error: {error}")


def _rejects(client: SQSClient, queues: Queues, arguments: argparse.Namespace) -> None:
    _say(f"Reading {name_of(queues.source)} ...")
    found = rejects.read(client, queues.source, arguments.limit)
    _summary(found, arguments.limit)
    wanted = [message for message in found if arguments.reason in ("", message.reason)]
    if arguments.dry_run or not wanted:
        rejects.release(client, queues.source, found)
        _say(f"Dry run: {len(wanted)} messages would go back." if wanted else "Nothing to send back.")
        return
    others = [message for message in found if arguments.reason not in ("", message.reason)]
    rejects.release(client, queues.source, others)
    progress = rejects.Progress()
    try:
        rejects.send_back(client, queues, wanted, progress)
    finally:
        _report(queues, wanted, progress)
    if progress.sent < len(wanted) or progress.undeleted:
        sys.exit(1)


def _summary(found: list[rejects.Rejected], limit: int) -> None:
    for reason, count in Counter(message.reason for message in found).most_common():
        _say(f"{count:8}  {reason}")
    more = " or more; run again for the others" if len(found) == limit else ""
    _say(f"{len(found):8}  messages{more}")


def _report(queues: Queues, wanted: list[rejects.Rejected], progress: rejects.Progress) -> None:
    _say(f"Sent {progress.sent} of {len(wanted)} messages back to {name_of(queues.ingest)}.")
    for code, count in progress.refused.items():
        _say(f"{count} were refused by SQS ({code}) and stay.")
    if progress.undeleted:
        _say(f"{progress.undeleted} were sent and could not be deleted: another run sends them again, under their ids.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make replay", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("queue", choices=sorted(SOURCES))
    parser.add_argument("--name", default="", help="input name of the modules")
    parser.add_argument("--url", default="", help="URL of the source queue instead of the name")
    parser.add_argument("--reason", default="", help="rejects: only messages with this reason")
    parser.add_argument("--limit", type=int, default=10_000, help="rejects: messages of one run")
    parser.add_argument("--dry-run", action="store_true", help="say what would be sent")
    arguments = parser.parse_args()
    if arguments.queue == "dlq" and arguments.reason:
        parser.error("the dead-letter queue has no reasons: leave REASON out")
    if arguments.limit < 1:
        parser.error("--limit must be at least 1")
    return arguments


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
