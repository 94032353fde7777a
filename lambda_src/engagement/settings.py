"""What a function is told by its environment, read once, with every error at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from engagement.domain.rules import Rules
from engagement.domain.token import KeyOf
from engagement.domain.trust import Privacy, Trust

T = TypeVar("T")


class SettingsError(ValueError):
    """The environment is not complete or not valid; the text lists every variable at fault."""


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
        read = _Reader(environment)
        settings = cls(
            pinpoint_application_id=read("PINPOINT_APPLICATION_ID", _text, "ID of the Pinpoint project"),
            put_events_rate=read("PUT_EVENTS_RATE", _positive(float), "a number above 0"),
            maximum_concurrency=read("MAXIMUM_CONCURRENCY", _positive(int), "a whole number above 0"),
            return_delay_seconds=read("RETURN_DELAY_SECONDS", _positive(int), "a whole number of seconds above 0"),
            ingest_queue_url=read("INGEST_QUEUE_URL", _text, "URL of the ingest queue"),
            rejects_queue_url=read("REJECTS_QUEUE_URL", _text, "URL of the rejects queue"),
            dlq_url=read("DLQ_URL", _text, "URL of the dead-letter queue"),
            max_receive_count=read("MAX_RECEIVE_COUNT", _positive(int), "a whole number above 0"),
            events=read("EVENTS", _globs, _GLOBS),
            event_attributes=read("EVENT_ATTRIBUTES", _globs, _GLOBS),
            event_metrics=read("EVENT_METRICS", _globs, _GLOBS),
            user_attributes_anonymous=read("USER_ATTRIBUTES_ANONYMOUS", _globs, _GLOBS),
            user_attributes_authenticated=read("USER_ATTRIBUTES_AUTHENTICATED", _globs, _GLOBS),
            reserved_events=read("RESERVED_EVENTS", _globs, _GLOBS),
            reserved_endpoint_ids=read("RESERVED_ENDPOINT_IDS", _globs, _GLOBS),
            reserved_user_attributes=read("RESERVED_USER_ATTRIBUTES", _globs, _GLOBS),
            endpoint_id_pattern=read("ENDPOINT_ID_PATTERN", _pattern, "a regular expression, or empty for any"),
            max_events_per_request=read("MAX_EVENTS_PER_REQUEST", _positive(int), "a whole number above 0"),
            require_token=read("REQUIRE_TOKEN", _boolean, "true or false"),
            token_keys_arn=read("TOKEN_KEYS_ARN", _keys_arn, "ARN of an SSM parameter or a secret, or empty"),
            token_audience=read("TOKEN_AUDIENCE", _text, "what tokens are made for"),
            max_token_age_seconds=read("MAX_TOKEN_AGE_SECONDS", _positive(int), "a whole number of seconds above 0"),
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


class _Reader:
    """Reads variables one by one and keeps the errors for the end."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._errors: list[str] = []

    def __call__(self, name: str, parse: Callable[[str], T], expected: str) -> T:
        try:
            return parse(self._environment[name])
        except KeyError:
            self._errors.append(f"{name}: missing; set it to {expected}")
        except ValueError:
            self._errors.append(f"{name}: not {expected}")
        return None  # type: ignore[return-value]  # finish() raises before anybody sees it

    def finish(self) -> None:
        if self._errors:
            raise SettingsError("; ".join(self._errors))


_GLOBS = 'a JSON array of globs, e.g. ["page.*"]'


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError
    return value


def _positive(number: Callable[[str], T]) -> Callable[[str], T]:
    def parse(value: str) -> T:
        parsed = number(value)
        if not 0 < parsed < float("inf"):  # type: ignore[operator]
            raise ValueError
        return parsed

    return parse


def _globs(value: str) -> tuple[str, ...]:
    items = json.loads(value)
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ValueError
    return tuple(items)


def _boolean(value: str) -> bool:
    if value not in ("true", "false"):
        raise ValueError
    return value == "true"


def _keys_arn(value: str) -> str:
    if value and not re.match(r"arn:[a-z-]+:(ssm|secretsmanager):", value):
        raise ValueError
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error:
        raise ValueError from None
    return value
