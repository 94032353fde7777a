"""A patch refuses to replace what it was not written for."""

from __future__ import annotations

import types

import pytest

from local_cloud.patching import VERSIONS, PatchError, check_versions, guard, replace


def send(queue: str) -> str:
    return f"sent to {queue}"


def make_owner() -> types.ModuleType:
    owner = types.ModuleType("emulator.sqs")
    owner.send = send  # type: ignore[attr-defined]
    return owner


def test_a_function_that_still_contains_the_needles_is_replaced() -> None:
    owner = make_owner()

    replace("size limit", owner, "send", "sent to", by=lambda original: lambda queue: original(queue).upper())

    assert owner.send("q") == "SENT TO Q"


def test_a_changed_function_stops_the_start_and_names_the_patch() -> None:
    owner = make_owner()

    with pytest.raises(
        PatchError, match=r"patch 'size limit': emulator\.sqs\.send no longer contains 'MaximumMessageSize'"
    ):
        replace("size limit", owner, "send", "sent to", "MaximumMessageSize", by=lambda original: original)

    assert owner.send is send


def test_a_function_that_is_gone_stops_the_start_and_names_the_patch() -> None:
    with pytest.raises(PatchError, match=r"patch 'size limit': emulator\.sqs\.receive is gone"):
        guard("size limit", make_owner(), "receive")


def test_a_patched_function_can_be_patched_again() -> None:
    owner = make_owner()

    for _ in range(2):
        replace("louder", owner, "send", by=lambda original: lambda queue: original(queue) + "!")

    assert owner.send("q") == "sent to q!!"


@pytest.mark.parametrize("distribution", VERSIONS)
def test_another_version_stops_the_start_and_says_what_to_do(distribution: str) -> None:
    with pytest.raises(PatchError, match=f"{distribution} .*9.9.9 is installed: check every patch"):
        check_versions(lambda name: "9.9.9" if name == distribution else VERSIONS[name])


def test_the_installed_versions_are_those_of_the_patches() -> None:
    check_versions()
