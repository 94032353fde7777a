"""What the pollers of event source mappings share: the function's role, and waking up in time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ministack.services import lambda_svc

from local_cloud import service_roles
from local_cloud.refusals import refusals

_SERVICE: Final = "lambda.amazonaws.com"
# What is waited for comes a moment after the last instant.
_JUST_AFTER_SECONDS: Final = 0.005


def check_function_role(
    name: str, qualifier: str | None, actions: Iterable[str], resource: str
) -> service_roles.Denial | None:
    """Tell whether a function's role may do what a mapping does with it.

    Parameters
    ----------
    name, qualifier
        The function.
    actions, resource
        What the mapping does, with what.

    Returns
    -------
    Denial or None
        The first thing that it may not do.
    """
    record, _ = lambda_svc._get_func_record_for_qualifier(name, qualifier)
    role = ((record or {}).get("config") or {}).get("Role")
    denials = (service_roles.check(role, _SERVICE, action, resource) for action in actions)
    return next((denial for denial in denials if denial), None)


class RoleWatch:
    """Stops mappings whose role lacks a right, and tells each reason once."""

    def __init__(self) -> None:
        self._denied: dict[str, service_roles.Denial] = {}

    def may_poll(self, mapping: dict[str, Any], actions: Iterable[str]) -> bool:
        """Tell whether a mapping may read its source.

        Parameters
        ----------
        mapping
            MiniStack's record of it, which is told the problem.
        actions
            What reading needs.

        Returns
        -------
        bool
            Whether it may.
        """
        denial = check_function_role(
            mapping["FunctionName"], mapping.get("Qualifier"), actions, mapping["EventSourceArn"]
        )
        if denial is None:
            self._denied.pop(mapping["UUID"], None)
            return True
        mapping["LastProcessingResult"] = f"PROBLEM: {denial.message}"
        if self._denied.get(mapping["UUID"]) != denial:
            self._denied[mapping["UUID"]] = denial
            refusals.add(denial.refusal)
        return False


class Alarms:
    """Wakes MiniStack's poller, which otherwise looks once a second."""

    def __init__(self) -> None:
        self._moments: dict[object, float] = {}

    def set(self, key: object, moment: float) -> None:
        """Wake the poller at a moment, once per key.

        Parameters
        ----------
        key
            Who wants to be woken.
        moment
            Unix time.
        """
        now = time.time()
        if self._moments.get(key, 0.0) <= now:
            self._moments[key] = moment
            timer = threading.Timer(max(moment - now, 0.0) + _JUST_AFTER_SECONDS, lambda_svc._esm_wake.set)
            timer.daemon = True
            timer.start()


def function_of(data: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return name and qualifier of the function of a mapping to be made."""
    name, qualifier = lambda_svc._resolve_request_scoped_name_and_qualifier(str(data.get("FunctionName", "")))
    return name, qualifier
