"""What can be switched while Customer Profiles runs: latency and rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from local_cloud.service.settings import Switches
from local_cloud.service.throttling import with_burst

# Objects of a batch count one by one as objects that are put singly (reading).
_COUNTED_ELSEWHERE: Final = (0.0, 1.0)


@dataclass(frozen=True)
class Settings(Switches):
    """Latency and calls per second; a rate of 0 means unlimited.

    Connect quotas (2026), per account and Region: PutProfileObject, SearchProfiles, UpdateProfile, CreateProfile,
    AddProfileKey, ListProfileObjects 100; PutProfileObjectType, PutIntegration 1. Others are not published (reading).

    Attributes
    ----------
    latency_seconds
        Delay of every answer but to infrastructure code.
    put_profile_object_rate
        Objects per second, also those of batches.
    search_profiles_rate, update_profile_rate, create_profile_rate, add_profile_key_rate, list_profile_objects_rate
        Calls per second.
    put_object_type_rate, put_integration_rate
        Calls per second.
    change_rate
        Calls per second of each operation that makes, changes or deletes a segment, snapshot, estimate or trigger.
    other_rate
        Calls per second of each other operation.
    """

    latency_seconds: float = 0.0
    put_profile_object_rate: float = 100.0
    search_profiles_rate: float = 100.0
    update_profile_rate: float = 100.0
    create_profile_rate: float = 100.0
    add_profile_key_rate: float = 100.0
    list_profile_objects_rate: float = 100.0
    put_object_type_rate: float = 1.0
    put_integration_rate: float = 1.0
    change_rate: float = 5.0
    other_rate: float = 10.0

    def limit(self, operation: str) -> tuple[float, float]:
        """Return rate and burst of an operation.

        Parameters
        ----------
        operation
            Name of the operation.

        Returns
        -------
        tuple
            Calls per second (0: unlimited) and burst, one second's calls.
        """
        if operation == "BatchPutProfileObject":
            return _COUNTED_ELSEWHERE
        named: Mapping[str, float] = {
            "PutProfileObject": self.put_profile_object_rate,
            "SearchProfiles": self.search_profiles_rate,
            "UpdateProfile": self.update_profile_rate,
            "CreateProfile": self.create_profile_rate,
            "AddProfileKey": self.add_profile_key_rate,
            "ListProfileObjects": self.list_profile_objects_rate,
            "PutProfileObjectType": self.put_object_type_rate,
            "PutIntegration": self.put_integration_rate,
        }
        changes = operation.startswith(("Create", "Update", "Delete")) and operation.endswith(
            ("SegmentDefinition", "SegmentEstimate", "SegmentSnapshot", "EventTrigger")
        )
        rate = named.get(operation, self.change_rate if changes else self.other_rate)
        return with_burst(rate)
