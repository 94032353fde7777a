from __future__ import annotations

from hypothesis import settings

# Every run tries the same examples, and none is measured against a clock.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")
