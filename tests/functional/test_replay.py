"""`make replay`: nothing is lost, nothing goes round for ever, and what was not sent stays where it is."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from tests.functional.sqs_tasks import ARN, Tasks, serve
from tools.replay import __main__ as command
from tools.replay import dlq, rejects
from tools.replay.queues import Queues, ReplayError, find

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

REGION = "eu-west-1"
INGEST_BYTES = 245_760


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setattr(rejects, "WAIT_SECONDS", 0)


@dataclass
class Pixel:
    """The queues of one pixel, by moto."""

    sqs: SQSClient
    ingest: str
    rejects: str

    @property
    def queues(self) -> Queues:
        return Queues(self.rejects, self.ingest)

    def reject(self, *bodies: str, reason: str = "event_not_allowed") -> None:
        """Put messages into the rejects queue as the consumer does."""
        for body in bodies:
            self.sqs.send_message(
                QueueUrl=self.rejects,
                MessageBody=body,
                MessageAttributes={
                    "reason": {"DataType": "String", "StringValue": reason},
                    "detail": {"DataType": "String", "StringValue": "event: add this name to events"},
                },
            )

    def take(self, url: str) -> list[dict[str, Any]]:
        """Everything that can be received now, removed."""
        found: list[dict[str, Any]] = []
        while part := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get(
            "Messages", []
        ):
            for message in part:
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found += part
        return found

    def bodies(self, url: str) -> Counter[str]:
        """Bodies of everything that can be received now, removed."""
        return Counter(message["Body"] for message in self.take(url))

    def replay(self) -> rejects.Progress:
        """Read everything and send it back."""
        progress = rejects.Progress()
        rejects.send_back(self.sqs, self.queues, rejects.read(self.sqs, self.rejects, 1_000), progress)
        return progress

    def before(self, operation: str, fault: Callable[..., None]) -> None:
        """Do something before a request goes out, ahead of moto."""
        self.sqs.meta.events.register_first(f"before-send.sqs.{operation}", fault)

    def after(self, operation: str, fault: Callable[..., None]) -> None:
        """Do something after a request was answered."""
        self.sqs.meta.events.register(f"after-call.sqs.{operation}", fault)


@pytest.fixture
def pixel() -> Iterator[Pixel]:
    with mock_aws():
        sqs = boto3.client("sqs", config=Config(retries={"total_max_attempts": 1}))
        size = {"MaximumMessageSize": str(INGEST_BYTES)}
        ingest = sqs.create_queue(QueueName="shop-pixel-events", Attributes=size)["QueueUrl"]
        yield Pixel(sqs, ingest, sqs.create_queue(QueueName="shop-pixel-rejects")["QueueUrl"])


def numbered(count: int) -> list[str]:
    return [f'{{"version":1,"query":"event=e&event_id={number}"}}' for number in range(count)]


def test_queues_are_found_by_the_name_of_the_pixel_or_by_a_url(pixel: Pixel) -> None:
    assert find(pixel.sqs, "rejects", "shop", "") == pixel.queues
    assert find(pixel.sqs, "rejects", "", pixel.rejects) == pixel.queues


@pytest.mark.parametrize(
    ("kind", "name", "url", "says"),
    [
        ("rejects", "", "", "say which pixel"),
        ("rejects", "shop", "https://sqs/1/shop-pixel-rejects", "say which pixel"),
        ("rejects", "stop", "", "there is no queue stop-pixel-rejects"),
        ("dlq", "shop", "", "there is no queue shop-pixel-events-dlq"),
        ("rejects", "", "https://sqs/1/shop-pixel-events", "not the rejects queue"),
        ("dlq", "", "https://sqs/1/shop-pixel-rejects", "not the dlq queue"),
    ],
)
def test_a_queue_that_is_not_there_is_named(pixel: Pixel, kind: str, name: str, url: str, says: str) -> None:
    with pytest.raises(ReplayError, match=says):
        find(pixel.sqs, kind, name, url)


def test_every_body_goes_back_as_it_was_and_leaves_the_rejects(pixel: Pixel) -> None:
    pixel.reject(*numbered(25))

    progress = pixel.replay()

    assert (progress.sent, progress.undeleted) == (25, 0)
    sent = pixel.take(pixel.ingest)
    assert Counter(message["Body"] for message in sent) == Counter(numbered(25))
    assert not any(message.get("MessageAttributes") for message in sent)
    assert not pixel.bodies(pixel.rejects)


def test_what_is_rejected_again_at_once_is_not_read_in_the_same_run(pixel: Pixel) -> None:
    # GIVEN a consumer that rejects everything anew, faster than the replay goes
    pixel.reject(*numbered(12))
    consumer = boto3.client("sqs")

    def reject_again(parsed: dict[str, Any], **_: object) -> None:
        for entry in parsed["Successful"]:
            consumer.send_message(QueueUrl=pixel.rejects, MessageBody=f"rejected again {entry['MessageId']}")

    pixel.after("SendMessageBatch", reject_again)

    # WHEN / THEN one run ends, and the new rejects wait for the next one
    assert pixel.replay().sent == 12
    assert pixel.bodies(pixel.rejects).total() == 12


@pytest.mark.parametrize("operation", ["ReceiveMessage", "SendMessageBatch", "DeleteMessageBatch"])
@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_ctrl_c_at_any_call_loses_nothing(pixel: Pixel, operation: str, number: int, moment: str) -> None:
    # GIVEN three calls of each kind, of which one is interrupted
    pixel.reject(*numbered(25))
    seen = 0

    def interrupt(**_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            raise KeyboardInterrupt

    getattr(pixel, moment)(operation, interrupt)
    with pytest.raises(KeyboardInterrupt):
        pixel.replay()

    # WHEN the same command is run again; what SQS gave away in the cut call alone comes back later
    hidden = min(10, 35 - 10 * number) if (operation, moment) == ("ReceiveMessage", "after") else 0
    first = pixel.bodies(pixel.ingest)
    pixel.replay()
    second = pixel.bodies(pixel.ingest)

    # THEN each message was sent; twice only those whose deletion did not happen
    assert len(first | second) == 25 - hidden
    assert (first + second).total() <= 25 + 10
    assert set(first | second) <= set(numbered(25))


def test_a_connection_that_breaks_ends_the_run_and_shows_what_is_left(pixel: Pixel) -> None:
    pixel.reject(*numbered(15))
    calls = 0

    def break_the_second(**_: object) -> None:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise EndpointConnectionError(endpoint_url="https://sqs")

    pixel.before("SendMessageBatch", break_the_second)
    progress = rejects.Progress()
    with pytest.raises(EndpointConnectionError):
        rejects.send_back(pixel.sqs, pixel.queues, rejects.read(pixel.sqs, pixel.rejects, 1_000), progress)

    assert (progress.sent, progress.undeleted) == (10, 0)
    assert pixel.bodies(pixel.ingest) + pixel.bodies(pixel.rejects) == Counter(numbered(15))


def test_a_run_that_may_not_send_stops_at_once(pixel: Pixel) -> None:
    pixel.reject(*numbered(25))
    found = rejects.read(pixel.sqs, pixel.rejects, 1_000)
    pixel.sqs.delete_queue(QueueUrl=pixel.ingest)
    calls: list[object] = []
    pixel.before("SendMessageBatch", lambda **_: calls.append(1))

    with pytest.raises(ClientError):
        rejects.send_back(pixel.sqs, pixel.queues, found, rejects.Progress())

    assert len(calls) == 1
    assert pixel.bodies(pixel.rejects) == Counter(numbered(25))


def test_a_message_that_sqs_does_not_take_stays_alone(pixel: Pixel) -> None:
    # GIVEN a message that fits into the rejects queue and not into the ingest queue
    large = "x" * (INGEST_BYTES + 1)
    pixel.reject(*numbered(5), large, *numbered(7)[5:])

    progress = pixel.replay()

    assert (progress.sent, progress.refused.total()) == (7, 1)
    assert pixel.bodies(pixel.ingest) == Counter(numbered(7))
    assert pixel.bodies(pixel.rejects) == Counter([large])


def refuse_third_entry(pixel: Pixel, operation: str) -> None:
    """SQS takes part of a batch: the third entry never gets through."""

    def drop(params: dict[str, Any], **_: object) -> None:
        params["Entries"] = [entry for entry in params["Entries"] if entry["Id"] != "2"]

    def tell(parsed: dict[str, Any], **_: object) -> None:
        parsed.setdefault("Failed", []).append({"Id": "2", "SenderFault": False, "Code": "InternalError"})

    pixel.sqs.meta.events.register(f"provide-client-params.sqs.{operation}", drop)
    pixel.after(operation, tell)


def test_of_a_partly_refused_batch_only_the_refused_message_stays(pixel: Pixel) -> None:
    pixel.reject(*numbered(9))
    refuse_third_entry(pixel, "SendMessageBatch")

    progress = pixel.replay()

    assert (progress.sent, progress.undeleted) == (8, 0)
    assert progress.refused == Counter({"InternalError": 1})
    sent, left = pixel.bodies(pixel.ingest), pixel.bodies(pixel.rejects)
    assert sent + left == Counter(numbered(9))
    assert left.total() == 1


def test_a_message_that_could_not_be_deleted_is_told(pixel: Pixel) -> None:
    pixel.reject(*numbered(9))
    refuse_third_entry(pixel, "DeleteMessageBatch")

    progress = pixel.replay()

    assert (progress.sent, progress.undeleted) == (9, 1)


def test_batches_stay_within_256_kib(pixel: Pixel) -> None:
    pixel.reject(*(f"{number}{'x' * 100_000}" for number in range(5)))
    sizes: list[int] = []
    pixel.before("SendMessageBatch", lambda request, **_: sizes.append(len(request.body)))

    assert pixel.replay().sent == 5
    assert len(sizes) == 3
    assert max(sizes) <= 262_144


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    """Run the command; what it exits with."""
    monkeypatch.setattr(sys, "argv", ["make replay", *arguments])
    try:
        command.main()
    except SystemExit as end:
        return end.code
    return 0


def test_the_command_tells_the_reasons_and_sends_only_the_one_asked_for(
    pixel: Pixel, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pixel.reject(*numbered(12))
    pixel.reject("no event", reason="missing_event")

    assert run(monkeypatch, "rejects", "--name", "shop", "--reason", "missing_event") == 0

    printed = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert {"12 event_not_allowed", "1 missing_event", "13 messages"} < set(printed)
    assert "Sent 1 of 1 messages back to shop-pixel-events." in printed
    assert pixel.bodies(pixel.ingest) == Counter(["no event"])
    assert pixel.bodies(pixel.rejects) == Counter(numbered(12))


def test_a_dry_run_sends_nothing_and_hides_nothing(
    pixel: Pixel, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pixel.reject(*numbered(12))

    assert run(monkeypatch, "rejects", "--name", "shop", "--dry-run") == 0

    assert "Dry run: 12 messages would go back." in capsys.readouterr().out
    assert not pixel.bodies(pixel.ingest)
    assert pixel.bodies(pixel.rejects) == Counter(numbered(12))


def test_a_run_ends_at_its_limit_and_says_that_there_is_more(
    pixel: Pixel, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pixel.reject(*numbered(25))

    assert run(monkeypatch, "rejects", "--name", "shop", "--limit", "12") == 0

    assert "run again for the others" in capsys.readouterr().out
    assert pixel.bodies(pixel.ingest).total() == 12
    assert pixel.bodies(pixel.rejects).total() == 13


def test_the_command_fails_when_something_stays_that_should_have_gone(
    pixel: Pixel, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pixel.reject("x" * (INGEST_BYTES + 1), *numbered(1))

    assert run(monkeypatch, "rejects", "--name", "shop") == 1

    printed = capsys.readouterr().out
    assert "Sent 1 of 2 messages" in printed
    assert "1 were refused by SQS" in printed


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("rejects", "--name", "nobody"), "error: there is no queue nobody-pixel-rejects"),
        (("rejects",), "error: say which pixel"),
    ],
)
@pytest.mark.usefixtures("pixel")
def test_the_command_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], says: str) -> None:
    assert str(run(monkeypatch, *arguments)).startswith(says)


@pytest.mark.usefixtures("pixel")
def test_an_empty_rejects_queue_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "rejects", "--name", "shop") == 0
    assert "Nothing to send back." in capsys.readouterr().out


DLQ, INGEST = "shop-pixel-events-dlq", "shop-pixel-events"


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tasks]:
    with serve(Tasks(queues={DLQ: ["a", "sent by the consumer", "c"], INGEST: []})) as served:
        monkeypatch.setenv("AWS_ENDPOINT_URL", served.url)
        monkeypatch.setattr(dlq, "POLL_SECONDS", 0)
        yield served


def redrive(*, dry_run: bool = False) -> list[str]:
    """Replay the dead-letter queue; what was said."""
    client = boto3.client("sqs")
    said: list[str] = []
    dlq.replay(client, find(client, "dlq", "shop", ""), said.append, dry_run=dry_run)
    return said


def test_a_task_moves_everything_also_what_the_consumer_put_there(tasks: Tasks) -> None:
    said = redrive()

    assert tasks.queues == {DLQ: [], INGEST: ["a", "sent by the consumer", "c"]}
    assert "  moved 2 of about 3" in said
    assert said[-1] == "Done: about 3 messages are back in the ingest queue."


def test_a_task_under_way_is_followed_and_no_second_one_started(tasks: Tasks) -> None:
    tasks.start_message_move_task({"SourceArn": ARN + DLQ, "DestinationArn": ARN + INGEST})

    said = redrive()

    assert said[0].startswith("SQS is moving messages already")
    assert "StartMessageMoveTask" not in tasks.calls
    assert tasks.queues[DLQ] == []


def test_a_task_that_somebody_started_in_between_is_followed(tasks: Tasks) -> None:
    # GIVEN a task that the first look does not show yet
    tasks.lag = 1
    tasks.start_message_move_task({"SourceArn": ARN + DLQ, "DestinationArn": ARN + INGEST})

    redrive()

    assert tasks.calls.count("StartMessageMoveTask") == 1
    assert len(tasks.tasks) == 1
    assert tasks.queues[DLQ] == []


def test_the_end_of_an_older_task_is_not_taken_for_the_new_one(tasks: Tasks) -> None:
    # GIVEN a finished task, and a list that shows the next one late
    redrive()
    tasks.queues[DLQ] = ["d"]
    tasks.lag = 3

    redrive()

    assert tasks.queues == {DLQ: [], INGEST: ["a", "sent by the consumer", "c", "d"]}


def test_a_task_that_is_never_listed_ends_in_an_error(tasks: Tasks) -> None:
    tasks.lag = 1_000

    with pytest.raises(ReplayError, match="run the same command again"):
        redrive()


def test_an_empty_dead_letter_queue_says_so(tasks: Tasks) -> None:
    tasks.queues[DLQ].clear()

    (said,) = redrive()

    assert said.startswith(f"{DLQ} is empty")
    assert not tasks.tasks


def test_a_dry_run_starts_no_task(tasks: Tasks) -> None:
    (said,) = redrive(dry_run=True)

    assert said == "Dry run: about 3 messages would go back to shop-pixel-events."
    assert not tasks.tasks


def test_a_task_that_fails_tells_why_and_how_far_it_came(tasks: Tasks) -> None:
    tasks.fail_after = 1

    with pytest.raises(ReplayError, match=r"FAILED: AWS\.SimpleQueueService\.NonExistentQueue; about 1 messages"):
        redrive()
    assert len(tasks.queues[DLQ]) == 2


@pytest.mark.usefixtures("tasks")
def test_the_command_redrives_and_refuses_a_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "dlq", "--name", "shop", "--reason", "missing_event") == 2
    assert "has no reasons" in capsys.readouterr().err

    assert run(monkeypatch, "dlq", "--name", "shop") == 0
    assert "Done: about 3 messages" in capsys.readouterr().out
