"""Resource types that MiniStack does not know, made by emulated services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ministack.services.cloudformation import provisioners

Properties = Mapping[str, Any]


class Actions(Protocol):
    """What makes, changes and removes the resources of one type."""

    def create(self, properties: Properties) -> tuple[str, dict[str, Any]]:
        """Make a resource and return its physical id and attributes."""

    def update(self, physical_id: str, old: Properties, new: Properties) -> dict[str, Any]:
        """Change a resource in place and return its attributes."""

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Remove a resource, if it is still there."""


@dataclass(frozen=True)
class ResourceType:
    """A resource type as CloudFormation's schema describes it.

    Attributes
    ----------
    required, optional
        Names of its properties.
    create_only
        Properties whose change replaces the resource.
    actions
        What is done with its resources.
    """

    required: frozenset[str]
    optional: frozenset[str]
    create_only: frozenset[str]
    actions: Actions


@dataclass(frozen=True)
class Provisioner:
    """A resource type as MiniStack's engine calls it.

    Attributes
    ----------
    type
        The resource type.
    """

    type: ResourceType

    def create(self, _logical_id: str, properties: Properties, _stack: str) -> tuple[str, dict[str, Any]]:
        """Make a resource.

        Raises
        ------
        ValueError
            With the sentence that the stack's events show.
        """
        self._check(properties)
        return self.type.actions.create(properties)

    def update(self, physical_id: str, old: Properties, new: Properties, _stack: str) -> tuple[str, dict[str, Any]]:
        """Change a resource, or make another in its place.

        Raises
        ------
        ValueError
            With the sentence that the stack's events show.
        """
        self._check(new)
        if all(old.get(name) == new.get(name) for name in self.type.create_only):
            return physical_id, self.type.actions.update(physical_id, old, new)
        made = self.type.actions.create(new)
        provisioners._delete_predecessor(self.delete, physical_id, old)
        return made

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Remove a resource."""
        self.type.actions.delete(physical_id, properties)

    def _check(self, properties: Properties) -> None:
        if unknown := sorted(set(properties) - self.type.required - self.type.optional):
            raise ValueError(f"Encountered unsupported property {unknown[0]}")
        if missing := sorted(self.type.required - set(properties)):
            raise ValueError(f"Property {missing[0]} cannot be empty.")
