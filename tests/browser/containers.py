"""Containers as Google Tag Manager exports them, small enough to change one thing at a time."""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]


def parameter(key: str, value: str, kind: str = "TEMPLATE") -> Record:
    return {"type": kind, "key": key, "value": value}


def constant(name: str, value: str) -> Record:
    return {"variableId": "1", "name": name, "type": "c", "parameter": [parameter("value", value)]}


def layer(name: str, **more: Any) -> Record:
    """A Data Layer variable of the same name."""
    parameters = [
        parameter("dataLayerVersion", "2", "INTEGER"),
        parameter("setDefaultValue", "false", "BOOLEAN"),
        parameter("name", name),
    ]
    return {"variableId": "2", "name": name, "type": "v", "parameter": parameters} | more


def condition(value: str, operator: str = "EQUALS", **flags: str) -> Record:
    parameters = [parameter("arg0", "{{_event}}"), parameter("arg1", value)]
    return {
        "type": operator,
        "parameter": parameters + [parameter(key, flag, "BOOLEAN") for key, flag in flags.items()],
    }


def trigger(number: str, *conditions: Record) -> Record:
    return {"triggerId": number, "name": f"on {number}", "type": "CUSTOM_EVENT", "customEventFilter": list(conditions)}


def image(url: str, *triggers: str, **more: Any) -> Record:
    """A Custom Image tag without a cache buster."""
    return {
        "tagId": "9",
        "name": "pixel",
        "type": "img",
        "parameter": [parameter("useCacheBuster", "false", "BOOLEAN"), parameter("url", url)],
        "firingTriggerId": list(triggers),
        "tagFiringOption": "ONCE_PER_EVENT",
    } | more


def container(tags: list[Record], triggers: list[Record], variables: list[Record]) -> Record:
    return {
        "exportFormatVersion": 2,
        "exportTime": "2026-01-01 00:00:00",
        "containerVersion": {
            "container": {"name": "test", "usageContext": ["WEB"]},
            "tag": tags,
            "trigger": triggers,
            "variable": variables,
            "builtInVariable": [{"type": "EVENT", "name": "Event"}],
        },
    }


def pixel(url: str, *names: str, **tag: Any) -> Record:
    """One tag on the event `go` that sends data layer values under their own names."""
    query = "".join(f"&{name}={{{{{name}}}}}" for name in names)
    return container(
        [image(f"{{{{base}}}}?event={{{{Event}}}}{query}", "1", **tag)],
        [trigger("1", condition("go"))],
        [constant("base", f"{url}/pixel"), *map(layer, names)],
    )
