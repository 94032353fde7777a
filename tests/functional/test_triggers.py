"""The keeper of triggers, as Terraform calls it, against answers of the service's own model."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.stub import Stubber

from engagement.domain.triggers import TriggersError
from tests.functional.functions import Context, credentials, load
from tests.functional.runs.clock import Clock

CAMPAIGN = "0a1b2c3d-0000-1111-2222-333344445555"
OLD = "11111111-0000-1111-2222-333344445555"
ENVIRONMENT = {
    "POWERTOOLS_SERVICE_NAME": "shop-connect-triggers",
    "POWERTOOLS_METRICS_NAMESPACE": "CustomerEngagement",
    "POWERTOOLS_LOG_LEVEL": "INFO",
}


class Terraform:
    """The function, and the service that it calls."""

    def __init__(self, module: Any) -> None:
        self._module = module
        self.service = Stubber(module.CAMPAIGNS._client)

    def calls(self, document: dict[str, Any]) -> dict[str, Any]:
        with self.service:
            answer: dict[str, Any] = self._module.handler(document, Context())
        self.service.assert_no_pending_responses()
        return answer

    def starts(self, *, run: bool, left: dict[str, str] | None = None) -> dict[str, Any]:
        return self.calls({"run": run, "campaigns": {"cart": CAMPAIGN}, "left": left or {}})

    def is_in(self, state: str, campaign: str = CAMPAIGN) -> None:
        self.service.add_response("get_campaign_state", {"state": state}, {"id": campaign})


@pytest.fixture
def terraform(monkeypatch: pytest.MonkeyPatch) -> Terraform:
    credentials(monkeypatch)
    module = load(monkeypatch, "engagement.handlers.triggers", ENVIRONMENT)
    monkeypatch.setattr(module, "time", Clock())
    return Terraform(module)


@pytest.mark.parametrize(
    ("state", "run", "operation"),
    [
        ("Initialized", True, "start_campaign"),
        ("Paused", True, "resume_campaign"),
        ("Running", False, "pause_campaign"),
        ("Running", True, None),
        ("Initialized", False, None),
    ],
)
def test_a_campaign_is_changed_by_its_state(terraform: Terraform, state: str, run: bool, operation: str | None) -> None:
    terraform.is_in(state)
    if operation:
        terraform.service.add_response(operation, {}, {"id": CAMPAIGN})

    assert terraform.starts(run=run) == {"ok": True}


@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException", "InvalidCampaignStateException"])
def test_what_may_pass_is_tried_again_after_another_look(terraform: Terraform, code: str) -> None:
    terraform.is_in("Initialized")
    terraform.service.add_client_error("start_campaign", code, "not now")
    terraform.is_in("Running")

    assert terraform.starts(run=True) == {"ok": True}


def test_a_campaign_that_has_ended_ends_the_apply(terraform: Terraform) -> None:
    terraform.is_in("Completed")

    with pytest.raises(TriggersError, match=f"trigger cart: its campaign {CAMPAIGN} is Completed"):
        terraform.starts(run=True)


def test_a_campaign_that_was_replaced_stops_before_the_other_starts(terraform: Terraform) -> None:
    # WHEN Terraform has made another
    terraform.is_in("Running", OLD)
    terraform.service.add_client_error("stop_campaign", "AccessDeniedException", "not now", expected_params={"id": OLD})
    terraform.is_in("Running", OLD)
    terraform.service.add_response("stop_campaign", {}, {"id": OLD})
    document = {"campaigns": {"cart": CAMPAIGN}, "tf": {"action": "update", "prev_input": {"campaigns": {"cart": OLD}}}}
    answer = terraform.calls(document)

    # THEN
    assert answer == {"left": {}}

    # AND what could not be stopped is stopped by the other call
    terraform.is_in("Paused", OLD)
    terraform.service.add_response("stop_campaign", {}, {"id": OLD})
    terraform.is_in("Initialized")
    terraform.service.add_response("start_campaign", {}, {"id": CAMPAIGN})
    assert terraform.starts(run=True, left={"cart": OLD}) == {"ok": True}


def test_a_campaign_that_is_gone_needs_nothing(terraform: Terraform) -> None:
    terraform.service.add_client_error("get_campaign_state", "ResourceNotFoundException", "no such campaign")

    answer = terraform.calls({"campaigns": {"cart": CAMPAIGN}, "tf": {"action": "delete", "prev_input": None}})

    assert answer == {"left": {}}
