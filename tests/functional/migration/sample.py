"""A sample application, with odd values, as its owner would have saved it."""

from __future__ import annotations

import gzip
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

APP = "0123456789abcdef0123456789abcdef"
NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
ODD = [
    "",
    "gold",
    "Gold",
    "süß",
    "a,b",
    '"quoted"',
    "=1+1",
    "line\nbreak",
    "\u2028",
    "🙂" * 50,
    "x" * 300,
    "{{User.UserId}}",
]


def endpoints(seed: int = 7, count: int = 1_000) -> list[dict[str, Any]]:
    """Endpoints of a few hundred users on every channel; some opted out, some inactive, some share addresses."""
    chance = random.Random(seed)
    made = [_endpoint(chance, number) for number in range(count)]
    made[0] |= {"ChannelType": "CUSTOM", "Attributes": {"engagement_role": ["company"]}}
    for number in range(10, count, 97):
        made[number]["Address"] = made[number - 5]["Address"]
        made[number]["ChannelType"] = made[number - 5]["ChannelType"]
    return made


def _endpoint(chance: random.Random, number: int) -> dict[str, Any]:
    channel = chance.choices(["EMAIL", "SMS", "VOICE", "GCM", "CUSTOM"], [60, 25, 3, 10, 2])[0]
    address = {"EMAIL": f"Person.{number}@example.com", "GCM": f"token-{number}", "CUSTOM": f"box-{number}"}
    user = number % 400
    endpoint: dict[str, Any] = {
        "Id": f"endpoint-{number}",
        "ApplicationId": APP,
        "ChannelType": channel,
        "Address": address.get(channel, f"+4477009{number:05}"),
        "OptOut": chance.choices(["NONE", "ALL"], [9, 1])[0],
        "EndpointStatus": chance.choices(["ACTIVE", "INACTIVE"], [19, 1])[0],
        "EffectiveDate": _iso(NOW - timedelta(days=chance.randrange(60))),
        "CreationDate": _iso(NOW - timedelta(days=100)),
        "RequestId": f"request-{number}",
        "Attributes": {"interests": chance.sample(["cars", "boats", "trains, old", "bikes"], chance.randrange(4))},
        "Metrics": {"orders": float(chance.randrange(6))} if chance.random() < 0.8 else {},
        "Demographic": {"AppVersion": chance.choice(["1.0", "2.0"]), "Platform": "ios", "Timezone": "Europe/Berlin"},
        "Location": {"Country": chance.choice(["DE", "GB", "FR"]), "City": chance.choice(["Köln", "Leeds"])},
    }
    if chance.random() < 0.3:
        endpoint["Location"] |= {"Latitude": 50.9, "Longitude": 6.96}
    if number % 9:
        attributes = random.Random(user)
        endpoint["User"] = {"UserId": f"user-{user}", "UserAttributes": _user_attributes(attributes)}
    return endpoint


def _user_attributes(chance: random.Random) -> dict[str, list[str]]:
    attributes = {"plan": [chance.choice(["gold", "silver", "free"])], "odd": [chance.choice(ODD)]}
    attributes["first name"] = [chance.choice(["Ada", "Grace", "Edsger"])]
    attributes["colours"] = chance.sample(["red", "green", "blue"], chance.randrange(4))
    if chance.random() < 0.5:
        attributes["renewed"] = [_iso(NOW - timedelta(days=chance.randrange(400)))]
    return attributes


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def is_(*values: str, test: str = "INCLUSIVE") -> dict[str, Any]:
    return {"AttributeType": test, "Values": list(values)}


def segment(identifier: str, name: str, **rest: Any) -> dict[str, Any]:
    base = {
        "ApplicationId": APP,
        "Arn": f"arn:aws:mobiletargeting:eu-west-1:111122223333:apps/{APP}/segments/{identifier}",
    }
    dates = {"CreationDate": "2026-01-01T00:00:00Z", "LastModifiedDate": "2026-01-01T00:00:00Z"}
    return {**base, **dates, "Id": identifier, "Name": name, "SegmentType": "DIMENSIONAL", "Version": 1, **rest}


def groups(*made: dict[str, Any], include: str = "ALL") -> dict[str, Any]:
    return {"SegmentGroups": {"Include": include, "Groups": list(made)}}


def segments() -> list[dict[str, Any]]:
    """Ten segments: every kind of criterion, of nesting, and of what has no twin."""
    gold = {"UserAttributes": {"plan": is_("gold")}}
    nested = {
        "SourceSegments": [{"Id": "s-gold", "Version": 1}, {"Id": "s-readers"}],
        "SourceType": "ANY",
        "Dimensions": [
            {"Location": {"Country": {"DimensionType": "INCLUSIVE", "Values": ["DE", "GB"]}}},
            {"UserAttributes": {"plan": is_("free", test="EXCLUSIVE")}, "Metrics": _metric("GREATER_THAN", 2.0)},
        ],
        "Type": "ANY",
    }
    imported = {"ExternalId": "", "Format": "CSV", "RoleArn": "arn", "S3Url": "s3://b/k", "Size": 5}
    return [
        segment("s-gold", "Gold customers", Dimensions=gold),
        segment("s-readers", "Readers", Dimensions={"Attributes": {"interests": is_("cars", "trains, old")}}),
        segment("s-nested", "Gold or readers, abroad", **groups(nested)),
        segment("s-not-gold", "Not gold", Dimensions={"UserAttributes": {"plan": is_("gold", test="EXCLUSIVE")}}),
        segment("s-mail", "E-mail only", Dimensions={"Demographic": {"Channel": {"Values": ["EMAIL"]}}}),
        segment("s-all", "Everybody", Dimensions={}),
        segment(
            "s-renewed",
            "Renewed lately",
            Dimensions={"UserAttributes": {"renewed": is_("2026-03-01T00:00:00Z", test="AFTER")}},
        ),
        segment(
            "s-active", "Active", Dimensions={"Behavior": {"Recency": {"Duration": "DAY_7", "RecencyType": "ACTIVE"}}}
        ),
        segment("s-import", "Imported", SegmentType="IMPORT", ImportDefinition=imported),
        segment("s-on-active", "Colours of the active", **groups(_on_active())),
    ]


def _on_active() -> dict[str, Any]:
    return {
        "SourceSegments": [{"Id": "s-active"}],
        "SourceType": "NONE",
        "Dimensions": [{"UserAttributes": {"colours": is_("re", test="CONTAINS")}}],
        "Type": "ALL",
    }


def _metric(test: str, value: float) -> dict[str, Any]:
    return {"orders": {"ComparisonOperator": test, "Value": value}}


def templates() -> list[dict[str, Any]]:
    """Five templates: plain, with helpers, with lists, with what Connect lacks, and push."""
    dates = {"CreationDate": "2026-01-01T00:00:00Z", "LastModifiedDate": "2026-01-01T00:00:00Z", "Version": "2"}
    return [
        {
            **dates,
            "TemplateName": "welcome",
            "TemplateType": "EMAIL",
            "Subject": "Hello {{User.UserAttributes.[first name]}}",
            "HtmlPart": "<p>{{#if User.UserAttributes.plan}}{{upper User.UserAttributes.plan.[0]}}{{else}}-{{/if}}</p>",
            "TextPart": "{{Location.City}} {{User.UserId}} {{{User.UserAttributes.colours}}}",
            "DefaultSubstitutions": json.dumps({"User.UserAttributes.plan": "free", "Location.City": "town"}),
            "Headers": [{"Name": "List-Unsubscribe", "Value": "<mailto:out@example.com>"}],
        },
        {**dates, "TemplateName": "code", "TemplateType": "SMS", "Body": "Your plan: {{User.UserAttributes.plan}}"},
        {
            **dates,
            "TemplateName": "lists",
            "TemplateType": "SMS",
            "Body": "{{#each Attributes.interests}}{{this}}{{/each}}",
        },
        {
            **dates,
            "TemplateName": "model",
            "TemplateType": "EMAIL",
            "Subject": "x",
            "TextPart": "\n {{Recommendations.a.[0]}}",
            "RecommenderId": "r",
        },
        {**dates, "TemplateName": "app", "TemplateType": "PUSH", "Default": {"Body": "Hi"}},
    ]


def journeys() -> list[dict[str, Any]]:
    """Three journeys: one that is a plan, one that is a trigger, and one to be drawn."""
    onboarding = {
        "mail": {"EMAIL": {"TemplateName": "welcome", "TemplateVersion": "2", "NextActivity": "pause"}},
        "pause": {"Wait": {"WaitTime": {"WaitFor": "P2D"}, "NextActivity": "text"}},
        "text": {"SMS": {"TemplateName": "code", "MessageConfig": {"SenderId": "SHOP"}}},
    }
    thanks = {"mail": {"EMAIL": {"TemplateName": "welcome"}}}
    bought = {
        "EventFilter": {
            "FilterType": "ENDPOINT",
            "Dimensions": {"EventType": {"Values": ["purchase"]}, "Attributes": {"kind": is_("first")}},
        },
        "SegmentId": "s-gold",
    }
    split = {
        "hold": {"Holdout": {"Percentage": 10, "NextActivity": "ask"}},
        "ask": {
            "ConditionalSplit": {
                "Condition": {"Conditions": [{"SegmentCondition": {"SegmentId": "s-gold"}}], "Operator": "ALL"},
                "TrueActivity": "push",
                "FalseActivity": "later",
            }
        },
        "push": {"PUSH": {"TemplateName": "app"}},
        "later": {"Wait": {"WaitTime": {"WaitUntil": "2027-01-01T00:00:00Z"}}},
    }
    return [
        _journey("j1", "onboarding", onboarding, "mail", {"SegmentStartCondition": {"SegmentId": "s-gold"}}),
        _journey("j2", "thanks", thanks, "mail", {"EventStartCondition": bought}),
        _journey("j3", "winback", split, "hold", {"SegmentStartCondition": {"SegmentId": "s-active"}}),
    ]


def _journey(identifier: str, name: str, activities: Any, start: str, condition: Any) -> dict[str, Any]:
    base = {"ApplicationId": APP, "Id": identifier, "Name": name, "State": "ACTIVE", "StartActivity": start}
    return {**base, "Activities": activities, "StartCondition": condition}


def save(folder: Path, members: dict[str, list[dict[str, Any]]]) -> None:
    """Write everything as the AWS CLI and export jobs do.

    Parameters
    ----------
    folder
        Where.
    members
        Exports of segments, by the segment's id.
    """
    everybody = endpoints()
    _export(folder / "endpoints" / "all-1.json.gz", everybody[:600])
    _export(folder / "endpoints" / "all-2.json.gz", everybody[600:])
    for identifier, found in members.items():
        _export(folder / "endpoints" / identifier / "part.json.gz", found)
    _json(folder / "segments" / "segments.json", {"SegmentsResponse": {"Item": segments()}})
    for template in templates():
        kind = {"EMAIL": "EmailTemplate", "SMS": "SMSTemplate"}.get(
            template["TemplateType"], "PushNotificationTemplate"
        )
        _json(folder / "templates" / f"{template['TemplateName']}.json", {f"{kind}Response": template})
    _json(folder / "journeys" / "journeys.json", {"JourneysResponse": {"Item": journeys()}})


def _export(path: Path, found: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("".join(f"{json.dumps(one)}\n" for one in found).encode()))


def _json(path: Path, document: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")
