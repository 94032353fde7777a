"""Endpoints as segments see them, which may lag behind."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from local_cloud.pinpoint.applications import Application
from local_cloud.pinpoint.environment import Environment
from local_cloud.service.moments import iso_8601


def visible_endpoints(environment: Environment, application: Application, now: datetime) -> list[dict[str, Any]]:
    """Return all endpoints as segments see them.

    Parameters
    ----------
    environment
        Says how far they lag behind.
    application
        Whose endpoints.
    now
        The moment.

    Returns
    -------
    list
        Endpoints.
    """
    return application.endpoints.documents_at(_seen_moment(environment, now))


def visible_endpoint(
    environment: Environment, application: Application, endpoint_id: str, now: datetime
) -> dict[str, Any] | None:
    """Return one endpoint as segments see it, None if they do not see it.

    Parameters
    ----------
    environment, application, now
        As for `visible_endpoints`.
    endpoint_id
        Its id in any spelling.

    Returns
    -------
    dict or None
        The endpoint.
    """
    return application.endpoints.document_at(endpoint_id, _seen_moment(environment, now))


def _seen_moment(environment: Environment, now: datetime) -> str:
    return iso_8601(now - timedelta(seconds=environment.settings().segment_lag_seconds))
