"""Settings of Amazon Connect, as Terraform and people write them."""

from __future__ import annotations

from typing import Any

import pytest

from engagement.domain.plans.connect.settings import ConnectSettings, Template
from engagement.domain.plans.faults import PlanError
from engagement.domain.plans.model import Channel
from engagement.domain.plans.settings import PlanSettings
from tests.unit.plans.connect.builders import FLOW, NUMBER, TEMPLATE

WHOLE = {
    "sends_by": "connect",
    "connect": {
        "templates": {"release": {"arn": TEMPLATE, "campaign_flow_arn": FLOW}},
        "senders": {"email": "news@example.com", "sms": NUMBER},
        "profile_attributes": ["last_feature"],
    },
}
A_FLOW = "the ARN of a version of a flow, which ends in :1 or the like"
AN_ARN = "an ARN, or what follows template_prefix in it"
PREFIX = TEMPLATE.removesuffix("mt-1:2")
FLOW_PREFIX = FLOW.removesuffix("0a1b:3")
A_PREFIX = "the beginning of an ARN, up to a slash"


def faults(document: object) -> list[str]:
    with pytest.raises(PlanError) as error:
        PlanSettings.parse(document)
    return [f"{fault.path}: {fault.rule}" for fault in error.value.faults]


def test_whole_settings() -> None:
    settings = PlanSettings.parse(WHOLE)

    assert settings.sends_by == "connect"
    assert settings.connect == ConnectSettings(
        templates={"release": Template(TEMPLATE, FLOW)},
        senders={Channel.EMAIL: "news@example.com", Channel.SMS: NUMBER},
        profile_attributes=frozenset({"last_feature"}),
    )


def test_settings_of_an_earlier_release_are_those_of_pinpoint() -> None:
    settings = PlanSettings.parse({})

    assert (settings.sends_by, settings.connect) == ("pinpoint", None)


def test_what_terraform_leaves_out_is_null() -> None:
    template = {"arn": TEMPLATE, "campaign_flow_arn": None}
    connect = {"templates": {"t": template}, "senders": {"email": None, "sms": None}, "profile_attributes": None}

    settings = PlanSettings.parse({"sends_by": "connect", "connect": connect})

    assert settings.connect == ConnectSettings(templates={"t": Template(TEMPLATE)})
    assert PlanSettings.parse({"connect": None}) == PlanSettings()


def test_what_templates_share_is_said_once() -> None:
    end = TEMPLATE.removeprefix(PREFIX)
    own = FLOW_PREFIX + "4c5d:6"
    elsewhere = TEMPLATE.replace("kb-1", "kb-2")
    connect = {
        "template_prefix": PREFIX,
        "campaign_flow_prefix": FLOW_PREFIX,
        "campaign_flow_arn": FLOW.removeprefix(FLOW_PREFIX),
        "templates": {
            "end": {"arn": end},
            "own": {"arn": end, "campaign_flow_arn": "4c5d:6"},
            "own-whole": {"arn": end, "campaign_flow_arn": own},
            "whole": {"arn": TEMPLATE},
            "elsewhere": {"arn": elsewhere},
        },
    }

    settings = PlanSettings.parse({"sends_by": "connect", "connect": connect})

    assert settings.connect == ConnectSettings(
        templates={
            "end": Template(TEMPLATE, FLOW),
            "own": Template(TEMPLATE, own),
            "own-whole": Template(TEMPLATE, own),
            "whole": Template(TEMPLATE, FLOW),
            "elsewhere": Template(elsewhere, FLOW),
        }
    )


@pytest.mark.parametrize("document", [{"sends_by": "connect"}, {"sends_by": "connect", "connect": None}])
def test_connect_cannot_send_without_settings(document: dict[str, Any]) -> None:
    assert faults(document) == ["$.connect: missing, and sends_by is connect"]
    with pytest.raises(ValueError, match="give connect"):
        PlanSettings(sends_by="connect")


@pytest.mark.parametrize(
    ("connect", "expected"),
    [
        ([], ["$.connect: must be an object"]),
        ({"template": {}}, ["$.connect.template: unknown key"]),
        ({"templates": []}, ["$.connect.templates: must be an object of templates by name"]),
        ({"templates": {"t": "x"}}, ["$.connect.templates.t: must be an object", "$.connect.templates.t.arn: missing"]),
        ({"templates": {"t": {"arn": "x"}}}, [f"$.connect.templates.t.arn: must be {AN_ARN}"]),
        ({"templates": {"t": {}}, "template_prefix": PREFIX}, ["$.connect.templates.t.arn: missing"]),
        (
            {"templates": {"t": {"arn": "mt 1"}}, "template_prefix": PREFIX},
            [f"$.connect.templates.t.arn: must be {AN_ARN}"],
        ),
        ({"template_prefix": TEMPLATE}, [f"$.connect.template_prefix: must be {A_PREFIX}"]),
        ({"template_prefix": "kb-1/"}, [f"$.connect.template_prefix: must be {A_PREFIX}"]),
        ({"campaign_flow_prefix": FLOW}, [f"$.connect.campaign_flow_prefix: must be {A_PREFIX}"]),
        (
            {"campaign_flow_prefix": FLOW_PREFIX, "campaign_flow_arn": "0a1b"},
            [f"$.connect.campaign_flow_arn: must be {A_FLOW}"],
        ),
        ({"campaign_flow_arn": FLOW.rpartition(":")[0]}, [f"$.connect.campaign_flow_arn: must be {A_FLOW}"]),
        (
            {"templates": {"t": {"arn": TEMPLATE, "campaign_flow_arn": FLOW.rpartition(":")[0]}}},
            [f"$.connect.templates.t.campaign_flow_arn: must be {A_FLOW}"],
        ),
        ({"templates": {"t": {"arn": 5}}}, [f"$.connect.templates.t.arn: must be {AN_ARN}"]),
        ({"senders": {"email": "news"}}, ["$.connect.senders.email: must be an e-mail address"]),
        ({"senders": {"sms": "+441632960000"}}, ["$.connect.senders.sms: must be the ARN of a phone number"]),
        ({"senders": {"push": "x"}}, ["$.connect.senders.push: unknown key"]),
        ({"profile_attributes": "x"}, ["$.connect.profile_attributes: must be a list of texts"]),
    ],
)
def test_every_fault_has_its_place(connect: object, expected: list[str]) -> None:
    assert faults({"connect": connect}) == expected


def test_all_faults_come_at_once() -> None:
    assert faults({"sends_by": "ses", "connect": {"senders": {"email": 5}}, "x": 1}) == [
        "$.sends_by: must be pinpoint or connect",
        "$.connect.senders.email: must be an e-mail address",
        "$.x: unknown key",
    ]
