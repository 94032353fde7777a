"""Starting, stopping, and what the next start takes up."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from local_cloud.process import LocalCloud, LocalCloudError
from tests.local_cloud.aws import CONSUMED, GATEWAY, LAMBDA, Api, Aws, pixel_api, wait_for
from tools.stack import pythons

CALL = "/events?event=click&endpoint_id=1"


def listening(port: int) -> set[str]:
    """Addresses on which anything of this machine listens at a port."""
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            address, _, number = local.partition(":")
            if state == "0A" and int(number, 16) == port:
                found.add(address)
    return found


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_only_loopback_is_bound(cloud: LocalCloud) -> None:
    assert listening(cloud.port) == {"0100007F"}


def test_temporary_files_stay_inside_the_folder(cloud: LocalCloud, aws: Aws) -> None:
    source = "import tempfile\ndef handler(event, context):\n    return tempfile.mkdtemp()\n"

    made = aws.invoke(aws.function(source, aws.role("function", LAMBDA, {})))

    assert made.startswith(str(cloud.directory / "tmp"))


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("https://abc123.execute-api.eu-west-1.amazonaws.com/v1/events", "/_aws/execute-api/abc123/v1/events"),
        (
            "https://abc123.execute-api.eu-west-1.amazonaws.com/v1/events?a={{b}}&c=",
            "/_aws/execute-api/abc123/v1/events?a={{b}}&c=",
        ),
        ("https://abc123.execute-api.us-gov-west-1.amazonaws.com", "/_aws/execute-api/abc123"),
    ],
)
def test_urls_of_apis_are_turned_into_local_ones(cloud: LocalCloud, url: str, local: str) -> None:
    assert cloud.local_url(url) == cloud.url + local


@pytest.mark.parametrize("url", ["https://example.com/v1", "http://abc.execute-api.eu-west-1.amazonaws.com/v1"])
def test_other_urls_are_refused(cloud: LocalCloud, url: str) -> None:
    with pytest.raises(ValueError, match="not the URL of an API"):
        cloud.local_url(url)


def test_a_second_start_serves_what_the_first_one_had(tmp_path: Path) -> None:
    echo = (
        "import boto3\nsqs = boto3.client('sqs')\ndef handler(event, context):\n"
        "    for record in event['Records']:\n"
        "        sqs.send_message(QueueUrl='{}', MessageBody='got ' + record['body'])\n"
    )
    with LocalCloud(tmp_path, pythons=pythons()) as cloud:
        aws = Aws(cloud, "saved", account="999900000021")
        queue, done = aws.queue(), aws.queue("done")
        api = aws.api(pixel_api(queue, aws.role("gateway", GATEWAY, {queue.arn: ["sqs:SendMessage"]})))
        role = aws.role("function", LAMBDA, {queue.arn: CONSUMED, done.arn: ["sqs:SendMessage"]})
        aws.functions.create_event_source_mapping(
            EventSourceArn=queue.arn, FunctionName=aws.function(echo.format(done.url), role), BatchSize=1
        )
        pinpoint = aws.client("pinpoint")
        app = pinpoint.create_app(CreateApplicationRequest={"Name": "saved"})["ApplicationResponse"]["Id"]
        pinpoint.update_endpoint(ApplicationId=app, EndpointId="7", EndpointRequest={"ChannelType": "CUSTOM"})
        # What is not deployed is not served by the second start either.
        changed = pixel_api(queue, f"arn:aws:iam::{aws.account}:role/none")
        api.put(changed)
        port = cloud.port

    assert not (tmp_path / "tmp").exists()
    with LocalCloud(tmp_path, pythons=pythons()) as cloud:
        assert cloud.port == port
        aws = Aws(cloud, "saved", account="999900000021")
        assert Api(aws, api.api_id).call(CALL).status == 200
        assert aws.receive(done).startswith("got event=click")
        assert set(aws.local(f"pinpoint/apps/{app}/endpoints")) == {"7"}
        cloud.kill()

    # A crash leaves nothing, rather than something old.
    with LocalCloud(tmp_path, pythons=pythons()) as cloud:
        assert Aws(cloud, "saved", account="999900000021").sqs.list_queues().get("QueueUrls", []) == []


def test_state_of_another_version_is_refused_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "local-cloud.json").write_text(json.dumps({"format": 0, "versions": {}, "port": 0}))

    with pytest.raises(LocalCloudError, match="saved by another version of the local cloud"):
        LocalCloud(tmp_path).start()


def test_a_taken_port_is_said_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(LocalCloudError, match="is taken"):
            LocalCloud(tmp_path, port=taken.getsockname()[1]).start()


def test_the_cloud_stops_with_the_program_that_started_it(tmp_path: Path) -> None:
    program = (
        "from local_cloud.process import LocalCloud; import sys, time\n"
        f"cloud = LocalCloud({str(tmp_path)!r}).start(); print(cloud._process.pid, flush=True); time.sleep(600)\n"
    )
    starter = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    with starter.stdout:
        pid = int(starter.stdout.readline())

    starter.send_signal(signal.SIGKILL)
    starter.wait()

    wait_for("the cloud to stop", lambda: not alive(pid), 240)
    # It stopped cleanly: the state is there.
    assert (tmp_path / "local-cloud.json").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_command_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "local_cloud", "--port", str(port), "--directory", str(tmp_path)]
    running = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    wait_for("the port", lambda: listening(port))

    running.send_signal(number)

    assert running.wait(240) == 0
    assert (tmp_path / "local-cloud.json").exists()
