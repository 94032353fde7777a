"""Later steps know what customers did: messages, event stream, recorder and filter on the applied modules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from engagement.domain.runs.records import RunStatus
from local_cloud.process import LocalCloud
from tests.cloud.company import TIME_FACTOR, CompanyEvents, applied_events
from tests.cloud.deployment import wait_for
from tests.cloud.releases import VARIABLES, send
from tools.stack import Stack

MAX_WAIT, IN_WORDS = 90, "1 minute 30 seconds"
"""Seconds that a step waits for the recorder; everything else is much faster."""
IN_A_HURRY = 20 * TIME_FACTOR
"""So fast passes the pause, which would take minutes otherwise: until then customers can do what they do."""
CUSTOMERS = ("ann", "bob", "cid", "dan", "eve")


@pytest.fixture(scope="module")
def applied(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    settings = VARIABLES["company_events"] | {"interactions": {"max_wait_seconds": MAX_WAIT}}
    stack = Stack(
        cloud, tmp_path_factory.mktemp("interactions"), {**VARIABLES, "name": "ears", "company_events": settings}
    )
    stack.apply()
    return stack


@pytest.fixture
def company(cloud: LocalCloud, applied: Stack) -> Iterator[CompanyEvents]:
    with applied_events(cloud, applied.outputs()) as events:
        yield events


def plan(event: str) -> dict[str, Any]:
    """Everybody is told, and those who have not opened are reminded; those who have are thanked."""
    opened = {"step": "announce", "did": "opened"}
    return {
        "event": event,
        "audiences": {"all": {"where": {f"user.{event}": ["yes"]}}},
        "steps": [
            {"id": "announce", "send": [send("all", "EMAIL", f"{event} is out")]},
            {"id": "pause", "wait": "P5D"},
            {"id": "remind", "send": [{**send("all", "EMAIL", f"Have you seen {event}?"), "unless": opened}]},
            {"id": "thank", "send": [{**send("all", "EMAIL", f"Thank you for {event}"), "only": opened}]},
        ],
    }


def customers(company: CompanyEvents, event: str) -> None:
    """Five with e-mail; the address of one of them bounces."""
    for name in CUSTOMERS:
        company.pinpoint.update_endpoint(
            ApplicationId=company.application_id,
            EndpointId=f"{name}-mail",
            EndpointRequest={
                "ChannelType": "EMAIL",
                "Address": f"bounce+{event}@simulator.amazonses.com" if name == "cid" else f"{name}@example.com",
                "User": {"UserId": name, "UserAttributes": {event: ["yes"]}},
            },
        )


def does(company: CompanyEvents, since: int, **did: str) -> None:
    """Let customers do something with the last message that they got."""
    numbers = {
        message["endpoint_id"]: message["number"] for message in company.shop.local(f"pinpoint/outbox?since={since}")
    }
    for name, what in did.items():
        company.shop.local("pinpoint/interactions", "POST", {"message": numbers[f"{name}-mail"], "did": what})


def texts(company: CompanyEvents, since: int, text: str) -> set[str]:
    return {endpoint for endpoint, title in company.messages(since) if title == text}


@pytest.mark.parametrize(
    "faults",
    [
        [],
        [
            {"target": "pinpoint.stream", "kind": "double", "probability": 0.5},
            {"target": "pinpoint.stream", "kind": "late", "seconds": 2, "probability": 0.5},
        ],
    ],
    ids=["in order", "late, doubled and out of order"],
)
def test_only_those_who_did_not_open_are_reminded_and_no_address_that_bounced(
    company: CompanyEvents, event: str, faults: list[dict[str, Any]]
) -> None:
    customers(company, event)
    company.write_plan(plan(event))
    company.shop.put_faults(*faults)
    before = company.mark()
    run = company.announce(event)
    wait_for("the announcement", lambda: company.messages(before).total() == len(CUSTOMERS))

    does(company, before, ann="open", dan="click", eve="complaint")
    company.set_pace(IN_A_HURRY)

    record = company.ended(run)
    assert record.status is RunStatus.COMPLETED, record
    assert texts(company, before, f"Have you seen {event}?") == {"bob-mail"}
    assert texts(company, before, f"Thank you for {event}") == {"ann-mail", "dan-mail"}
    assert company.messages(before) == Counter(dict.fromkeys(company.messages(before), 1)), "nobody hears twice"
    assert [step.heard[:16] for step in company.steps(run)] == ["", "", "everything up to", "everything up to"]


def test_a_step_that_waits_in_vain_says_so_and_goes_on(company: CompanyEvents, event: str) -> None:
    customers(company, event)
    reminded = plan(event)
    reminded["steps"].pop()
    company.write_plan(reminded)
    functions = company.functions
    name = company.module["functions"]["recorder"]["name"]
    [mapping] = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    before = company.mark()

    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        run = company.announce(event)
        wait_for("the announcement", lambda: company.messages(before).total() == len(CUSTOMERS))
        company.set_pace(IN_A_HURRY)
        record = company.ended(run)
    finally:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)

    assert record.status is RunStatus.COMPLETED, record
    behind = f"not everything: the recorder was behind for {IN_WORDS}"
    assert [step.heard for step in company.steps(record.run)] == ["", "", behind]
    assert len(texts(company, before, f"Have you seen {event}?")) == len(CUSTOMERS), "what nobody knows changes nothing"
