"""Functions of the package in this process, each with an environment of its own."""

from __future__ import annotations

import importlib
import io
import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

REGION = "eu-west-1"


class StandardOutput(io.StringIO):
    """Whatever is the standard output at the moment of writing."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)


@dataclass
class Context:
    """What the runtime hands to a handler."""

    seconds: float = 120.0
    function_name: str = "shop-pixel-consumer"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:shop-pixel-consumer"
    aws_request_id: str = "6bc28136-xmpl-4365-b021-0ce6b2e64ab0"

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """What every function has."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)


def load(monkeypatch: pytest.MonkeyPatch, name: str, environment: Mapping[str, str]) -> ModuleType:
    """A cold start: the module of a handler, new, in an environment."""
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    for module in (name, "engagement.observability"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    loaded = importlib.import_module(name)
    # The library keeps its log handler for the process, and with it the standard output of one test.
    for output in logging.getLogger(environment["POWERTOOLS_SERVICE_NAME"]).handlers:
        if isinstance(output, logging.StreamHandler):
            output.stream = StandardOutput()
    return loaded
