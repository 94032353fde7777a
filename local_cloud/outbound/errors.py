"""The errors of the three services, by their names."""

from __future__ import annotations

from local_cloud.service.messages import ServiceError

State = str


def invalid(message: str) -> ServiceError:
    """A request that breaks a rule, as outbound campaigns and Q in Connect name it."""
    return ServiceError(400, message, "ValidationException")


def missing(what: str) -> ServiceError:
    """Something that does not exist; all three services name it so."""
    return ServiceError(404, f"{what} does not exist", "ResourceNotFoundException")


def conflict(message: str) -> ServiceError:
    """Something that is in the way, as outbound campaigns and Q in Connect name it."""
    return ServiceError(409, message, "ConflictException")


def too_many(message: str) -> ServiceError:
    """A quota, as all three services name it; botocore's models give it the status 402."""
    return ServiceError(402, message, "ServiceQuotaExceededException")


def reserved(message: str) -> ServiceError:
    """What nobody outside AWS may do."""
    return ServiceError(403, message, "AccessDeniedException")


def wrong_state(state: State, done: str) -> ServiceError:
    """A campaign in a state that forbids something."""
    message = f"a campaign that is {state} cannot be {done}"
    return ServiceError(409, message, "InvalidCampaignStateException", {"state": state})


def invalid_parameter(message: str) -> ServiceError:
    """A request that breaks a rule, as Connect names it."""
    return ServiceError(400, message, "InvalidParameterException")


def duplicate(message: str) -> ServiceError:
    """A name that is taken, as Connect names it."""
    return ServiceError(409, message, "DuplicateResourceException")


def invalid_flow(problem: str) -> ServiceError:
    """The content of a flow that cannot be read."""
    return ServiceError(400, problem, "InvalidContactFlowException", {"problems": [{"message": problem}]})
