"""The release that company events announce in tests, and who hears of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.cloud.company import CompanyEvents
from tools.stack import LOCAL_VARIABLES

VARIABLES = {
    **LOCAL_VARIABLES,
    "name": "acme",
    "email": {
        "from_address": "news@example.com",
        "identity_arn": "arn:aws:ses:us-east-1:000000000000:identity/example.com",
    },
    "company_events": {
        "function": {"architecture": "x86_64", "timeout_seconds": {"step": 30, "announcer": 60, "stamper": 30}},
        "force_destroy": True,
        "plans": {},
    },
}


def send(audience: str, channel: str, text: str) -> dict[str, Any]:
    message = {"subject": text, "text": text} if channel == "EMAIL" else {"body": text}
    return {"audience": audience, "channel": channel, "message": message}


def release(event: str) -> dict[str, Any]:
    """The pattern: a stamp moves customers between dynamic segments, then two audiences, a wait, a yes/no condition."""
    return {
        "event": event,
        "audiences": {
            "paying": {"where": {"user.plan": ["gold"]}},
            "told": {"where": {f"user.{event}_feature": ["Dark mode"]}},
            "others": {"none": [{"audience": "told"}]},
        },
        "steps": [
            {"id": "stamp", "stamp": {"audiences": ["paying"], "set": {f"{event}_feature": "{{event.feature}}"}}},
            {
                "id": "announce",
                "send": [
                    send("told", "EMAIL", f"New in {event}: {{{{event.feature}}}}"),
                    send("others", "SMS", f"Upgrade to {event} for {{{{event.feature}}}}"),
                ],
            },
            {"id": "pause", "wait": "PT1H"},
            {"id": "remind", "send": [send("told", "EMAIL", f"Have you tried {event} and {{{{event.feature}}}}?")]},
        ],
    }


def told(event: str) -> Counter[tuple[str, str]]:
    """What the release tells ann, who pays, and bob, who does not."""
    return Counter(
        [
            ("ann-mail", f"New in {event}: Dark mode"),
            ("bob-phone", f"Upgrade to {event} for Dark mode"),
            ("ann-mail", f"Have you tried {event} and Dark mode?"),
        ]
    )


def customers(company: CompanyEvents) -> None:
    company.customer("ann", plan="gold")
    company.customer("bob", plan="free")
