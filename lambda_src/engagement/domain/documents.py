"""JSON that somebody else wrote."""

from __future__ import annotations

import json
from typing import Any


def json_object(text: object) -> dict[str, Any] | None:
    """The object that a JSON text holds; None for everything else."""
    try:
        document = json.loads(text) if isinstance(text, str | bytes) else None
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
