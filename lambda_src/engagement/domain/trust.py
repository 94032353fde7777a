"""Who a caller is, and what that allows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engagement.domain.draft import UNSET
from engagement.domain.event import folded
from engagement.domain.message import Authorizer, Call, Message, Route
from engagement.domain.reasons import RejectReason
from engagement.domain.token import KeyOf, Verdict, verify

ANY_ENDPOINT = "*"
"""What a Lambda authorizer returns for a caller who may write for every endpoint."""


class NotAcceptedError(Exception):
    """The event can never be sent."""

    def __init__(self, reason: RejectReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Privacy(StrEnum):
    """What a browser's privacy signal does."""

    IGNORE = "ignore"
    NO_UPDATES = "no_updates"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Trust:
    """How tokens and privacy signals are read.

    Parameters
    ----------
    audience, max_age_seconds
        What a token must be made for, and the longest life it may have left.
    key_of
        Keys of tokens; None where no keys are configured, so that a token is worth nothing.
    token_required
        Whether an event of the public route needs a valid token.
    privacy
        Policy for calls with Sec-GPC.
    """

    audience: str
    max_age_seconds: int
    key_of: KeyOf | None = None
    token_required: bool = False
    privacy: Privacy = Privacy.NO_UPDATES

    def judge(self, message: Message, call: Call) -> Verdict:
        """What the call's token is worth; an earlier attempt's finding stands."""
        if call.verdict is not None:
            return call.verdict
        if call.token in UNSET:
            return Verdict.ABSENT
        if self.key_of is None or message.route is Route.TRUSTED:
            return Verdict.IGNORED
        endpoint_id = call.parameters.get("endpoint_id") or ""
        return verify(call.token, endpoint_id, message.request_time, self.key_of, self.audience, self.max_age_seconds)

    def authenticated(self, message: Message, verdict: Verdict, endpoint_id: str) -> bool:
        """Whether the caller may write what only the customer, or a server, may write.

        Raises
        ------
        NotAcceptedError
            The caller is somebody else, or comes without the token that is required.
        """
        if message.route is Route.TRUSTED:
            if not _speaks_for(message, endpoint_id):
                detail = "endpoint_id: not the endpoint that the authorizer names for this caller"
                raise NotAcceptedError(RejectReason.IDENTITY_MISMATCH, detail)
            return True
        if self.token_required and verdict is not Verdict.VALID:
            raise NotAcceptedError(RejectReason.TOKEN_REQUIRED, f"token: {verdict}")
        return verdict is Verdict.VALID


def _speaks_for(message: Message, endpoint_id: str) -> bool:
    if message.authorizer is Authorizer.IAM:
        return True
    if message.authorizer is Authorizer.LAMBDA and message.identity == ANY_ENDPOINT:
        return True
    return bool(message.identity) and folded(message.identity) == folded(endpoint_id)
