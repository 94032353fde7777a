"""Requests that Terraform's provider sends again although they were answered."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from local_cloud.repeats import Answers

TERRAFORM = [(b"user-agent", b"APN/1.0 HashiCorp/1.0 Terraform/1.11"), (b"amz-sdk-invocation-id", b"one")]


async def _nothing() -> dict[str, Any]:
    return {}


def served(answers: Answers, headers: list[tuple[bytes, bytes]], status: int) -> list[int]:
    """Statuses that two requests with these headers get from a service that conflicts with what it has made."""
    made: list[bool] = []
    got: list[int] = []

    async def serve(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 409 if made else status, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})
        made.append(True)

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            got.append(message["status"])

    for _ in range(2):
        asyncio.run(answers.serve({"headers": headers}, _nothing, send, serve))
    return got


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_repeat_of_terraforms_gets_the_answer_of_the_first(status: int) -> None:
    assert served(Answers(), TERRAFORM, status) == [status, status]


def test_a_repeat_of_what_was_refused_is_served() -> None:
    assert served(Answers(), TERRAFORM, 429) == [429, 409]


def test_repeats_of_others_are_served() -> None:
    assert served(Answers(), [(b"amz-sdk-invocation-id", b"one")], 200) == [200, 409]
