"""Why an event was refused and why a value was left out: the words that metrics, rejects and the README share."""

from __future__ import annotations

from enum import StrEnum


class RejectReason(StrEnum):
    """Why an event went to the rejects queue."""

    IDENTITY_MISMATCH = "identity_mismatch"
    MALFORMED_MESSAGE = "malformed_message"
    MISSING_EVENT = "missing_event"
    MISSING_ENDPOINT_ID = "missing_endpoint_id"
    EVENT_NOT_ALLOWED = "event_not_allowed"
    EVENT_RESERVED = "event_reserved"
    EVENT_TOO_LARGE = "event_too_large"
    ENDPOINT_ID_NOT_ALLOWED = "endpoint_id_not_allowed"
    ENDPOINT_ID_RESERVED = "endpoint_id_reserved"
    PRIVACY_SIGNAL = "privacy_signal"
    REFUSED_BY_DESTINATION = "refused_by_destination"
    TOKEN_REQUIRED = "token_required"  # noqa: S105 (a reason, not a secret)
    TOO_MANY_EVENTS = "too_many_events"
    UPDATE_REFUSED = "update_refused"


class DropReason(StrEnum):
    """Why a parameter was left out of an event, or changed, while the event itself was sent."""

    ATTRIBUTE_NOT_ALLOWED = "attribute_not_allowed"
    CACHE_BUSTER = "cache_buster"
    DESTINATION_NOT_CONFIGURED = "destination_not_configured"
    EVENT_ID_INVALID = "event_id_invalid"
    METRIC_NOT_A_NUMBER = "metric_not_a_number"
    METRIC_NOT_ALLOWED = "metric_not_allowed"
    NAME_EMPTY = "name_empty"
    NAME_TOO_LONG = "name_too_long"
    NOT_FLAT = "not_flat"
    PRIVACY_SIGNAL = "privacy_signal"
    TIMESTAMP_INVALID = "timestamp_invalid"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 (reasons, not secrets)
    TOKEN_FORGED = "token_forged"  # noqa: S105
    TOKEN_IGNORED = "token_ignored"  # noqa: S105
    TOKEN_MALFORMED = "token_malformed"  # noqa: S105
    TOKEN_TOO_LONG = "token_too_long"  # noqa: S105
    TOKEN_UNKNOWN_KEY = "token_unknown_key"  # noqa: S105
    TOO_MANY_NAMES = "too_many_names"
    UNKNOWN_PARAMETER = "unknown_parameter"
    UNSET_VALUE = "unset_value"
    USER_ATTRIBUTE_NOT_ALLOWED = "user_attribute_not_allowed"
    USER_ATTRIBUTE_NOT_MAPPED = "user_attribute_not_mapped"
    USER_ATTRIBUTE_RESERVED = "user_attribute_reserved"
    USER_ATTRIBUTE_TOO_LONG = "user_attribute_too_long"
    VALUE_CUT = "value_cut"
