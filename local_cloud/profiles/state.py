"""The state: one domain after the other, each in its account and Region."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from local_cloud.faults import Faults
from local_cloud.profiles.object_store import ObjectStore
from local_cloud.profiles.profile_store import ProfileStore
from local_cloud.service.messages import ServiceError
from local_cloud.service.neighbours import Source
from local_cloud.service.store import Store
from local_cloud.service.throttling import Throttle

SECONDS_PER_DAY: Final = 86_400.0


@dataclass(frozen=True)
class Pending:
    """An object that was put and has not found its profile yet.

    Attributes
    ----------
    type_name, unique_key, text
        The object.
    received
        When it was put, in seconds since 1970.
    """

    type_name: str
    unique_key: str
    text: str
    received: float


@dataclass
class Domain:
    """Everything that belongs to one domain.

    Attributes
    ----------
    account, region
        Where it is; nobody else can see it.
    document
        What GetDomain answers, without statistics.
    object_types
        What GetProfileObjectType answers, by name.
    profiles, objects
        See there.
    pending
        Objects that wait for their profile, in the order in which they came.
    segments
        What GetSegmentDefinition answers, by name.
    estimates, snapshots
        Estimates and snapshots by id.
    triggers, integrations
        What GetEventTrigger answers, by name, and what GetIntegration answers, by URI.
    firings
        When each trigger came for each profile, in seconds since 1970, as far back as its limits reach.
    """

    account: str
    region: str
    document: dict[str, Any]
    object_types: dict[str, dict[str, Any]] = field(default_factory=dict)
    profiles: ProfileStore = field(default_factory=ProfileStore)
    objects: ObjectStore = field(default_factory=ObjectStore)
    pending: list[Pending] = field(default_factory=list)
    segments: dict[str, dict[str, Any]] = field(default_factory=dict)
    estimates: dict[str, dict[str, Any]] = field(default_factory=dict)
    snapshots: dict[str, dict[str, Any]] = field(default_factory=dict)
    triggers: dict[str, dict[str, Any]] = field(default_factory=dict)
    integrations: dict[str, dict[str, Any]] = field(default_factory=dict)
    firings: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.document["DomainName"])

    @property
    def arn(self) -> str:
        """Its ARN."""
        return f"arn:aws:profile:{self.region}:{self.account}:domains/{self.name}"

    @property
    def source(self) -> Source:
        """The domain as other services see it."""
        return Source(self.account, self.region, self.arn)

    @property
    def tagged(self) -> Mapping[str, Mapping[str, dict[str, Any]]]:
        """What can have tags below the domain: documents by name, by the kind in their ARNs."""
        return {
            "object-types": self.object_types,
            "segment-definitions": self.segments,
            "event-triggers": self.triggers,
            "integrations": self.integrations,
        }

    def object_type(self, name: str) -> dict[str, Any]:
        """Return an object type; 404 if it does not exist."""
        return found(self.object_types, name, "object type")

    def segment(self, name: str) -> dict[str, Any]:
        """Return a segment definition; 404 if it does not exist."""
        return found(self.segments, name, "segment definition")

    def trigger(self, name: str) -> dict[str, Any]:
        """Return an event trigger; 404 if it does not exist."""
        return found(self.triggers, name, "event trigger")

    def campaign_of(self, trigger: str) -> str | None:
        """Return the ARN of the campaign that an event trigger drives, None if it drives none."""
        known = self.integrations.items()
        return next((uri for uri, one in known if trigger in one.get("EventTriggerNames", [])), None)

    def snapshot(self) -> dict[str, Any]:
        """Return the domain as a JSON document."""
        return {
            "account": self.account,
            "region": self.region,
            "document": self.document,
            "object_types": self.object_types,
            "profiles": self.profiles.snapshot(),
            "objects": self.objects.snapshot(),
            "pending": [asdict(one) for one in self.pending],
            "segments": self.segments,
            "estimates": self.estimates,
            "snapshots": self.snapshots,
            "triggers": self.triggers,
            "integrations": self.integrations,
            "firings": self.firings,
        }

    @classmethod
    def restored(cls, snapshot: Mapping[str, Any]) -> Domain:
        """Build a domain from what `snapshot` returned."""
        stores = {
            "profiles": ProfileStore.restored(snapshot["profiles"]),
            "objects": ObjectStore.restored(snapshot["objects"]),
            "pending": [Pending(**one) for one in snapshot["pending"]],
            # A snapshot that was under way begins anew.
            "snapshots": {
                identifier: {**one, "IsBegun": one["Status"] != "IN_PROGRESS"}
                for identifier, one in snapshot["snapshots"].items()
            },
        }
        return cls(**{**snapshot, **stores})


class Domains(Store[tuple[str, str, str], Domain]):
    """All domains of all accounts, by account, Region and name."""

    def __init__(self) -> None:
        super().__init__(lambda domain: (domain.account, domain.region, domain.name), Domain.restored)

    def by_arn(self, arn: str) -> Domain | None:
        """Return the domain of an ARN, its own or that of something in it; None if there is none."""
        found_in = (domain for domain in self.all() if arn == domain.arn or arn.startswith(f"{domain.arn}/"))
        return next(found_in, None)


@dataclass(frozen=True)
class Call:
    """A request that has the shape of its operation.

    Attributes
    ----------
    operation
        Name of the operation.
    parameters
        What it is given, wherever it stood in the request.
    account, region
        Who calls.
    now
        When, in seconds since 1970.
    domains
        The state.
    faults
        Failures to inject into parts of the call.
    throttle
        Token buckets, for calls that count as several.
    time_factor
        How many times faster days pass.
    """

    operation: str
    parameters: Mapping[str, Any]
    account: str
    region: str
    now: float
    domains: Domains
    faults: Faults
    throttle: Throttle
    time_factor: float

    @property
    def domain(self) -> Domain:
        """The domain that it is about; 404 if it does not exist in the caller's account and Region."""
        name = self.parameters["DomainName"]
        domain = self.domains.find((self.account, self.region, name))
        if domain is None:
            raise ServiceError(404, f"the domain {name} does not exist")
        return domain

    def given(self, *names: str) -> dict[str, Any]:
        """Return some of the parameters: those that were given."""
        return {name: self.parameters[name] for name in names if name in self.parameters}


# An operation takes a call and returns the answer's document.
Handler = Callable[[Call], Mapping[str, Any]]


def found(known: Mapping[str, dict[str, Any]], name: str, kind: str) -> dict[str, Any]:
    """Return what has a name.

    Parameters
    ----------
    known
        Documents by name.
    name, kind
        Which, and what it is, for the message.

    Returns
    -------
    dict
        The document.

    Raises
    ------
    ServiceError
        404 if there is none.
    """
    if name not in known:
        raise ServiceError(404, f"the {kind} {name} does not exist")
    return known[name]
