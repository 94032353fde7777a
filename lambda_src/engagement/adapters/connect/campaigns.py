"""Segments and campaigns of Amazon Connect: segment definitions of Customer Profiles, and outbound campaigns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from engagement.adapters.connect.sdk import OutboundClient, ProfilesClient, code_of, is_gone
from engagement.adapters.refusals import call_of
from engagement.adapters.telling import told
from engagement.domain.destination import Call
from engagement.domain.pacing import SAFETY, Pace, Pause
from engagement.domain.plans.connect.segments import definition_name
from engagement.domain.plans.names import ENVIRONMENT_TAG, RUN_TAG
from engagement.domain.runs.ports import CampaignState, Clock, Found, RefusedError, ThrottledError, now
from engagement.domain.runs.records import Kind

_SEGMENTS_PAGE = 100
_CAMPAIGNS_PAGE = 50
_STATES_TOGETHER = 25
_ATTEMPTS = 6
"""About eight seconds in all, besides what the SDK repeats."""
_ACTIVE = frozenset({"RUNNING", "PAUSED"})
_WAITING = "INITIALIZED"
_LATER = frozenset({"ConflictException", "InvalidCampaignStateException", "ServiceQuotaExceededException"})
# Amazon Connect administrator guide, service quotas: requests per second and instance. What is created and started
# has a pace of its own, which all runs share.
_RATES = {"list": 5.0, "state": 5.0, "describe": 25.0, "stop": 1.0, "delete": 1.0}


class ConnectCampaigns:
    """Segment definitions of one domain and campaigns of one instance, as far as they are this environment's.

    Parameters
    ----------
    profiles, outbound
        Clients that ask once: whether something was made must be known after each attempt.
    asking_profiles, asking_outbound
        Clients for what may be asked twice.
    domain, instance_id
        The domain of Customer Profiles and the Connect instance.
    environment
        A name that no other environment has, which tags everything that is made.
    clock
        Paces what has a rate of its own.

    Attributes
    ----------
    created
        How many of each kind were made, for metrics.
    """

    def __init__(
        self,
        profiles: ProfilesClient,
        outbound: OutboundClient,
        asking_profiles: ProfilesClient,
        asking_outbound: OutboundClient,
        *,
        domain: str,
        instance_id: str,
        environment: str,
        clock: Clock,
    ) -> None:
        self._profiles = profiles
        self._outbound = outbound
        self._asking_profiles = asking_profiles
        self._asking = asking_outbound
        self._domain = domain
        self._instance_id = instance_id
        self._environment = environment
        self._clock = clock
        self._paces = {name: Pace(rate * SAFETY, clock.time()) for name, rate in _RATES.items()}
        self.created: Counter[Kind] = Counter()

    def create(self, kind: Kind, request: Mapping[str, Any]) -> str:
        """Make a segment or a campaign, in one attempt, and return its ARN, or its ID.

        A campaign sends nothing until it is launched. One that is there already under its name, which is the same for
        the same run, is the one that is wanted.

        Raises
        ------
        RefusedError, ThrottledError, UnknownOutcomeError
        """
        try:
            with told():
                made = self._create_segment(request) if kind is Kind.SEGMENT else self._create_campaign(request)
        except RefusedError:
            there = self._there(kind, request)
            if there is None:
                raise
            return there
        self.created[kind] += 1
        return made

    def found(self, kind: Kind, run: str) -> list[Found]:
        """Everything of that kind which this environment has made for the run, oldest first."""
        found = self._segments(run) if kind is Kind.SEGMENT else self._campaigns(run)
        return sorted(found, key=lambda one: (one.made, one.id))

    def campaign(self, campaign_id: str) -> CampaignState:
        """How far a campaign is; Connect does not say how many it has reached."""
        try:
            answer = self._ask("state", self._asking.get_campaign_state, id=campaign_id)
        except ClientError as error:
            if is_gone(error):
                return CampaignState("DELETED")
            raise
        return CampaignState(str(answer.get("state", "")).upper())

    def launch(self, campaign_id: str) -> bool:
        """Start a campaign that has not been started; False if that cannot be done now.

        Raises
        ------
        RefusedError, ThrottledError, UnknownOutcomeError
        """
        with told():
            if self.campaign(campaign_id).status != _WAITING:
                return True
            try:
                self._outbound.start_campaign(id=campaign_id)
            except ClientError as error:
                # Another call was faster, or the instance has too many active campaigns.
                if code_of(error) not in _LATER:
                    raise
                return self.campaign(campaign_id).status != _WAITING
        return True

    def delete(self, kind: Kind, identifier: str) -> bool:
        """Delete; False if it cannot be deleted now. What is gone already counts as deleted.

        A campaign that may have begun to send is not deleted: it can only be stopped.
        """
        if kind is Kind.SEGMENT:
            name = definition_name(identifier)
            return self._done(
                self._asking_profiles.delete_segment_definition, DomainName=self._domain, SegmentDefinitionName=name
            )
        state = self.campaign(identifier)
        if state.status == "DELETED":
            return True
        if state.status != _WAITING and not state.ended and not (self._is_ahead(identifier) and self._stop(identifier)):
            return False
        return self._paced("delete", self._asking.delete_campaign, id=identifier)

    def pause(self, campaign_id: str) -> bool:
        """Stop a campaign, since a paused one would keep its place among the active ones; False if that cannot be."""
        return self._stop(campaign_id)

    def active_campaigns_of_others(self) -> int:
        """Active campaigns of the instance that no run of this environment has made."""
        listed = [one["id"] for one in self._listed()]
        batches = (listed[start : start + _STATES_TOGETHER] for start in range(0, len(listed), _STATES_TOGETHER))
        active = (name for batch in batches for name in self._active(batch))
        return sum(not self._is_ours(name) for name in active)

    def _active(self, campaign_ids: list[str]) -> list[str]:
        """Those of some campaigns that are active; one of which nothing is known counts as active."""
        answer = self._ask("state", self._asking.get_campaign_state_batch, campaignIds=campaign_ids)
        states = {one["campaignId"]: one["state"].upper() for one in answer.get("successfulRequests", [])}
        gone = {
            one["campaignId"]
            for one in answer.get("failedRequests", [])
            if one.get("failureCode") == "ResourceNotFound"
        }
        return [name for name in campaign_ids if name not in gone and states.get(name, "RUNNING") in _ACTIVE]

    def _create_segment(self, request: Mapping[str, Any]) -> str:
        tags = {**request.get("Tags", {}), ENVIRONMENT_TAG: self._environment}
        body = {**request, "DomainName": self._domain, "Tags": tags}
        return str(self._profiles.create_segment_definition(**body)["SegmentDefinitionArn"])

    def _create_campaign(self, request: Mapping[str, Any]) -> str:
        tags = {**request.get("tags", {}), ENVIRONMENT_TAG: self._environment}
        try:
            made = self._outbound.create_campaign(**{**request, "connectInstanceId": self._instance_id, "tags": tags})
        except ClientError as error:
            if code_of(error) == "ConflictException":
                raise RefusedError(f"{code_of(error)}: another campaign has its name") from error
            raise
        return str(made["id"])

    def _there(self, kind: Kind, request: Mapping[str, Any]) -> str | None:
        """What exists already under the name of a request that was refused, if this run has made it."""
        name, tags = (
            (request["SegmentDefinitionName"], request.get("Tags", {}))
            if kind is Kind.SEGMENT
            else (request["name"], request.get("tags", {}))
        )
        return next((one.id for one in self.found(kind, tags.get(RUN_TAG, "")) if one.name == name), None)

    def _segments(self, run: str) -> Iterator[Found]:
        for one in _pages(
            lambda page: self._asking_profiles.list_segment_definitions(
                DomainName=self._domain, MaxResults=_SEGMENTS_PAGE, **_token("NextToken", page)
            ),
            "Items",
            "NextToken",
        ):
            tags = one.get("Tags", {})
            if tags.get(RUN_TAG) == run and tags.get(ENVIRONMENT_TAG) == self._environment:
                made = one.get("CreatedAt") or now(self._clock)
                yield Found(one["SegmentDefinitionName"], one["SegmentDefinitionArn"], made.astimezone(UTC))

    def _campaigns(self, run: str) -> Iterator[Found]:
        """A listing shows no tags, but names that end with the run; other environments may have the same run."""
        for one in self._listed():
            if one["name"].endswith(run) and self._is_ours(one["id"]):
                starts = _moment(one.get("schedule", {}).get("startTime"))
                # Connect does not say when it was made; what was made later starts later.
                yield Found(one["name"], one["id"], starts or now(self._clock), starts)

    def _listed(self) -> Iterator[Mapping[str, Any]]:
        filters = {"instanceIdFilter": {"value": self._instance_id, "operator": "Eq"}}
        return _pages(
            lambda page: self._ask(
                "list",
                self._asking.list_campaigns,
                filters=filters,
                maxResults=_CAMPAIGNS_PAGE,
                **_token("nextToken", page),
            ),
            "campaignSummaryList",
            "nextToken",
        )

    def _is_ours(self, campaign_id: str) -> bool:
        """Whether a run of this environment has made a campaign."""
        tags = self._described(campaign_id).get("tags", {})
        return RUN_TAG in tags and tags.get(ENVIRONMENT_TAG) == self._environment

    def _is_ahead(self, campaign_id: str) -> bool:
        """Whether a campaign begins to send later."""
        starts = _moment(self._described(campaign_id).get("schedule", {}).get("startTime"))
        return starts is not None and starts > now(self._clock)

    def _described(self, campaign_id: str) -> Mapping[str, Any]:
        try:
            answer = self._ask("describe", self._asking.describe_campaign, id=campaign_id)
        except ClientError as error:
            if is_gone(error):
                return {}
            raise
        campaign: Mapping[str, Any] = answer.get("campaign", {})
        return campaign

    def _stop(self, campaign_id: str) -> bool:
        return self._paced("stop", self._asking.stop_campaign, id=campaign_id)

    def _paced(self, operation: str, ask: Callable[..., Mapping[str, Any]], **request: Any) -> bool:  # noqa: ANN401
        return self._done(lambda **values: self._ask(operation, ask, **values), **request)

    def _done(self, ask: Callable[..., Mapping[str, Any]], **request: Any) -> bool:  # noqa: ANN401 (of the SDK)
        """Do it; False if the state of things forbids it. What is gone already counts as done."""
        try:
            ask(**request)
        except ClientError as error:
            if is_gone(error):
                return True
            if code_of(error) in _LATER or call_of(error) is Call.REFUSED:
                return False
            raise
        return True

    def _ask(self, operation: str, ask: Callable[..., Mapping[str, Any]], **request: Any) -> Mapping[str, Any]:  # noqa: ANN401
        """Ask at the pace of an operation, and again if others who share the account were faster."""
        pause = Pause()
        for _ in range(_ATTEMPTS):
            self._clock.sleep(max(pause.seconds, self._paces[operation].reserve(self._clock.time())))
            try:
                return ask(**request)
            except ClientError as error:
                if call_of(error) is not Call.THROTTLED:
                    raise
                pause.lengthen()
        raise ThrottledError


def _pages(ask: Callable[[str], Mapping[str, Any]], items: str, token: str) -> Iterator[Mapping[str, Any]]:
    """All items of a listing."""
    page = ""
    while True:
        answer = ask(page)
        yield from answer.get(items, [])
        page = answer.get(token) or ""
        if not page:
            return


def _token(name: str, page: str) -> Mapping[str, str]:
    return {name: page} if page else {}


def _moment(value: object) -> datetime | None:
    return value.astimezone(UTC) if isinstance(value, datetime) else None
