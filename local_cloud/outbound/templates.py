"""Operations of Q in Connect on message templates, and templates as campaigns see them."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from typing import Any, Final

from local_cloud.outbound.calls import Call, Handler
from local_cloud.outbound.errors import conflict, invalid, missing
from local_cloud.outbound.knowledge_bases import knowledge_base_of
from local_cloud.outbound.store import Account, KnowledgeBase, Template

Document = Mapping[str, Any]

_CHANNELS: Final[Mapping[str, str]] = {"EMAIL": "email", "SMS": "sms"}
_ACTIVE: Final = "$ACTIVE_VERSION"
_LATEST: Final = "$LATEST"
_PAGE: Final = 100
# Members of a template that a list does not show.
_NOT_LISTED: Final = frozenset(
    {"content", "defaultAttributes", "groupingConfiguration", "language", "messageTemplateContentSha256"}
)
_ARN: Final = re.compile(r"message-template/([^/:]+)/([^/:]+)(?::([A-Z0-9_$]+))?")


def sendable(account: Account, arn: str) -> Document:
    """Return the version of a template that a campaign sends.

    Parameters
    ----------
    account
        Whose template.
    arn
        ARN of the template, of a version of it, or of its active version. Without either the active version is
        meant, and a draft is never sent (readings).

    Returns
    -------
    Mapping
        The version's document.

    Raises
    ------
    ServiceError
        400 if it is no such ARN, 404 if it names nothing.
    """
    found = _ARN.fullmatch(arn.removeprefix(account.arn("wisdom", "")))
    if found is None:
        raise invalid(f"{arn} is not the ARN of a message template of this account and Region")
    knowledge_base, identifier, qualifier = found.groups()
    if qualifier == _LATEST:
        raise invalid(f"{arn}: a draft cannot be sent; name a version or {_ACTIVE}")
    template = knowledge_base_of(account, knowledge_base).templates.get(identifier)
    if template is None:
        raise missing("the message template")
    return _version(template, qualifier or _ACTIVE)


def _create(account: Account, call: Call) -> dict[str, Any]:
    base, request = knowledge_base_of(account, call.parameters["knowledgeBaseId"]), call.body
    if "name" not in request:
        raise invalid("name must be given")
    if any(one.document["name"] == request["name"] for one in base.templates.values()):
        raise conflict(f"a message template is called {request['name']} already")
    _check_content(request)
    identifier = str(uuid.uuid4())
    known = {name: base.document[name] for name in ("knowledgeBaseArn", "knowledgeBaseId")}
    document = {
        **{name: value for name, value in request.items() if name != "clientToken"},
        **known,
        "messageTemplateId": identifier,
        "messageTemplateArn": account.arn(
            "wisdom", f"message-template/{base.document['knowledgeBaseId']}/{identifier}"
        ),
        "channel": _CHANNELS[request["channelSubtype"]].upper(),
        "createdTime": call.now,
        "lastModifiedTime": call.now,
        "lastModifiedBy": f"arn:aws:iam::{account.account}:root",
        "messageTemplateContentSha256": _digest(request),
    }
    base.templates[identifier] = Template(document)
    return {"messageTemplate": document}


def _update(account: Account, call: Call) -> dict[str, Any]:
    """Change the draft; versions stay as they are."""
    template = _named(account, call)[1]
    document = {**template.document, **call.body, "lastModifiedTime": call.now}
    _check_content(document)
    template.document = {**document, "messageTemplateContentSha256": _digest(document)}
    return {"messageTemplate": template.document}


def _create_version(account: Account, call: Call) -> dict[str, Any]:
    """Service model: a digest that is not that of the draft makes no version."""
    template = _named(account, call)[1]
    digest = template.document["messageTemplateContentSha256"]
    if call.body.get("messageTemplateContentSha256", digest) != digest:
        raise invalid("messageTemplateContentSha256 is not that of the draft")
    number = len(template.versions) + 1
    template.versions[str(number)] = dict(template.document)
    return {"messageTemplate": _extended(template, str(number))}


def _activate(account: Account, call: Call) -> dict[str, Any]:
    template, number = _named(account, call)[1], call.body["versionNumber"]
    _version(template, str(number))
    template.active = number
    return _about(template, number)


def _deactivate(account: Account, call: Call) -> dict[str, Any]:
    template, number = _named(account, call)[1], call.body["versionNumber"]
    if template.active != number:
        raise conflict("this version is not active")
    template.active = 0
    return _about(template, number)


def _about(template: Template, number: int) -> dict[str, Any]:
    names = ("messageTemplateArn", "messageTemplateId")
    return {**{name: template.document[name] for name in names}, "versionNumber": number}


def _get(account: Account, call: Call) -> dict[str, Any]:
    """Without a qualifier the draft is meant (reading)."""
    _, template, qualifier = _named(account, call)
    return {"messageTemplate": _extended(template, qualifier or _LATEST)}


def _list(account: Account, call: Call) -> dict[str, Any]:
    base = knowledge_base_of(account, call.parameters["knowledgeBaseId"])
    found = [
        {
            **{name: value for name, value in one.document.items() if name not in _NOT_LISTED},
            **({"activeVersionNumber": one.active} if one.active else {}),
        }
        for one in base.templates.values()
    ]
    return call.page("messageTemplateSummaries", found, _PAGE, call.parameters, "nextToken", "maxResults")


def _delete(account: Account, call: Call) -> dict[str, Any]:
    base, template, _ = _named(account, call)
    del base.templates[template.document["messageTemplateId"]]
    return {}


def _named(account: Account, call: Call) -> tuple[KnowledgeBase, Template, str]:
    """Return a template, its knowledge base, and the qualifier of its name."""
    base = knowledge_base_of(account, call.parameters["knowledgeBaseId"])
    named = call.parameters["messageTemplateId"].rpartition("/")[2]
    identifier, _, qualifier = named.partition(":")
    if identifier not in base.templates:
        raise missing("the message template")
    return base, base.templates[identifier], qualifier


def _version(template: Template, qualifier: str) -> dict[str, Any]:
    number = str(template.active) if qualifier == _ACTIVE else qualifier
    if number not in template.versions:
        raise missing(f"version {qualifier} of the message template")
    return template.versions[number]


def _extended(template: Template, qualifier: str) -> dict[str, Any]:
    if qualifier == _LATEST:
        return template.document
    number = str(template.active) if qualifier == _ACTIVE else qualifier
    found = _version(template, qualifier)
    arn = f"{found['messageTemplateArn']}:{number}"
    active = {"isActive": int(number) == template.active, "versionNumber": int(number)}
    return {**found, "messageTemplateArn": arn, **active}


def _check_content(request: Document) -> None:
    """The content is of the channel, and an e-mail has a subject and a body (reading)."""
    channel = _CHANNELS.get(request["channelSubtype"])
    if channel is None:
        raise invalid(f"of channelSubtype only {' and '.join(_CHANNELS)} are emulated")
    content = request.get("content", {})
    if list(content) != [channel]:
        raise invalid(f"content must have {channel} alone for channelSubtype {request['channelSubtype']}")
    if not content[channel].get("body"):
        raise invalid(f"content.{channel}.body must be given")
    if channel == "email" and not content[channel].get("subject"):
        raise invalid("content.email.subject must be given")


def _digest(request: Document) -> str:
    return hashlib.sha256(json.dumps(request["content"], sort_keys=True).encode()).hexdigest()


HANDLERS: Final[Mapping[str, Handler]] = {
    "CreateMessageTemplate": _create,
    "GetMessageTemplate": _get,
    "ListMessageTemplates": _list,
    "UpdateMessageTemplate": _update,
    "DeleteMessageTemplate": _delete,
    "CreateMessageTemplateVersion": _create_version,
    "ActivateMessageTemplate": _activate,
    "DeactivateMessageTemplate": _deactivate,
}
