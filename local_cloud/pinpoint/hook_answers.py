"""What a campaign's hook answers: the endpoints to send to."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Final

import botocore.session

from local_cloud.service.neighbours import NeighbourError
from local_cloud.service.validation import Check, compile_check

# Pinpoint developer guide, customizing segments: what a hook may add to an endpoint for one message.
_OVERRIDES: Final = ("TitleOverride", "BodyOverride")


def read_endpoints(answer: object) -> dict[str, Mapping[str, Any]]:
    """Read the answer of a hook.

    Parameters
    ----------
    answer
        What the function returned.

    Returns
    -------
    dict
        Endpoints by id.

    Raises
    ------
    NeighbourError
        If it is no map of endpoints. Each must have the shape of the service model, beside the overrides (reading);
        above all, the values of attributes stay lists.
    """
    if not isinstance(answer, dict):
        raise NeighbourError("the hook did not answer a map of endpoints")
    for name, endpoint in answer.items():
        fault = _fault(endpoint)
        if fault:
            raise NeighbourError(f"the hook answered an endpoint that cannot be read: {name}{fault}")
    return answer


def _fault(endpoint: object) -> str | None:
    if not isinstance(endpoint, dict):
        return ": must be an object"
    for name in _OVERRIDES:
        if not isinstance(endpoint.get(name, ""), str):
            return f".{name}: must be a string"
    return _check()({name: value for name, value in endpoint.items() if name not in _OVERRIDES})


@functools.cache
def _check() -> Check:
    return compile_check(botocore.session.get_session().get_service_model("pinpoint").shape_for("EndpointResponse"))
