"""The rules of tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from local_cloud.service.messages import ServiceError

# Service models of Pinpoint and Connect alike: 50 tags per resource, 128 characters per key, 256 per value.
_TAGS: Final = 50
_KEY_CHARACTERS: Final = 128
_VALUE_CHARACTERS: Final = 256


def check_tags(tags: Mapping[str, str]) -> None:
    """Check the tags of a resource.

    Parameters
    ----------
    tags
        All of them.

    Raises
    ------
    ServiceError
        400 with the rule.
    """
    if len(tags) > _TAGS:
        raise ServiceError(400, f"a resource can have at most {_TAGS} tags")
    for key, value in tags.items():
        if not 1 <= len(key) <= _KEY_CHARACTERS or len(value) > _VALUE_CHARACTERS:
            raise ServiceError(
                400, f"a tag's key has 1 to {_KEY_CHARACTERS} characters, its value {_VALUE_CHARACTERS} at most"
            )
