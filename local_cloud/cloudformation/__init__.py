"""CloudFormation's types of emulated services, which MiniStack does not know: a table per service."""

from __future__ import annotations

from collections.abc import Mapping

from ministack.services.cloudformation import provisioners

from local_cloud import patching
from local_cloud.cloudformation.resource_types import Provisioner, ResourceType


def install(*tables: Mapping[str, ResourceType]) -> None:
    """Register the types.

    Parameters
    ----------
    *tables
        Types by name, those of one service each.
    """
    patching.guard(
        "CloudFormation knows more types", provisioners, "_provision_resource", "_RESOURCE_HANDLERS.get(resource_type)"
    )
    for table in tables:
        for name, kind in table.items():
            provisioner = Provisioner(kind)
            provisioners._RESOURCE_HANDLERS[name] = {
                "create": provisioner.create,
                "update": provisioner.update,
                "delete": provisioner.delete,
            }
