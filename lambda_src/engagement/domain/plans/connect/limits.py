"""Limits of plans on Amazon Connect.

The service's own: https://docs.aws.amazon.com/connect/latest/adminguide/amazon-connect-service-limits.html and the API
references of Customer Profiles and of outbound campaigns. What is a choice of ours says so.
"""

from __future__ import annotations

from datetime import timedelta

ACTIVE_CAMPAIGNS = 50
"""In the whole instance."""
CAMPAIGN_CREATES_PER_SECOND = 1
"""Also for starts, each."""
SEGMENT_CREATES_PER_SECOND = 5
"""Ours: the service's rate is not published."""
ENDPOINT_UPDATES_PER_SECOND = 100
"""Each is a search and an update, which the account has 100 of a second."""

SEGMENT_ATTRIBUTES = 60
"""Different ones, those of the segments that it builds on included."""
DIMENSION_VALUES = 50

DURATION = timedelta(hours=24)
"""Ours: a campaign must say when it ends, and a day lets the slowest channel and every time zone have their turn."""
TOTAL_DAYS = 30
"""The longest time over which the service counts messages to one recipient."""
