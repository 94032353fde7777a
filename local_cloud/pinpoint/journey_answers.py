"""What a function answers to a journey: attributes that splits ask for."""

from __future__ import annotations

from typing import Final

from local_cloud.service.text import is_longer

# Pinpoint quotas, custom channels: 5 attributes per endpoint, names and values of 128 characters.
ATTRIBUTES: Final = 5
CHARACTERS: Final = 128


def read_event_attributes(answer: object) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Read the answer of a function.

    Pinpoint developer guide, custom channels: a map of endpoint ids, each with `EventAttributes`. Every other answer is
    ignored, and so is what breaks a quota (reading).

    Parameters
    ----------
    answer
        What the function returned.

    Returns
    -------
    tuple
        Attributes by endpoint id, and what is wrong with those that are ignored.
    """
    found: dict[str, dict[str, str]] = {}
    faults: list[str] = []
    for endpoint_id, item in answer.items() if isinstance(answer, dict) else ():
        attributes = item.get("EventAttributes") if isinstance(item, dict) else None
        if attributes is None:
            continue
        if _is_valid(attributes):
            found[endpoint_id] = attributes
        else:
            faults.append(
                f"EventAttributes are ignored: an endpoint can have at most {ATTRIBUTES}, all texts of at most "
                f"{CHARACTERS} characters"
            )
    return found, faults


def _is_valid(attributes: object) -> bool:
    return (
        isinstance(attributes, dict)
        and len(attributes) <= ATTRIBUTES
        and all(
            isinstance(text, str) and not is_longer(text, CHARACTERS) for pair in attributes.items() for text in pair
        )
    )
