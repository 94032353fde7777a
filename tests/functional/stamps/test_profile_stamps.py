"""Stamps in Customer Profiles: whoever has the account number gets the values, and nobody else is touched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber

from engagement.adapters import clients
from engagement.adapters.connect.stamps import ProfileStamps
from engagement.domain.destination import Call
from engagement.domain.stamps.stamping import Update, Values
from tests.functional.functions import credentials

STEP = ("0123456789abcdef0123456789abcdef01234567", 0)
PROFILES = [{"ProfileId": f"{number}" * 32} for number in range(3)]
SEARCH = {"DomainName": "shop", "KeyName": "_account", "Values": ["jane"], "MaxResults": 100}


@pytest.fixture
def stubber(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """The client that functions have; the stub holds every request against the service model."""
    credentials(monkeypatch)
    client: Any = clients.customer_profiles()
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def stamped(stubber: Stubber, values: Values | None = None) -> Call:
    update = Update(STEP, values or {"plan": ["gold"]}, {"jane": None})
    [(part, call)] = ProfileStamps(stubber.client, "shop").update(update)
    assert part == update
    return call


def expect(stubber: Stubber, profile: dict[str, str]) -> None:
    request = {"DomainName": "shop", "Attributes": {"plan": "gold"}, **profile}
    stubber.add_response("update_profile", profile, request)


def test_every_profile_of_the_account_number_is_stamped(stubber: Stubber) -> None:
    stubber.add_response("search_profiles", {"Items": PROFILES[:2], "NextToken": "more"}, SEARCH)
    stubber.add_response("search_profiles", {"Items": PROFILES[2:]}, {**SEARCH, "NextToken": "more"})
    for profile in PROFILES:
        expect(stubber, profile)

    assert stamped(stubber) is Call.ANSWERED


def test_a_customer_whom_nobody_knows_is_refused(stubber: Stubber) -> None:
    stubber.add_response("search_profiles", {"Items": []}, SEARCH)

    assert stamped(stubber) is Call.REFUSED


def test_a_profile_that_was_merged_meanwhile_is_passed_over(stubber: Stubber) -> None:
    stubber.add_response("search_profiles", {"Items": PROFILES[:2]}, SEARCH)
    stubber.add_client_error("update_profile", "ResourceNotFoundException", http_status_code=404)
    expect(stubber, PROFILES[1])

    assert stamped(stubber) is Call.ANSWERED


def test_several_values_of_one_attribute_are_refused_without_a_call(stubber: Stubber) -> None:
    assert stamped(stubber, {"plan": ["gold", "silver"]}) is Call.REFUSED


@pytest.mark.parametrize("operation", ["search_profiles", "update_profile"])
@pytest.mark.parametrize(
    ("code", "status", "call"),
    [
        ("ThrottlingException", 429, Call.THROTTLED),
        ("InternalServerException", 500, Call.UNKNOWN),
        ("AccessDeniedException", 403, Call.UNUSABLE),
        ("BadRequestException", 400, Call.REFUSED),
    ],
)
def test_what_fails_says_whether_it_may_be_tried_again(
    stubber: Stubber, operation: str, code: str, status: int, call: Call
) -> None:
    if operation == "update_profile":
        stubber.add_response("search_profiles", {"Items": PROFILES[:1]}, SEARCH)
    stubber.add_client_error(operation, code, http_status_code=status)

    assert stamped(stubber) is call


def test_a_domain_that_is_gone_cannot_be_used(stubber: Stubber) -> None:
    stubber.add_client_error("search_profiles", "ResourceNotFoundException", http_status_code=404)

    assert stamped(stubber) is Call.UNUSABLE


def test_no_answer_is_no_answer(monkeypatch: pytest.MonkeyPatch, stubber: Stubber) -> None:
    def cut(**_: object) -> None:
        raise ConnectTimeoutError(endpoint_url="https://profile.invalid")

    monkeypatch.setattr(stubber.client, "search_profiles", cut)

    assert stamped(stubber) is Call.UNKNOWN
