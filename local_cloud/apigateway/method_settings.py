"""Settings of single methods of a stage, under the keys that AWS gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ministack.services import apigateway_v1 as records

from local_cloud import patching

_Stage = dict[str, Any]
_ALL: Final = "*/*"
# Stands for a slash inside a path, so that MiniStack's own decoding leaves it alone.
_SLASH: Final = "\0"


def install() -> None:
    """Change MiniStack's UpdateStage."""
    patching.replace(
        "a slash in a resource's path stays encoded",
        records,
        "_try_apply_method_settings_patch",
        "_decode_json_pointer_token(p) for p in",
        'setting_key = f"{resource_path}/{http_method}"',
        by=_patching,
    )


def throttle(stage: Mapping[str, Any], resource_path: str, method: str) -> Mapping[str, Any]:
    """Return the settings that hold for a method.

    Parameters
    ----------
    stage
        MiniStack's record of the stage.
    resource_path, method
        The method.

    Returns
    -------
    Mapping
        The method's own settings, else the stage's, else nothing.
    """
    settings: Mapping[str, Mapping[str, Any]] = stage.get("methodSettings") or {}
    encoded = resource_path.replace("/", "~1")
    for key in (f"{encoded}/{method}", f"{encoded.removeprefix('~1')}/{method}", _ALL):
        if key in settings:
            return settings[key]
    return {}


def _patching(patch: Callable[..., bool]) -> Callable[..., bool]:
    def apply_method_settings_patch(stage: _Stage, operation: Mapping[str, Any]) -> bool:
        path = str(operation.get("path") or "")
        settings: dict[str, Any] = stage.setdefault("methodSettings", {})
        _rename(settings, "~1", _SLASH)
        applied = patch(stage, {**operation, "path": path.replace("~1", _SLASH)})
        _rename(settings, _SLASH, "~1")
        field = records._method_setting_field_from_patch(path.split("/")[3:])
        if applied and path.startswith(f"/{_ALL}/") and field in settings.get(_ALL, {}):
            # As on AWS, a setting of all methods overwrites that of each one.
            for own in settings.values():
                own[field] = settings[_ALL][field]
        return applied

    return apply_method_settings_patch


def _rename(settings: dict[str, Any], old: str, new: str) -> None:
    for key in [key for key in settings if old in key]:
        settings[key.replace(old, new)] = settings.pop(key)
