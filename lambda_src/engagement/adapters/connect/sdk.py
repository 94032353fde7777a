"""What is used of Amazon Connect's services, for which there are no types to check against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

# ruff: noqa: ANN401 (of the SDK)


class ProfilesClient(Protocol):
    """What is used of Customer Profiles, but for what older SDKs do not know."""

    def put_profile_object(self, **request: Any) -> Mapping[str, Any]: ...

    def create_segment_definition(self, **request: Any) -> Mapping[str, Any]: ...

    def list_segment_definitions(self, **request: Any) -> Mapping[str, Any]: ...

    def delete_segment_definition(self, **request: Any) -> Mapping[str, Any]: ...

    def create_segment_snapshot(self, **request: Any) -> Mapping[str, Any]: ...

    def get_segment_snapshot(self, **request: Any) -> Mapping[str, Any]: ...

    def create_segment_estimate(self, **request: Any) -> Mapping[str, Any]: ...

    def get_segment_estimate(self, **request: Any) -> Mapping[str, Any]: ...

    def search_profiles(self, **request: Any) -> Mapping[str, Any]: ...

    def update_profile(self, **request: Any) -> Mapping[str, Any]: ...


class OutboundClient(Protocol):
    """What is used of outbound campaigns, version 2."""

    def create_campaign(self, **request: Any) -> Mapping[str, Any]: ...

    def describe_campaign(self, **request: Any) -> Mapping[str, Any]: ...

    def list_campaigns(self, **request: Any) -> Mapping[str, Any]: ...

    def get_campaign_state(self, **request: Any) -> Mapping[str, Any]: ...

    def get_campaign_state_batch(self, **request: Any) -> Mapping[str, Any]: ...

    def start_campaign(self, **request: Any) -> Mapping[str, Any]: ...

    def pause_campaign(self, **request: Any) -> Mapping[str, Any]: ...

    def resume_campaign(self, **request: Any) -> Mapping[str, Any]: ...

    def stop_campaign(self, **request: Any) -> Mapping[str, Any]: ...

    def delete_campaign(self, **request: Any) -> Mapping[str, Any]: ...


def is_gone(error: ClientError) -> bool:
    """Whether the service says that what was named is not there."""
    return code_of(error) == "ResourceNotFoundException"


def code_of(error: ClientError) -> str:
    """The service's name for an error."""
    return str(error.response.get("Error", {}).get("Code", ""))
