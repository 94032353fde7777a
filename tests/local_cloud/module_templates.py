"""The mapping templates of the pixel module as Terraform renders them, without Terraform."""

from __future__ import annotations

import re
from pathlib import Path

MODULE = Path(__file__).parents[2] / "modules" / "pixel"
_CONDITION = re.compile(r"%\{ if (\w+) (==|!=) null ~\}")
_VALUE = re.compile(r"\$\{(\w+)\}")


def message(**values: str | None) -> str:
    """The request template of a route: `route`, `authorizer`, `identity` and `content_type`."""
    lines: list[str] = []
    shown = [True]
    for line in (MODULE / "message.vtl.tftpl").read_text().splitlines():
        condition = _CONDITION.fullmatch(line)
        if condition:
            shown.append((values[condition[1]] is None) == (condition[2] == "=="))
        elif line == "%{ else ~}":
            shown[-1] = not shown[-1]
        elif line == "%{ endif ~}":
            shown.pop()
        elif all(shown):
            lines.append(_VALUE.sub(lambda found: str(values[found[1]]), line.strip()))
    return "".join(lines)
