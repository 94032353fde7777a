"""The threads that do what is due while a server runs."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from local_cloud.pinpoint import Neighbours, Pinpoint, Settings
from local_cloud.pinpoint.environment import Environment
from local_cloud.pinpoint.server import PinpointServer
from local_cloud.pinpoint.stream_sender import StreamSender
from local_cloud.pinpoint.work import Work
from local_cloud.service.worker import Job, Worker
from tests.local_cloud.aws import wait_for
from tests.local_cloud.pinpoint.conftest import App, client_of, new_app
from tests.local_cloud.pinpoint.project import EVERYBODY, LocalFunctions

if TYPE_CHECKING:
    import pytest


def campaign(app: App, function: str) -> str:
    """A campaign on the custom channel."""
    app.update("ada", ChannelType="CUSTOM", Address="ada")
    segment = app.client.create_segment(
        ApplicationId=app.id,
        WriteSegmentRequest={"Name": "s", "Dimensions": EVERYBODY},  # type: ignore[typeddict-item]
    )
    request: Any = {
        "Name": "c",
        "SegmentId": segment["SegmentResponse"]["Id"],
        "Schedule": {"StartTime": "IMMEDIATE"},
        "MessageConfiguration": {"CustomMessage": {"Data": "d"}},
        "CustomDeliveryConfiguration": {"DeliveryUri": function, "EndpointTypes": ["CUSTOM"]},
    }
    made = app.client.create_campaign(ApplicationId=app.id, WriteCampaignRequest=request)
    return made["CampaignResponse"]["Id"]


def status(app: App, campaign_id: str) -> str:
    answer = app.client.get_campaign(ApplicationId=app.id, CampaignId=campaign_id)
    return str(answer["CampaignResponse"]["State"]["CampaignStatus"])


def test_campaigns_run_beside_each_other_and_calls_go_on_while_a_function_runs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    functions, go_on = LocalFunctions(), threading.Event()
    functions.known = {
        "slow": lambda _: go_on.wait(timeout=120) and None,
        "quick": lambda _: None,
    }
    pinpoint = Pinpoint(settings=Settings(put_events_rate=0), neighbours=Neighbours(functions))
    with PinpointServer(pinpoint=pinpoint) as server:
        app = new_app(client_of(server), server)
        slow, quick = campaign(app, "slow"), campaign(app, "quick")

        wait_for("the quick one", lambda: status(app, quick) == "COMPLETED")
        assert status(app, slow) == "EXECUTING"
        go_on.set()
        wait_for("the slow one", lambda: status(app, slow) == "COMPLETED")
    assert not caplog.records


class OneFails(Work):
    """Work of which one part fails, once."""

    def __init__(self, environment: Environment, stream: StreamSender) -> None:
        super().__init__(environment, stream)
        self.done = threading.Event()
        self._jobs: list[Job] = [self._fail, self.done.set]

    def due(self) -> list[Job]:
        jobs, self._jobs = self._jobs, []
        return jobs

    def _fail(self) -> None:
        raise RuntimeError("a fault of the emulator")


def test_a_failure_of_the_emulator_is_logged_and_the_rest_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    pinpoint = Pinpoint()
    environment, stream = pinpoint._environment, pinpoint._stream
    work = OneFails(environment, stream)
    worker = Worker(work.due, environment.stopping, "test", [stream])

    worker.start()
    assert work.done.wait(timeout=120)
    wait_for("the log", lambda: "a fault of the emulator" in caplog.text)
    worker.stop()


def test_a_worker_starts_again_after_it_stopped() -> None:
    functions = LocalFunctions()
    functions.known = {"deliver": lambda _: None}
    pinpoint = Pinpoint(neighbours=Neighbours(functions))
    with PinpointServer(pinpoint=pinpoint) as first:
        app = new_app(client_of(first), first)
    with PinpointServer(pinpoint=pinpoint) as second:
        again = App(client_of(second), second, app.id)
        made = campaign(again, "deliver")
        wait_for("the campaign", lambda: status(again, made) == "COMPLETED")
