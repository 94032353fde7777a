"""Settings of the pixel consumer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engagement.domain.destinations import DestinationName
from engagement.domain.rules import Matcher, Rules
from engagement.domain.rules import globs as matching
from engagement.domain.token import KeyOf
from engagement.domain.trust import Privacy, Trust
from engagement.settings.destinations import DESTINATIONS, destinations
from engagement.settings.reading import (
    GLOBS,
    SHARED,
    Settings,
    SettingsError,
    boolean,
    globs,
    keys_arn,
    pattern,
    positive,
    text,
)

_RATE = positive(float), "a number above 0"


class _Settings(Settings):
    __slots__ = ()
    variables: ClassVar = {
        **SHARED,
        **DESTINATIONS,
        "put_events_rate": _RATE,
        "public_object_type": (str.strip, "name of an object type, or empty"),
        "trusted_object_type": (str.strip, "name of an object type, or empty"),
        "profile_attributes": (globs, 'a JSON array of names, e.g. ["plan"]'),
        "put_objects_rate": _RATE,
        "return_delay_seconds": (positive(int), "a whole number of seconds above 0"),
        "ingest_queue_url": (text, "URL of the ingest queue"),
        "rejects_queue_url": (text, "URL of the rejects queue"),
        "dlq_url": (text, "URL of the dead-letter queue"),
        "max_receive_count": (positive(int), "a whole number above 0"),
        "events": (globs, GLOBS),
        "event_attributes": (globs, GLOBS),
        "event_metrics": (globs, GLOBS),
        "user_attributes_anonymous": (globs, GLOBS),
        "user_attributes_authenticated": (globs, GLOBS),
        "reserved_events": (globs, GLOBS),
        "reserved_endpoint_ids": (globs, GLOBS),
        "reserved_user_attributes": (globs, GLOBS),
        "endpoint_id_pattern": (pattern, "a regular expression, or empty for any"),
        "max_events_per_request": (positive(int), "a whole number above 0"),
        "require_token": (boolean, "true or false"),
        "token_keys_arn": (keys_arn, "ARN of an SSM parameter or a secret, or empty"),
        "token_audience": (text, "what tokens are made for"),
        "max_token_age_seconds": (positive(int), "a whole number of seconds above 0"),
        "global_privacy_control": (Privacy, "ignore, no_updates or drop"),
    }


@dataclass(frozen=True, slots=True)
class PixelSettings(_Settings):
    """Settings of the pixel consumer; field names are the variables' names in lower case.

    Parameters
    ----------
    pinpoint_application_id
        Project that gets the events; empty if Pinpoint is not a destination.
    put_events_rate
        PutEvents requests per second that this environment may send, over all instances.
    profiles_domain
        Domain of Customer Profiles that gets the events; empty if Connect is not a destination.
    public_object_type, trusted_object_type
        Object types of what comes on the public and on the trusted route.
    profile_attributes
        Names of the user attributes that the object types write into profiles.
    put_objects_rate
        Objects per second that this environment may write, over all instances.
    maximum_concurrency
        How many instances share those rates.
    return_delay_seconds
        First wait of a message that is returned to the queue.
    dlq_url, max_receive_count
        Where events go after that many receives.
    events, event_attributes, event_metrics
        Globs of the names that a call may use.
    user_attributes_anonymous, user_attributes_authenticated
        Globs of the user attributes that everyone may write, and that the customer or a server may write as well.
    reserved_events, reserved_endpoint_ids, reserved_user_attributes
        Globs of the names that no call may use.
    endpoint_id_pattern
        Regular expression for the whole endpoint id; empty for any.
    max_events_per_request
        Events that one call may hold.
    require_token, token_keys_arn, token_audience, max_token_age_seconds
        Whether the public route needs a token, where the keys are (empty: nowhere), and what a token must say.
    global_privacy_control
        What a browser's privacy signal does.
    """

    pinpoint_application_id: str
    put_events_rate: float
    profiles_domain: str
    public_object_type: str
    trusted_object_type: str
    profile_attributes: tuple[str, ...]
    put_objects_rate: float
    maximum_concurrency: int
    return_delay_seconds: int
    ingest_queue_url: str
    rejects_queue_url: str
    dlq_url: str
    max_receive_count: int
    events: tuple[str, ...]
    event_attributes: tuple[str, ...]
    event_metrics: tuple[str, ...]
    user_attributes_anonymous: tuple[str, ...]
    user_attributes_authenticated: tuple[str, ...]
    reserved_events: tuple[str, ...]
    reserved_endpoint_ids: tuple[str, ...]
    reserved_user_attributes: tuple[str, ...]
    endpoint_id_pattern: str
    max_events_per_request: int
    require_token: bool
    token_keys_arn: str
    token_audience: str
    max_token_age_seconds: int
    global_privacy_control: Privacy

    def __post_init__(self) -> None:
        """Hold what only the variables together can tell."""
        if not self.destinations():
            raise SettingsError("PINPOINT_APPLICATION_ID, PROFILES_DOMAIN: both empty; set one of them or both")
        if self.profiles_domain and not (self.public_object_type and self.trusted_object_type):
            raise SettingsError("PUBLIC_OBJECT_TYPE, TRUSTED_OBJECT_TYPE: empty; PROFILES_DOMAIN needs both")

    def destinations(self) -> dict[DestinationName, Matcher]:
        """The destinations that there are, and which user attributes each can write into its customer data."""
        takes: dict[DestinationName, Matcher] = {
            DestinationName.PINPOINT: matching(["*"]),
            DestinationName.CONNECT: frozenset(self.profile_attributes).__contains__,
        }
        return {name: takes[name] for name in destinations(self.pinpoint_application_id, self.profiles_domain)}

    def rules(self) -> Rules:
        """What a call may write."""
        return Rules.of(
            events=self.events,
            event_attributes=self.event_attributes,
            event_metrics=self.event_metrics,
            anonymous=self.user_attributes_anonymous,
            authenticated=self.user_attributes_authenticated,
            reserved_events=self.reserved_events,
            reserved_endpoint_ids=self.reserved_endpoint_ids,
            reserved_user_attributes=self.reserved_user_attributes,
            endpoint_id_pattern=self.endpoint_id_pattern,
            most_events=self.max_events_per_request,
        )

    def trust(self, key_of: KeyOf | None) -> Trust:
        """How callers are known."""
        return Trust(
            audience=self.token_audience,
            max_age_seconds=self.max_token_age_seconds,
            key_of=key_of,
            token_required=self.require_token,
            privacy=self.global_privacy_control,
        )
