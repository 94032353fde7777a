"""EventBridge: MiniStack's buses and rules, with the policies that AWS asks."""

from __future__ import annotations

from local_cloud.eventbridge import buses, deliveries, objects


def install() -> None:
    """Change MiniStack's EventBridge."""
    objects.install()
    buses.install()
    deliveries.install()


__all__ = ["install"]
