"""CloudWatch's metrics of the emulated services, and alarms that follow them.

One factor scales what CloudWatch measures in minutes: with `period_factor` 60, the default, an alarm with a period of
300 seconds looks at 5. Time itself is never moved, so values that are seconds, such as a message's age, stay real.
"""

from local_cloud.monitoring.monitor import Monitor, MonitorError

__all__ = ["Monitor", "MonitorError"]
