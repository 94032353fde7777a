"""Check a container for Google Tag Manager before it is imported: what the importer refuses, and what fails on pages.

gtm_lint.py FILE   - reads standard input
"""

from __future__ import annotations

import argparse
import html.entities
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Part = dict[str, Any]

KINDS = {"tag": "tagId", "trigger": "triggerId", "variable": "variableId", "customTemplate": "templateId"}
PARAMETERS = {"TEMPLATE", "BOOLEAN", "INTEGER", "LIST", "MAP", "TAG_REFERENCE", "TRIGGER_REFERENCE"}
FIRING = {"ONCE_PER_EVENT", "ONCE_PER_LOAD", "UNLIMITED"}
CONSENT = {"NOT_SET", "NOT_NEEDED", "NEEDED"}
UPPER = re.compile(r"[A-Z][A-Z0-9_]*")
ROOT_TYPE = re.compile(r"[a-z]+|cvt_\w+")
BAD_IN_NAMES = set(":<>&\"'")
REFERENCE = re.compile(r"\{\{([^}]*)\}\}")

# All Pages, Initialization and Consent Initialization exist in every container.
BUILT_IN_TRIGGERS = {"2147479553", "2147479573", "2147479572"}
GTM_EVENTS = ("gtm.js", "gtm.dom", "gtm.load", "gtm.init", "gtm.click", "gtm.linkClick", "gtm.historyChange")


class ContainerError(Exception):
    """The file is no export of a container."""


def load(text: str) -> Part:
    """Read an export.

    Parameters
    ----------
    text
        JSON text, as GTM exports it and as the output `gtm_container` is.

    Returns
    -------
    dict
        Its container version.

    Raises
    ------
    ContainerError
        If it is not JSON, not of format 2, or has no container version.
    """
    try:
        export = json.loads(text)
    except json.JSONDecodeError as error:
        raise ContainerError(f"not JSON: {error}") from error
    version = export.get("containerVersion") if isinstance(export, dict) else None
    if not isinstance(version, dict) or export.get("exportFormatVersion") != 2:
        raise ContainerError("not an export of a container: exportFormatVersion must be 2, with a containerVersion")
    return version


def problems(version: Part) -> list[str]:
    """What is wrong with a container version, a sentence each; empty for a good one."""
    return [
        *_enums(version),
        *_parameters(version),
        *_names(version),
        *_ids(version),
        *_triggers(version),
        *_references(version),
        *_images(version),
    ]


def _parts(version: Part, *kinds: str) -> Iterator[tuple[str, Part]]:
    for kind in kinds or KINDS:
        for part in version.get(kind, []):
            yield f"{kind} {part.get('name')}", part


def _parameter(part: Part, key: str) -> str:
    return next((str(item.get("value", "")) for item in part.get("parameter", []) if item.get("key") == key), "")


def _inside(value: object) -> Iterator[Part]:
    """Every object below a value."""
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _inside(child)


def _enums(version: Part) -> Iterator[str]:
    """Enums are in capitals, but types of tags and variables are not; the importer refuses others."""
    if version.get("container", {}).get("usageContext") != ["WEB"]:
        yield 'container: usageContext must be ["WEB"]'
    for where, part in _parts(version, "tag", "variable"):
        if not ROOT_TYPE.fullmatch(part.get("type", "")):
            yield f"{where}: the type {part.get('type')} must be in lower case"
    for where, part in _parts(version, "trigger", "builtInVariable"):
        if not UPPER.fullmatch(part.get("type", "")):
            yield f"{where}: the type {part.get('type')} must be in capitals"
    for where, tag in _parts(version, "tag"):
        if tag.get("tagFiringOption") not in FIRING:
            yield f"{where}: tagFiringOption must be one of {', '.join(sorted(FIRING))}"
        if tag.get("consentSettings", {}).get("consentStatus") not in CONSENT:
            yield f"{where}: consentStatus must be one of {', '.join(sorted(CONSENT))}"


def _parameters(version: Part) -> Iterator[str]:
    """Every value is a text, whatever its type."""
    for where, part in _parts(version, "tag", "variable"):
        for item in _inside([part.get("parameter"), part.get("formatValue"), part.get("consentSettings")]):
            kind, value = item.get("type"), item.get("value")
            if kind is not None and kind not in PARAMETERS:
                yield f"{where}: there is no parameter type {kind}"
            if kind == "BOOLEAN" and value not in {"true", "false"}:
                yield f'{where}: {item.get("key")} must be the text "true" or "false"'
            if kind in {"TEMPLATE", "INTEGER"} and not isinstance(value, str):
                yield f"{where}: {item.get('key')} must be a text"
    for where, trigger in _parts(version, "trigger"):
        for condition in trigger.get("customEventFilter", []) + trigger.get("filter", []):
            if not UPPER.fullmatch(condition.get("type", "")):
                yield f"{where}: the condition {condition.get('type')} must be in capitals"


def _names(version: Part) -> Iterator[str]:
    for kind in KINDS:
        names = [str(part.get("name", "")) for part in version.get(kind, [])]
        for name in names:
            if not name.strip() or BAD_IN_NAMES & set(name):
                yield f"{kind} {name}: a name must not be empty nor hold {' '.join(sorted(BAD_IN_NAMES))}"
        yield from (f"{kind} {name}: the name is used twice" for name, count in Counter(names).items() if count > 1)


def _ids(version: Part) -> Iterator[str]:
    found = [str(part.get(key)) for kind, key in KINDS.items() for part in version.get(kind, [])]
    yield from (f"id {number}: used twice" for number, count in Counter(found).items() if count > 1)
    yield from (f"id {number}: must be a number as a text" for number in found if not number.isdecimal())
    triggers = {trigger.get("triggerId") for trigger in version.get("trigger", [])} | BUILT_IN_TRIGGERS
    templates = {
        f"cvt_{version.get('containerId')}_{part.get('templateId')}" for _, part in _parts(version, "customTemplate")
    }
    for where, tag in _parts(version, "tag"):
        for number in tag.get("firingTriggerId", []) + tag.get("blockingTriggerId", []):
            if number not in triggers:
                yield f"{where}: there is no trigger {number}"
    for where, part in _parts(version, "tag", "variable"):
        if str(part.get("type")).startswith("cvt_") and part.get("type") not in templates:
            yield f"{where}: the container carries no template {part.get('type')}"


def _triggers(version: Part) -> Iterator[str]:
    """A trigger for GTM's own events fires several times on each page."""
    for where, trigger in _parts(version, "trigger"):
        for condition in trigger.get("customEventFilter", []):
            operator, value = condition.get("type"), _parameter(condition, "arg1")
            pattern = {"EQUALS": re.escape(value) + "$", "MATCH_REGEX": value, "STARTS_WITH": re.escape(value)}.get(
                operator
            )
            place = re.search if operator == "MATCH_REGEX" else re.match
            if pattern is not None and any(place(pattern, event) for event in GTM_EVENTS):
                yield f"{where}: it fires on GTM's own gtm.* events"


def _references(version: Part) -> Iterator[str]:
    known = {part.get("name") for _, part in _parts(version, "variable", "builtInVariable")} | {"_event"}
    for where, part in _parts(version, "tag", "trigger", "variable"):
        for item in _inside(part):
            for name in REFERENCE.findall(str(item.get("value", ""))):
                if name not in known:
                    yield f"{where}: there is no variable {name}"


def _images(version: Part) -> Iterator[str]:
    """What a Custom Image tag makes of its URL on a page."""
    variables = {part.get("name"): part for _, part in _parts(version, "variable")}
    for where, tag in _parts(version, "tag"):
        if tag.get("type") != "img":
            continue
        url = _parameter(tag, "url")
        if _parameter(tag, "useCacheBuster") != "true":
            yield f"{where}: without cache busting a browser asks once for the same URL"
        start = REFERENCE.match(url)
        base = _parameter(variables.get(start[1], {}), "value") if start else url
        if not base.startswith("https://"):
            yield f"{where}: the URL must begin with https://, or with a Constant that does"
        for parameter in url.split("&")[1:]:
            if _mangled(parameter):
                name = parameter.partition("=")[0]
                yield f"{where}: HTML reads &{name} as a character reference; put the name behind a prefix"
        for name in REFERENCE.findall(url):
            variable = variables.get(name, {})
            if variable.get("type") == "v" and "convertUndefinedToValue" not in variable.get("formatValue", {}):
                yield f"variable {name}: without a format value the URL says undefined where the page has no value"


def _mangled(parameter: str) -> bool:
    """Whether HTML decodes the `&` before a parameter: without a semicolon unless a letter, a digit or `=` follows."""
    entity = max((name for name in html.entities.html5 if parameter.startswith(name)), key=len, default="")
    following = parameter[len(entity) :]
    return entity.endswith(";") or (entity != "" and not re.match(r"[A-Za-z0-9=]", following))


def main() -> None:
    """Check a file; exit with 1 if something is wrong with it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", help="exported container, or - for standard input")
    path = parser.parse_args().file
    try:
        version = load(sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8"))
    except (ContainerError, OSError) as error:
        sys.exit(f"error: {error}")
    found = problems(version)
    if found:
        sys.exit("\n".join(found))
    counts = ", ".join(f"{len(version.get(kind, []))} {kind}" for kind in KINDS)
    print(f"nothing to say against it ({counts})")


if __name__ == "__main__":
    main()
