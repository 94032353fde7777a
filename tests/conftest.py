from __future__ import annotations

from hypothesis import HealthCheck, settings

# Every run tries the same examples, and none is measured against a clock.
settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("repeatable")
