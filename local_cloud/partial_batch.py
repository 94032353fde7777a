"""What a function says about a batch: which messages stay in the queue."""

from __future__ import annotations


def failed_ids(answer: object, sent: set[str]) -> set[str] | None:
    """Read a partial batch response as Lambda does.

    Parameters
    ----------
    answer
        What the function returned.
    sent
        Message ids of the batch.

    Returns
    -------
    set or None
        Ids that stay in the queue; None if the answer is malformed, so that the whole batch stays.
    """
    if answer is None or answer == "" or answer == {}:
        return set()
    if not isinstance(answer, dict):
        return None
    failures = answer.get("batchItemFailures") or []
    if not isinstance(failures, list):
        return None
    ids = set()
    for failure in failures:
        identifier = failure.get("itemIdentifier") if isinstance(failure, dict) else None
        if not isinstance(identifier, str) or identifier not in sent:
            return None
        ids.add(identifier)
    return ids
