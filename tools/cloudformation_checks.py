"""CloudFormation templates of the modules, as Terraform renders them, against the schemas of CloudFormation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cfnlint.api import ManualArgs, lint

ROOT = Path(__file__).resolve().parent.parent
TYPE = "aws_cloudformation_stack"
SOURCE = "tests/terraform/stacks.tftest.hcl"
"""The test that makes every stack."""
_ERRORS = ManualArgs(regions=["us-east-1"], ignore_checks=["I", "W"])
"""What CloudFormation refuses, in the Region that has every type; advice is none of ours."""


def templates(log: str) -> dict[str, str]:
    """Templates by the addresses of their stacks, out of the states that `terraform test -json -verbose` writes."""
    return {
        resource["address"]: resource["values"]["template_body"]
        for message in _messages(log, "test_state")
        for resource in _resources(message["test_state"]["root_module"])
        if resource["type"] == TYPE
    }


def errors(log: str) -> list[str]:
    """What `terraform test -json` says is wrong."""
    found = [message["diagnostic"] for message in _messages(log, "diagnostic")]
    return [f"{fault['summary']}: {fault.get('detail', '')}" for fault in found if fault["severity"] == "error"]


def faults(found: Mapping[str, str]) -> Iterator[str]:
    """What CloudFormation would refuse, and which stacks nobody looked at."""
    for module, stack in _stacks():
        # There a call has the name of its module, and more if there are several.
        if not any(re.match(rf"module\.{module}\w*\.{TYPE}\.{stack}\b", address) for address in found):
            yield f"{SOURCE}: lacks the stack {stack} of the module {module}. Add it to its root."
    for address, template in found.items():
        for match in lint(template, config=_ERRORS):
            yield f"{address}: {'/'.join(map(str, match.path or ()))}: {match.message} ({match.rule.id})"


def _stacks() -> Iterator[tuple[str, str]]:
    """Module and name of every stack."""
    for path in sorted((ROOT / "modules").glob("*/*.tf")):
        for name in re.findall(rf'^resource "{TYPE}" "(\w+)"', path.read_text(), re.MULTILINE):
            yield path.parent.name.replace("-", "_"), name


def _messages(log: str, kind: str) -> Iterator[Mapping[str, Any]]:
    for line in log.splitlines():
        message = json.loads(line)
        if message.get("type") == kind:
            yield message


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from _resources(child)
