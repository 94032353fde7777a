"""Events of S3 objects: MiniStack leaves out the version."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, Final

from ministack.services import s3

from local_cloud import patching

_SOURCE: Final = "aws.s3"
_version: ContextVar[str | None] = ContextVar("local_cloud_object_version", default=None)


def install() -> None:
    """Remember the version while its event is made."""
    patching.replace("events name the version", s3, "_fire_s3_event", '"object": {"key": key, "size": size', by=_firing)


def with_version(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an event with the version of its object, if it is about one.

    Parameters
    ----------
    event
        MiniStack's record of the event.

    Returns
    -------
    Mapping
        The same record, or a complete one.
    """
    version = _version.get()
    if version is None or event["Source"] != _SOURCE:
        return event
    detail = json.loads(event["Detail"])
    detail["object"]["version-id"] = version
    return {**event, "Detail": json.dumps(detail)}


def _firing(fire: Callable[..., None]) -> Callable[..., None]:
    def fire_s3_event(*arguments: Any, version_id: str | None = None, **details: Any) -> None:  # noqa: ANN401
        token = _version.set(version_id)
        try:
            fire(*arguments, version_id=version_id, **details)
        finally:
            _version.reset(token)

    return fire_s3_event
