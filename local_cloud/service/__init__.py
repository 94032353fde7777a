"""What emulated services have in common: how they read botocore's models, take requests, throttle, fail and work."""

from __future__ import annotations
