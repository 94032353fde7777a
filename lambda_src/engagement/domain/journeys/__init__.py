"""Journeys made from plans: their versions, and what they call for. Nothing here knows AWS clients or a clock."""
