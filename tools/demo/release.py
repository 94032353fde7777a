"""A release, announced as a shop's backend does it, and followed until its plan is carried out."""

from __future__ import annotations

import json
import time
import urllib.request
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from local_cloud.process import LocalCloud
from tools.demo.customers import Customer, customers, write

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_pinpoint import PinpointClient

PLAN = "feature_release"
TEMPLATE = "premium-release"
FEATURE = {"feature": "Dark mode", "slug": "dark-mode"}
# The three minutes before a campaign starts take three seconds; the plan's two days then take twelve.
WORKING_FACTOR = 60
WAITING_FACTOR = 14_400
BEGIN_SECONDS = 120.0
END_SECONDS = 600.0
POLL_SECONDS = 0.2


class ReleaseError(RuntimeError):
    """The release was not announced to its end; the text says what is missing."""


@dataclass(frozen=True)
class Told:
    """One message as a customer reads it."""

    channel: str
    time: str
    title: str
    body: str


@dataclass(frozen=True)
class Release:
    """A run that has ended, and what the customers got.

    Parameters
    ----------
    run
        The run, as the local cloud describes it.
    messages
        Messages by customer, oldest first.
    """

    run: Mapping[str, Any]
    messages: Sequence[tuple[Customer, Sequence[Told]]]

    @property
    def surprises(self) -> list[str]:
        """Customers who did not get exactly what the plan means for them."""
        return [
            f"{customer.name} should read {_sum(customer.reads)} and got {_sum(got)}"
            for customer, told in self.messages
            if (got := tuple(one.channel for one in told)) != customer.reads
        ]


class Announcer:
    """The backend of a shop.

    Parameters
    ----------
    cloud
        The local cloud with the applied example.
    bus_name
        The bus of company events.
    application_id
        The Pinpoint project.
    """

    def __init__(self, cloud: LocalCloud, bus_name: str, application_id: str) -> None:
        self._cloud = cloud
        self._bus_name = bus_name
        self._application_id = application_id
        self._events: EventBridgeClient = boto3.client("events", **_options(cloud))
        self._pinpoint: PinpointClient = boto3.client("pinpoint", **_options(cloud))
        self._customers = customers()

    def release(self) -> Release:
        """Announce a release to the sample customers and wait until its plan is carried out.

        Returns
        -------
        Release
            The run, and what each customer got of it.

        Raises
        ------
        ReleaseError
            If it does not begin, fails, or takes too long.
        """
        write(self._pinpoint, self._application_id, self._customers)
        self._keep_template()
        event_id = f"release-{uuid.uuid4().hex[:8]}"
        detail = {"event": PLAN, "event_id": event_id, **FEATURE}
        with self._faster():
            first = self._announce(detail)
            run = self._followed(event_id)
        campaigns = {made["id"] for step in run["steps"] for made in step["made"] if made["kind"] == "campaign"}
        return Release(run, self._read(first, campaigns))

    def _announce(self, detail: Mapping[str, str]) -> int:
        """Put the event on the bus; the number that the next message will have."""
        sent = self._local("pinpoint/outbox")
        entry: Any = {
            "EventBusName": self._bus_name,
            "Source": "shop.backend",
            "DetailType": "Company Event",
            "Detail": json.dumps(detail),
        }
        answer = self._events.put_events(Entries=[entry])
        if answer["FailedEntryCount"]:
            raise ReleaseError(f"the bus {self._bus_name} refused the event: {answer['Entries'][0]['ErrorMessage']}")
        return sent[-1]["number"] + 1 if sent else 0

    def _followed(self, event_id: str) -> Mapping[str, Any]:
        """The run, once it has ended."""
        began = time.monotonic()
        run: Mapping[str, Any] | None = None
        while time.monotonic() < began + (END_SECONDS if run else BEGIN_SECONDS):
            run = self._run(event_id)
            if run and run["status"] == "completed":
                return run
            if run and run["status"] != "running":
                raise ReleaseError("\n".join([f"the run was {run['status']}: {run['reason']}", *run["faults"]]))
            waits = run is not None and any(step["state"] == "waiting" for step in run["steps"])
            self._set_factor(WAITING_FACTOR if waits else WORKING_FACTOR)
            time.sleep(POLL_SECONDS)
        raise ReleaseError(_missing(run, event_id))

    def _run(self, event_id: str) -> Mapping[str, Any] | None:
        for known in self._local("runs"):
            if known["key"].endswith(f":{event_id}"):
                run: Mapping[str, Any] = self._local(f"runs/{known['run']}")
                return run
        return None

    def _read(self, first: int, campaigns: set[str]) -> list[tuple[Customer, Sequence[Told]]]:
        """The messages of the run's campaigns, as each customer reads them."""
        sent = [one for one in self._local(f"pinpoint/outbox?since={first}") if one["campaign_id"] in campaigns]
        return [
            (
                customer,
                [
                    Told(one["channel"], one["time"], one["title"], one["body"])
                    for one in sent
                    if one["endpoint_id"] in customer.endpoints
                ],
            )
            for customer in self._customers
        ]

    def _keep_template(self) -> None:
        """What a marketer writes at Pinpoint: the template that the plan names. One that is there stays as it is."""
        feature, name = "{{User.UserAttributes.last_feature.[0]}}", "{{User.UserAttributes.first_name.[0]}}"
        content: Any = {
            "Subject": f"{feature} is here, {name}",
            "HtmlPart": f"<h1>{feature}</h1><p>Dear {name}, it is in your plan, from today on.</p>",
            "TextPart": f"Dear {name}, {feature} is in your plan, from today on.",
        }
        try:
            self._pinpoint.get_email_template(TemplateName=TEMPLATE)
        except self._pinpoint.exceptions.NotFoundException:
            self._pinpoint.create_email_template(TemplateName=TEMPLATE, EmailTemplateRequest=content)

    @contextmanager
    def _faster(self) -> Iterator[None]:
        """Let time pass faster until the end of the block."""
        before = self._local("pinpoint/settings")["time_factor"]
        try:
            yield
        finally:
            self._set_factor(before)

    def _set_factor(self, factor: float) -> None:
        self._local("pinpoint/settings", {"time_factor": factor})

    def _local(self, path: str, document: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 (JSON)
        request = urllib.request.Request(  # noqa: S310 (loopback)
            f"{self._cloud.url}/_local/{path}",
            None if document is None else json.dumps(document).encode(),
            method="GET" if document is None else "PUT",
        )
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 (loopback)
            return json.load(response)


def _options(cloud: LocalCloud) -> Any:  # noqa: ANN401 (keyword arguments)
    environment = cloud.environment
    return {
        "endpoint_url": cloud.url,
        "region_name": environment["AWS_REGION"],
        "aws_access_key_id": environment["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": environment["AWS_SECRET_ACCESS_KEY"],
    }


def _sum(channels: Sequence[str]) -> str:
    return " and ".join(channels) or "nothing"


def _missing(run: Mapping[str, Any] | None, event_id: str) -> str:
    if run is None:
        return f"no run of the event {event_id} after {BEGIN_SECONDS:.0f} s: look at the log of the announcer function"
    here = next((step for step in run["steps"] if step["state"] != "completed"), None)
    where = f"step {here['id']} is {here['state'].replace('_', ' ')}" if here else "every step is completed"
    return f"the run {run['run']} has not ended after {END_SECONDS:.0f} s: {where}"
