"""Reading embedded metrics out of what a function prints."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any


def documents(output: str) -> list[dict[str, Any]]:
    """The metric documents in a function's output."""
    return [json.loads(line) for line in output.splitlines() if '"_aws"' in line]


def totals(output: str) -> Counter[str]:
    """Sums by metric name, and by `name/reason` or `name@destination` where a metric has that dimension."""
    sums: Counter[str] = Counter()
    for document in documents(output):
        for metric in document["_aws"]["CloudWatchMetrics"][0]["Metrics"]:
            name = metric["Name"]
            value = document[name]
            if "reason" in document:
                name += f"/{document['reason']}"
            if "destination" in document:
                name += f"@{document['destination']}"
            sums[name] += int(value[0] if isinstance(value, list) else value)
    return sums
