"""What a caller must be allowed to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Permission:
    """One permission that a request needs.

    Attributes
    ----------
    action, resource
        Action and ARN, `*` where no resource belongs to the action.
    context
        Values of the action's own condition keys, with names in lower case.
    """

    action: str
    resource: str
    context: Mapping[str, Any] = field(default_factory=dict)
