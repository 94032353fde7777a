"""API Gateway's patch operations, with JSON pointers decoded: without that a changed template stays as it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ministack.services import apigateway_v1 as records

from local_cloud import patching


def install() -> None:
    """Replace MiniStack's own."""
    patching.replace(
        "JSON pointers are decoded", records, "_apply_patch", 'keys = path.lstrip("/").split("/")', by=lambda _: apply
    )


def apply(record: dict[str, Any], operations: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Change a record in place.

    Parameters
    ----------
    record
        Any record of MiniStack's.
    operations
        Each with `op` (add, replace, remove), `path` and `value`.

    Returns
    -------
    dict
        The record.
    """
    for operation in operations:
        *parents, name = [
            key.replace("~1", "/").replace("~0", "~") for key in operation.get("path", "").lstrip("/").split("/")
        ]
        target: Any = record
        for key in parents:
            if not isinstance(target.get(key), (dict, list)):
                target[key] = {}
            target = target[key]
        remove = operation.get("op", "replace") == "remove"
        if isinstance(target, list):
            # A set of texts, such as /binaryMediaTypes/image~1gif.
            target[:] = [entry for entry in target if entry != name] + ([] if remove else [name])
        elif remove:
            target.pop(name, None)
        elif name:
            target[name] = operation.get("value")
    return record
