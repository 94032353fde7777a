"""Saving a cloud whose services are still at work."""

from __future__ import annotations

import copy
from typing import Any

from local_cloud.persistence import whole


def test_a_state_that_grows_while_it_is_read_is_saved_whole() -> None:
    # GIVEN a service to whose state something is added the first times that it is read
    class Busy:
        def __deepcopy__(self, _: dict[int, object]) -> str:
            if len(state) < 4:
                state[f"metric-{len(state)}"] = "late"
            return "read"

    state: dict[str, Any] = {"busy": Busy(), "metric-1": "early"}

    # WHEN
    read = whole(lambda: {"cloudwatch": lambda: copy.deepcopy(state)})()

    # THEN
    assert read["cloudwatch"]() == {"busy": "read", "metric-1": "early", "metric-2": "late", "metric-3": "late"}
