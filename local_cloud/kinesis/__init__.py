"""Kinesis data streams, and the event source mappings that read them."""

from __future__ import annotations

from local_cloud.kinesis import authorization, data_streams, mappings
from local_cloud.kinesis.data_streams import exists, write

__all__ = ["exists", "install", "write"]


def install() -> None:
    """Change MiniStack's Kinesis and its event source mappings of streams."""
    data_streams.install()
    authorization.install()
    mappings.install()
