"""Limits that plans keep.

Amazon Pinpoint's own: https://docs.aws.amazon.com/pinpoint/latest/developerguide/quotas.html and the API reference of
`WriteCampaignRequest`, `WriteSegmentRequest` and `Message`. What is a choice of ours says so.
"""

from __future__ import annotations

from datetime import timedelta

PLAN_LENGTH = 500_000
"""Ours: so that every check of a plan ends soon, whatever is in it."""

ACTIVE_CAMPAIGNS = 200
"""Scheduled or running, in the whole account."""
CAMPAIGN_CREATES_PER_SECOND = 25
SEGMENT_CREATES_PER_SECOND = 25
ENDPOINT_UPDATES_PER_SECOND = 200
"""Two requests of 100 endpoints, in the whole account."""

SEGMENT_VALUES = 100
"""The quota counts dimensions; counting their values is the stricter reading."""
AUDIENCE_DEPTH = 4
"""Ours: each level may cost a segment more."""

CUSTOM_DATA_BYTES = 5_000
PUSH_BODY_LENGTH = 200
SMS_BODY_LENGTH = 1_600
"""Ours: ten parts of 160 characters."""
LINE_LENGTH = 500
"""Ours: a subject or a title, with the event's values in it."""
SHORTEST_MAXIMUM_DURATION = timedelta(seconds=60)
TREATMENTS_PERCENT = 99
"""Variants and holdout together: one percent is left for the send itself."""

SHORTEST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(days=365)
"""All waits of a plan together: an execution of Step Functions ends after a year."""
LONGEST_DELAY = timedelta(days=365)
JOURNEY_SHORTEST_WAIT = timedelta(hours=1)
"""What the console allows: https://docs.aws.amazon.com/pinpoint/latest/userguide/journeys-add-activities.html."""
JOURNEY_ACTIVITIES = 40

NAME_LENGTH = 64
"""Ours: the length of a campaign's name is not published."""
