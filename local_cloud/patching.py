"""Named replacements of MiniStack's functions, each of which checks what it replaces."""

from __future__ import annotations

import functools
import importlib.metadata
import inspect
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any, Final

VERSIONS: Final[Mapping[str, str]] = {"ministack": "1.5.33", "airspeed-ext": "0.6.9", "hypercorn": "0.18.0"}


class PatchError(RuntimeError):
    """What a patch would replace is not what it was written for."""


def check_versions(installed: Callable[[str], str] = importlib.metadata.version) -> None:
    """Refuse to patch other versions than those every patch was checked with.

    Parameters
    ----------
    installed
        Tells the installed version of a distribution.

    Raises
    ------
    PatchError
        If a version differs.
    """
    for distribution, expected in VERSIONS.items():
        found = installed(distribution)
        if found != expected:
            raise PatchError(
                f"local_cloud patches {distribution} {expected}, but {found} is installed: "
                "check every patch against it, then change VERSIONS in local_cloud/patching.py"
            )


def locked(lock: AbstractContextManager[Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return what makes a function hold a lock while it runs.

    Parameters
    ----------
    lock
        The lock.

    Returns
    -------
    Callable
        Takes a function of MiniStack and returns the one that takes its place.
    """

    def replacing(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def holding(*arguments: Any) -> Any:  # noqa: ANN401 - MiniStack's own values
            with lock:
                return function(*arguments)

        return holding

    return replacing


def guard(name: str, owner: ModuleType | type, attribute: str, *needles: str) -> Callable[..., Any]:
    """Return a function that is about to be replaced, if it still is what the patch expects.

    Parameters
    ----------
    name
        What the patch does, for the message.
    owner, attribute
        Module or class and the name of its function.
    needles
        Pieces of source that the function must contain.

    Returns
    -------
    Callable
        The function.

    Raises
    ------
    PatchError
        If the function is gone or lacks a piece.
    """
    where = f"{owner.__name__}.{attribute}"
    original: Callable[..., Any] | None = getattr(owner, attribute, None)
    if original is None:
        raise PatchError(f"patch '{name}': {where} is gone")
    source = inspect.getsource(original)
    for needle in needles:
        if needle not in source:
            raise PatchError(f"patch '{name}': {where} no longer contains {needle!r}")
    return original


def replace(
    name: str,
    owner: ModuleType | type,
    attribute: str,
    *needles: str,
    by: Callable[[Callable[..., Any]], Callable[..., Any]],
) -> None:
    """Replace a function, if it still is what the patch expects.

    Parameters
    ----------
    name
        What the patch does, for the message.
    owner, attribute
        Module or class and the name of its function.
    needles
        Pieces of source that the function must contain.
    by
        Takes the function and returns its replacement.

    Raises
    ------
    PatchError
        If the function is gone or lacks a piece.
    """
    setattr(owner, attribute, by(guard(name, owner, attribute, *needles)))
