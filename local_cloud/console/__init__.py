"""The console: one page that shows, live, what reaches the local cloud and what becomes of it."""

from local_cloud.console.console import Console

__all__ = ["Console"]
