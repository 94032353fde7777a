"""What Terraform destroys first: what refuses while runs are under way must come before anything that they need."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import hcl2

from tests.contract.test_company_events import MODULE

REFUSES = "aws_lambda_invocation.deploy"
NOT_NEEDED_BY_RUNS = {
    # They watch, or forget.
    "aws_cloudwatch_dashboard.this",
    "aws_cloudwatch_metric_alarm.this",
    "aws_s3_bucket_lifecycle_configuration.exports",
    "aws_s3_bucket_lifecycle_configuration.plans",
}
REFERENCE = re.compile(r"\b(?:data\.)?aws_\w+\.\w+|\b(?:local|module)\.\w+")


def blocks() -> Iterator[tuple[str, Any]]:
    """Everything in the module that refers to something, by its address."""
    for file in MODULE.glob("*.tf"):
        document = hcl2.loads(file.read_text())
        for prefix, kind in (("", "resource"), ("data.", "data")):
            for block in document.get(kind, []):
                for type_, named in block.items():
                    yield from ((f"{prefix}{type_}.{name}".replace('"', ""), body) for name, body in named.items())
        for block in document.get("locals", []):
            yield from ((f"local.{name}", value) for name, value in block.items())
        for block in document.get("module", []):
            yield from ((f"module.{name}".replace('"', ""), body) for name, body in block.items())


def reached(start: str, references: dict[str, set[str]]) -> set[str]:
    """What an address depends on, in however many steps."""
    found: set[str] = set()
    pending = [start]
    while pending:
        address = pending.pop()
        if address not in found:
            found.add(address)
            pending += references.get(address, ())
    return found


def test_destroy_asks_before_it_takes_anything_that_runs_need() -> None:
    references = {address: set(REFERENCE.findall(json.dumps(body))) for address, body in blocks()}
    made = {address for address in references if address.startswith("aws_")}
    assert REFUSES in made

    assert made - reached(REFUSES, references) == NOT_NEEDED_BY_RUNS
