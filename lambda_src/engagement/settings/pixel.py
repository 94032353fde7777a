"""Settings of the pixel consumer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engagement.domain.rules import Rules
from engagement.domain.token import KeyOf
from engagement.domain.trust import Privacy, Trust
from engagement.settings.reading import GLOBS, Reader, boolean, globs, keys_arn, pattern, positive, text


@dataclass(frozen=True, slots=True)
class PixelSettings:
    """Settings of the pixel consumer; field names are the variables' names in lower case.

    Parameters
    ----------
    put_events_rate
        PutEvents requests per second that this environment may send, over all instances.
    maximum_concurrency
        How many instances share that rate.
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

    @classmethod
    def parse(cls, environment: Mapping[str, str]) -> PixelSettings:
        """Read the variables.

        Raises
        ------
        SettingsError
            Variables are missing or malformed.
        """
        read = Reader(environment)
        settings = cls(
            pinpoint_application_id=read("PINPOINT_APPLICATION_ID", text, "ID of the Pinpoint project"),
            put_events_rate=read("PUT_EVENTS_RATE", positive(float), "a number above 0"),
            maximum_concurrency=read("MAXIMUM_CONCURRENCY", positive(int), "a whole number above 0"),
            return_delay_seconds=read("RETURN_DELAY_SECONDS", positive(int), "a whole number of seconds above 0"),
            ingest_queue_url=read("INGEST_QUEUE_URL", text, "URL of the ingest queue"),
            rejects_queue_url=read("REJECTS_QUEUE_URL", text, "URL of the rejects queue"),
            dlq_url=read("DLQ_URL", text, "URL of the dead-letter queue"),
            max_receive_count=read("MAX_RECEIVE_COUNT", positive(int), "a whole number above 0"),
            events=read("EVENTS", globs, GLOBS),
            event_attributes=read("EVENT_ATTRIBUTES", globs, GLOBS),
            event_metrics=read("EVENT_METRICS", globs, GLOBS),
            user_attributes_anonymous=read("USER_ATTRIBUTES_ANONYMOUS", globs, GLOBS),
            user_attributes_authenticated=read("USER_ATTRIBUTES_AUTHENTICATED", globs, GLOBS),
            reserved_events=read("RESERVED_EVENTS", globs, GLOBS),
            reserved_endpoint_ids=read("RESERVED_ENDPOINT_IDS", globs, GLOBS),
            reserved_user_attributes=read("RESERVED_USER_ATTRIBUTES", globs, GLOBS),
            endpoint_id_pattern=read("ENDPOINT_ID_PATTERN", pattern, "a regular expression, or empty for any"),
            max_events_per_request=read("MAX_EVENTS_PER_REQUEST", positive(int), "a whole number above 0"),
            require_token=read("REQUIRE_TOKEN", boolean, "true or false"),
            token_keys_arn=read("TOKEN_KEYS_ARN", keys_arn, "ARN of an SSM parameter or a secret, or empty"),
            token_audience=read("TOKEN_AUDIENCE", text, "what tokens are made for"),
            max_token_age_seconds=read("MAX_TOKEN_AGE_SECONDS", positive(int), "a whole number of seconds above 0"),
            global_privacy_control=read("GLOBAL_PRIVACY_CONTROL", Privacy, "ignore, no_updates or drop"),
        )
        read.finish()
        return settings

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
