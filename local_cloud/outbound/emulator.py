"""The emulator: one object that takes requests and gives answers, without sockets and without sleeping."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from local_cloud.faults import Faults
from local_cloud.outbound import (
    campaign_updates,
    campaigns,
    flows,
    instances,
    knowledge_bases,
    onboarding,
    templates,
)
from local_cloud.outbound.calls import Call, Handler
from local_cloud.outbound.environment import Environment
from local_cloud.outbound.handover import Handover
from local_cloud.outbound.neighbours import CustomerProfiles, NoCustomerProfiles
from local_cloud.outbound.services import CAMPAIGNS, CONNECT, TEMPLATES
from local_cloud.outbound.settings import Settings
from local_cloud.outbound.store import Accounts
from local_cloud.outbound.work import Work
from local_cloud.service.description import Service
from local_cloud.service.emulator import Emulator
from local_cloud.service.front import Arrival, Habits
from local_cloud.service.messages import Request
from local_cloud.service.outbox import Outbox
from local_cloud.service.worker import Worker

_HANDLERS: Final[Mapping[Service, Mapping[str, Handler]]] = {
    CAMPAIGNS: {**campaigns.HANDLERS, **campaign_updates.HANDLERS, **onboarding.HANDLERS},
    CONNECT: {**instances.HANDLERS, **flows.HANDLERS},
    TEMPLATES: {**knowledge_bases.HANDLERS, **templates.HANDLERS},
}

_NAMED: Final = ("id", "connectInstanceId", "InstanceId", "knowledgeBaseId")


class Outbound(Emulator[Settings]):
    """Outbound campaigns, and of Connect and Q in Connect what they need, for every account and Region of one process.

    Thread safe.

    Parameters
    ----------
    outbox
        Where messages go.
    profiles
        Customer Profiles; by default there are none.
    clock
        Seconds, never going back; paces the throttling.
    wall_clock
        The time that dates show.
    time_factor
        Returns how many times faster durations pass.
    handover
        Where event triggers put profiles.
    faults
        Failures to inject.
    settings
        Rates and quotas to begin with.

    Attributes
    ----------
    fronts
        The services: outbound campaigns, Connect, Q in Connect.
    journal
        The calls of outbound campaigns.
    outbox
        Where messages go.
    """

    def __init__(
        self,
        *,
        outbox: Outbox | None = None,
        profiles: CustomerProfiles | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        time_factor: Callable[[], float] = lambda: 1.0,
        handover: Handover | None = None,
        faults: Faults | None = None,
        settings: Settings | None = None,
    ) -> None:
        super().__init__(settings or Settings(), faults, clock, wall_clock)
        self.outbox = outbox or Outbox()
        self._environment = Environment(
            accounts=Accounts(),
            outbox=self.outbox,
            profiles=profiles or NoCustomerProfiles(),
            wall_clock=wall_clock,
            settings=lambda: self._settings,
            time_factor=time_factor,
            handover=handover or Handover(),
            lock=self._lock,
        )
        self._serve(CAMPAIGNS, Habits(_facts, context=self._tags_of), Settings.limit)
        self._serve(CONNECT, Habits(_facts), Settings.limit)
        self._serve(TEMPLATES, Habits(_facts), Settings.template_limit)
        self.journal = self.fronts[0].journal
        self.work = Work(self._environment)

    def worker(self) -> Worker:
        """Return what does the work in the background: campaigns under way."""
        return Worker(self.work.due, self._environment.stopping, "outbound")

    def campaigns(self) -> list[dict[str, Any]]:
        """Return the campaigns of every account, for people and tests.

        Returns
        -------
        list
            Each with `id`, `name`, `instance_id`, `tags`, `state`, `starts`, `ends`, and how many messages were `sent`,
            profiles are `waiting`, and profiles were `skipped`, by the reason.
        """
        with self._lock:
            return [
                {
                    "id": one.document["id"],
                    "name": one.document["name"],
                    "instance_id": one.document["connectInstanceId"],
                    "tags": dict(one.document["tags"]),
                    **{name: getattr(one.progress, name) for name in ("state", "starts", "ends", "sent")},
                    "waiting": len(one.progress.waiting),
                    "skipped": dict(one.progress.skipped),
                }
                for account in self._environment.accounts.all()
                for one in account.campaigns.values()
            ]

    def snapshot(self) -> dict[str, Any]:
        """Return the state as a JSON document: everything but settings, faults and the calls in the journal."""
        with self._lock:
            return copy.deepcopy(
                {
                    "accounts": self._environment.accounts.snapshot(),
                    "handover": self._environment.handover.snapshot(),
                    "next_number": self.journal.next_number,
                }
            )

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Take over what `snapshot` returned, instead of everything that is here.

        Parameters
        ----------
        snapshot
            The document.
        """
        with self._lock:
            self._environment.accounts.restore(snapshot["accounts"])
            self._environment.handover.restore(snapshot["handover"])
            self.journal.start_at(snapshot["next_number"])

    def _serve(self, service: Service, habits: Habits, limit: Callable[[Settings, str], tuple[float, float]]) -> None:
        self._add_front(service, lambda arrival, body: self._process(service, arrival, body), habits, limit)

    def _process(self, service: Service, arrival: Arrival, body: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 - JSON
        request = arrival.request
        call = Call(
            operation=arrival.operation.name,
            parameters=arrival.parameters,
            body=body,
            now=arrival.now,
            settings=self._settings,
            time_factor=self._environment.time_factor(),
            profiles=self._environment.profiles,
            faults=self.faults,
        )
        account = self._environment.accounts.of(request.account, request.region)
        answer = _HANDLERS[service][arrival.operation.name](account, call)
        return {} if answer is None and arrival.operation.check_answer else answer

    def _tags_of(self, request: Request, operation: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        """Condition keys of outbound campaigns: tags that a request gives, and those of the campaign it is about."""
        given = _tags_given(request) if operation in {"CreateCampaign", "TagResource"} else {}
        identifier = parameters.get("id") or parameters.get("arn", "")
        with self._lock:
            account = self._environment.accounts.of(request.account, request.region)
            campaign = account.campaigns.get(identifier.rpartition("/")[2])
            known = dict(campaign.document["tags"]) if campaign else {}
        return {
            **{f"aws:requesttag/{key}".lower(): value for key, value in given.items()},
            **{f"aws:resourcetag/{key}".lower(): value for key, value in known.items()},
            **({"aws:tagkeys": sorted(given)} if given else {}),
        }


def _tags_given(request: Request) -> dict[str, str]:
    try:
        tags = json.loads(request.body)["tags"]
        return {str(key): str(value) for key, value in tags.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _facts(parameters: Mapping[str, Any]) -> dict[str, str]:
    """What faults are matched by: the campaign, instance or knowledge base that a request is about."""
    return {"id": next((str(parameters[name]) for name in _NAMED if name in parameters), "")}
