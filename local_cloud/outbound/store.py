"""The state: per account and Region its Connect instances, knowledge bases and campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from local_cloud.outbound.campaign_states import INITIALIZED
from local_cloud.outbound.errors import missing

Document = Mapping[str, Any]

LIMIT_DAYS: Final = 30
"""Service model, CommunicationLimit: how far back a limit looks at most."""


@dataclass
class Flow:
    """A flow of a Connect instance.

    Attributes
    ----------
    document
        What `DescribeContactFlow` answers.
    versions
        Content and description of each version, by its number.
    last_version
        Number of the newest version; numbers are not used again.
    """

    document: dict[str, Any]
    versions: dict[str, dict[str, Any]] = field(default_factory=dict)
    last_version: int = 0


@dataclass
class Instance:
    """A Connect instance.

    Attributes
    ----------
    document
        What `DescribeInstance` answers.
    flows
        By id.
    onboarding
        What `GetInstanceOnboardingJobStatus` answers, None before the job was started.
    encryption
        `encryptionConfig` of the onboarding.
    integrations
        What `PutConnectInstanceIntegration` was given, by the kind.
    limits
        `communicationLimitsConfig` of the instance.
    reached
        When each profile was sent something, ISO 8601.
    """

    document: dict[str, Any]
    flows: dict[str, Flow] = field(default_factory=dict)
    onboarding: dict[str, Any] | None = None
    encryption: dict[str, Any] = field(default_factory=dict)
    integrations: dict[str, dict[str, Any]] = field(default_factory=dict)
    limits: dict[str, Any] = field(default_factory=dict)
    reached: dict[str, list[str]] = field(default_factory=dict)

    def flow(self, identifier: str) -> Flow:
        """Return a flow.

        Raises
        ------
        ServiceError
            404 if there is none.
        """
        if identifier not in self.flows:
            raise missing("the flow")
        return self.flows[identifier]


@dataclass
class Template:
    """A message template.

    Attributes
    ----------
    document
        What was given at last, with ids and dates: the draft.
    versions
        The document of each version, by its number.
    active
        Number of the active version, 0 for none.
    """

    document: dict[str, Any]
    versions: dict[str, dict[str, Any]] = field(default_factory=dict)
    active: int = 0


@dataclass
class KnowledgeBase:
    """A knowledge base: what `GetKnowledgeBase` answers, and its message templates by id."""

    document: dict[str, Any]
    templates: dict[str, Template] = field(default_factory=dict)


@dataclass
class Progress:
    """How far a campaign is.

    Attributes
    ----------
    state
        See `campaign_states`.
    starts, ends
        When it begins and ends, ISO 8601; sooner than its schedule says if time passes faster.
    taken
        Whether the members of the segment were taken.
    refreshes
        When they are taken again, empty for never.
    entries
        How often each profile entered it, and when at last.
    waiting
        Profiles that entered it and have got nothing yet.
    sent
        How many messages were sent.
    skipped
        How many profiles got nothing, by the reason.
    """

    state: str = INITIALIZED
    starts: str = ""
    ends: str = ""
    taken: bool = False
    refreshes: str = ""
    entries: dict[str, tuple[int, str]] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    sent: int = 0
    skipped: dict[str, int] = field(default_factory=dict)

    def skip(self, reason: str, count: int = 1) -> None:
        """Count profiles that get nothing."""
        if count:
            self.skipped[reason] = self.skipped.get(reason, 0) + count


@dataclass
class Campaign:
    """A campaign: what `DescribeCampaign` answers, when it was made (ISO 8601), and how far it is."""

    document: dict[str, Any]
    created: str
    progress: Progress = field(default_factory=Progress)


@dataclass
class Account:
    """What one account has in one Region, each by its id."""

    account: str
    region: str
    instances: dict[str, Instance] = field(default_factory=dict)
    knowledge_bases: dict[str, KnowledgeBase] = field(default_factory=dict)
    campaigns: dict[str, Campaign] = field(default_factory=dict)

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource of this account."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def instance(self, identifier: str) -> Instance:
        """Return an instance by its id or ARN.

        Raises
        ------
        ServiceError
            404 if there is none.
        """
        found = self.instances.get(identifier.removeprefix(self.arn("connect", "instance/")))
        if found is None:
            raise missing("the Connect instance")
        return found

    def campaign(self, identifier: str) -> Campaign:
        """Return a campaign by its id or ARN.

        Raises
        ------
        ServiceError
            404 if there is none.
        """
        found = self.campaigns.get(identifier.removeprefix(self.arn("connect-campaigns", "campaign/")))
        if found is None:
            raise missing("the campaign")
        return found

    def campaigns_of(self, instance_id: str) -> list[Campaign]:
        """Return the campaigns of an instance, in the order of their creation."""
        return [one for one in self.campaigns.values() if one.document["connectInstanceId"] == instance_id]


class Accounts:
    """The state of every account and Region."""

    def __init__(self) -> None:
        self._accounts: dict[tuple[str, str], Account] = {}

    def of(self, account: str, region: str) -> Account:
        """Return what an account has in a Region."""
        return self._accounts.setdefault((account, region), Account(account, region))

    def all(self) -> list[Account]:
        """Return what every account has."""
        return list(self._accounts.values())

    def snapshot(self) -> list[dict[str, Any]]:
        """Return everything as JSON documents."""
        return [asdict(one) for one in self._accounts.values()]

    def restore(self, snapshot: list[Document]) -> None:
        """Take over what `snapshot` returned, instead of everything that is here.

        Parameters
        ----------
        snapshot
            The documents.
        """
        self._accounts = {(one["account"], one["region"]): _account(one) for one in snapshot}


def _account(snapshot: Document) -> Account:
    return Account(
        account=snapshot["account"],
        region=snapshot["region"],
        instances={known: _instance(one) for known, one in snapshot["instances"].items()},
        knowledge_bases={
            known: KnowledgeBase(one["document"], {name: Template(**each) for name, each in one["templates"].items()})
            for known, one in snapshot["knowledge_bases"].items()
        },
        campaigns={
            known: Campaign(one["document"], one["created"], _progress(one["progress"]))
            for known, one in snapshot["campaigns"].items()
        },
    )


def _instance(snapshot: Document) -> Instance:
    return Instance(**{**snapshot, "flows": {known: Flow(**one) for known, one in snapshot["flows"].items()}})


def _progress(snapshot: Document) -> Progress:
    entries = {profile: (count, last) for profile, (count, last) in snapshot["entries"].items()}
    return Progress(**{**snapshot, "entries": entries})
