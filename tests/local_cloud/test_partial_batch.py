"""How Lambda reads a partial batch response (Lambda guide, "Implementing partial batch responses")."""

from __future__ import annotations

import pytest

from local_cloud.partial_batch import failed_ids

SENT = {"a", "b"}


@pytest.mark.parametrize(
    "answer", [None, "", {}, {"batchItemFailures": []}, {"batchItemFailures": None}, {"other": 1}], ids=str
)
def test_nothing_failed(answer: object) -> None:
    assert failed_ids(answer, SENT) == set()


def test_reported_messages_failed() -> None:
    assert failed_ids({"batchItemFailures": [{"itemIdentifier": "b"}, {"itemIdentifier": "b"}]}, SENT) == {"b"}


@pytest.mark.parametrize(
    "answer",
    [
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "not sent"}]},
        {"batchItemFailures": [{"messageId": "a"}]},
        {"batchItemFailures": [{"itemIdentifier": ["a"]}]},
        {"batchItemFailures": ["a"]},
        {"batchItemFailures": "a"},
        {"batchItemFailures": {"itemIdentifier": "a"}},
        "a",
        7,
        ["a"],
    ],
    ids=str,
)
def test_a_malformed_answer_fails_everything(answer: object) -> None:
    assert failed_ids(answer, SENT) is None
