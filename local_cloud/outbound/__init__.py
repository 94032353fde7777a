"""Outbound campaigns of Amazon Connect, and what they need of Connect and Q in Connect."""

from __future__ import annotations

from local_cloud.outbound.emulator import Outbound
from local_cloud.outbound.handover import Handover
from local_cloud.outbound.neighbours import CustomerProfiles, NoCustomerProfiles
from local_cloud.outbound.settings import Settings

__all__ = ["CustomerProfiles", "Handover", "NoCustomerProfiles", "Outbound", "Settings"]
