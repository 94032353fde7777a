"""Messages that an event starts, as the modules make them: sent, paused, changed and removed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import pytest

from local_cloud.process import LocalCloud
from tests.cloud.deployment import Deployment, client_settings, set_pace, wait_for
from tests.cloud.destinations import OnConnect, ReadyConnect
from tools.stack import Stack, StackError

DOMAIN = "amazon-connect-moments"
CART, CART_AGAIN, VIEW = "Your cart", "Your cart, once more", "You have looked at this"
TEMPLATES = {"cart": CART, "again": CART_AGAIN, "view": VIEW}
SECONDS_UNTIL_START, HURRY = 3600.0, 360.0
"""Amazon Connect takes no start that is past: an apply has an hour, of which ten seconds are left to a campaign."""


def seconds_from_now(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def trigger(event: str, template: str, starts: str, **fields: Any) -> dict[str, Any]:
    ends = seconds_from_now(timedelta(days=30).total_seconds())
    return {"event": event, "template": template, "start_time": starts, "end_time": ends, **fields}


def apply(cloud: LocalCloud, stack: Stack) -> None:
    """Apply while time passes fast for what is made; what happens afterwards takes the time that it takes."""
    set_pace(cloud, HURRY)
    try:
        stack.apply()
    finally:
        set_pace(cloud, 1.0)


@dataclass
class Moments:
    """The applied root and what its users see of it."""

    cloud: LocalCloud
    stack: Stack

    @cached_property
    def pixel(self) -> Deployment:
        return Deployment(self.cloud, self.stack.outputs()["pixel"], "")

    @cached_property
    def connect(self) -> OnConnect:
        types = self.stack.outputs()["connect"]["object_types"]
        return OnConnect(self.cloud, self.pixel.local, DOMAIN, types)

    def change(self, **variables: Any) -> None:
        self.stack.variables = {**self.stack.variables, **variables}
        apply(self.cloud, self.stack)

    def happens(self, customer: str, event: str, *, public: bool = False, times: int = 1, **attributes: str) -> None:
        """An event comes from the server, or from a browser, and is at the profile; it may come several times."""
        self.connect.add_customer(customer)
        call = {"event": event, "endpoint_id": customer, "event_id": customer}
        call |= {f"evat_{name}": text for name, text in attributes.items()}
        for time in range(1, times + 1):
            answer = self.pixel.call(call) if public else self.from_server(call)
            assert answer.status == 200, answer.data
            wait_for(f"{event} of {customer}", lambda time=time: self.connect.attempts(customer) >= time)
        wait_for(f"{event} at {customer}", lambda: list(self.connect.arrived(customer)) == [customer])

    def from_server(self, call: dict[str, str]) -> Any:
        keys = self.cloud.environment
        return self.pixel.trusted(call, keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"])

    def wait_for_start(self) -> None:
        """Until then events send nothing."""
        starts = max(one["starts"] for one in self._campaigns())
        wait_for("the campaigns' start", lambda: seconds_from_now(0) > starts)

    def wait_for_message(self, customer: str, subject: str) -> None:
        """What came before has been looked at then: campaigns take profiles in the order of their events."""
        wait_for(f"{subject} to {customer}", lambda: self.connect.messages()[customer, subject])

    def of(self, *customers: str) -> list[tuple[str, str, int]]:
        """Customer, subject and number of everything that these got."""
        messages = self.connect.messages().items()
        return sorted((customer, subject, count) for (customer, subject), count in messages if customer in customers)

    def campaigns(self) -> dict[str, str]:
        """States of the root's campaigns by name."""
        return {one["name"]: one["state"] for one in self._campaigns()}

    def wait_for_skipped(self, key: str, reason: str) -> None:
        """Until then a profile may still be on its way to the campaign of a trigger."""
        name = self.names()[key]
        wait_for(reason, lambda: [one for one in self._campaigns() if one["name"] == name and reason in one["skipped"]])

    def _campaigns(self) -> list[dict[str, Any]]:
        found = self.pixel.local("outbound/campaigns")
        return [one for one in found if one["name"].startswith("moments-")]

    def names(self) -> dict[str, str]:
        """Names of campaigns by the key of their trigger."""
        triggers = self.stack.outputs()["connect"]["triggers"]
        return {key: made["event_trigger_name"] for key, made in triggers.items()}

    def left(self) -> dict[str, list[str]]:
        """What Customer Profiles, campaigns and CloudFormation still hold for triggers."""
        stacks = boto3.client("cloudformation", **client_settings(self.cloud, "000000000000")).describe_stacks()
        found = {
            "campaigns": list(self.campaigns()),
            "triggers": [
                one["EventTriggerName"] for one in self.connect.client.list_event_triggers(DomainName=DOMAIN)["Items"]
            ],
            "integrations": [one["Uri"] for one in self.connect.client.list_integrations(DomainName=DOMAIN)["Items"]],
            "stacks": [one["StackName"] for one in stacks["Stacks"] if one["StackName"].startswith("moments-connect-")],
        }
        return {kind: names for kind, names in found.items() if names}


@pytest.fixture(scope="module")
def moments(cloud: LocalCloud, roots: Path, tmp_path_factory: pytest.TempPathFactory) -> Moments:
    ready = ReadyConnect.of(cloud, TEMPLATES)
    profiles: Any = boto3.client("customer-profiles", **client_settings(cloud, cloud.environment["AWS_ACCESS_KEY_ID"]))
    profiles.create_domain(DomainName=DOMAIN, DefaultExpirationDays=366)
    starts = seconds_from_now(SECONDS_UNTIL_START)
    variables = {
        "domain_name": DOMAIN,
        "instance_id": ready.instance.instance_id,
        "campaign_flow_arn": ready.instance.campaign_flow_arn,
        "templates": dict(ready.templates),
        "triggers": {
            "cart": trigger("cart_left", "cart", starts, attributes={"currency": ["EUR", "CHF"]}),
            "view": trigger("product_view", "view", starts),
        },
        "run_triggers": True,
    }
    stack = Stack(cloud, tmp_path_factory.mktemp("moments"), variables, roots / "event_triggers")
    apply(cloud, stack)
    return Moments(cloud, stack)


def test_an_event_of_the_trusted_route_sends_its_message_once(moments: Moments) -> None:
    # GIVEN events that no trigger is for, or that anybody can send
    moments.wait_for_start()
    moments.happens("dollar", "cart_left", currency="USD")
    moments.happens("nothing", "cart_left")
    moments.happens("other-event", "sign_up", currency="EUR")
    moments.happens("browser", "cart_left", public=True, currency="EUR")

    # WHEN
    moments.happens("ada", "cart_left", times=2, currency="EUR")
    moments.happens("bob", "product_view")
    moments.happens("last", "cart_left", currency="CHF")

    # THEN
    moments.wait_for_message("bob", VIEW)
    moments.wait_for_message("last", CART)
    assert moments.of("dollar", "nothing", "other-event", "browser") == []
    assert moments.of("ada", "bob", "last") == [("ada", CART, 1), ("bob", VIEW, 1), ("last", CART, 1)]


def test_people_see_the_campaigns_and_the_function_needed_no_more_rights(moments: Moments) -> None:
    (owner,) = {
        one["tags"]["owner"] for one in moments.pixel.local("outbound/campaigns") if one["name"] in moments.campaigns()
    }

    assert owner.endswith(f":instance/{moments.stack.variables['instance_id']}")
    assert [one for one in moments.pixel.refusals() if "moments-" in one["principal"]] == []


def test_a_second_plan_changes_nothing(moments: Moments) -> None:
    assert moments.stack.changes() == []


def test_what_does_not_send_is_paused_and_goes_on_later(moments: Moments) -> None:
    names = set(moments.names().values())

    # WHEN another service sends
    moments.change(run_triggers=False)
    assert moments.campaigns() == dict.fromkeys(names, "Paused")
    moments.happens("meanwhile", "cart_left", currency="EUR")
    moments.wait_for_skipped("cart", "not_running")

    # AND this one again
    moments.change(run_triggers=True)
    assert moments.campaigns() == dict.fromkeys(names, "Running")
    moments.happens("later", "cart_left", currency="EUR")

    # THEN
    moments.wait_for_message("later", CART)
    assert moments.of("meanwhile") == []


def test_a_change_that_connect_refuses_leaves_the_old_message(moments: Moments) -> None:
    # WHEN the start of the new campaign is past
    before, names, past = moments.stack.variables["triggers"], moments.names(), seconds_from_now(-60)
    with pytest.raises(StackError, match="startTime"):
        moments.change(triggers={**before, "cart": {**before["cart"], "template": "again", "start_time": past}})

    # THEN
    assert moments.campaigns() == dict.fromkeys(names.values(), "Running")
    moments.happens("steady", "cart_left", currency="EUR")
    moments.wait_for_message("steady", CART)


def test_a_change_makes_another_campaign_and_a_removed_trigger_leaves_nothing(moments: Moments) -> None:
    before = moments.names()

    # WHEN
    starts = seconds_from_now(SECONDS_UNTIL_START)
    moments.change(triggers={"cart": trigger("cart_left", "again", starts, attributes={"currency": ["EUR", "CHF"]})})

    # THEN of each there is one
    name = moments.names()["cart"]
    assert name not in before.values()
    assert moments.campaigns() == {name: "Running"}
    left = moments.left()
    assert left["triggers"] == [name]
    assert len(left["integrations"]) == 1
    assert sorted(left["stacks"]) == ["moments-connect-object-types", f"moments-connect-trigger-{name[8:]}"]

    # AND the new message comes alone
    moments.wait_for_start()
    moments.happens("viewer", "product_view")
    moments.happens("new", "cart_left", currency="EUR")
    moments.wait_for_message("new", CART_AGAIN)
    assert moments.of("viewer", "new") == [("new", CART_AGAIN, 1)]
    assert moments.stack.changes() == []


def test_destroy_leaves_nothing_while_a_campaign_runs(moments: Moments) -> None:
    assert set(moments.campaigns().values()) == {"Running"}

    moments.stack.destroy()

    assert moments.left() == {}
