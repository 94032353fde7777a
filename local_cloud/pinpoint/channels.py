"""Operations on channels. What is written and what is read back differ from channel to channel."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from local_cloud.pinpoint.applications import Application, Applications, Call, Handler
from local_cloud.pinpoint.routes import CHANNELS
from local_cloud.service.messages import ServiceError

_ARN: Final = re.compile(r"arn:[^:]+:ses:[^:]+:\d{12}:identity/\S+")


@dataclass(frozen=True)
class _Channel:
    """How a channel answers.

    Attributes
    ----------
    echoed
        Members of the request that the answer repeats; secrets are not among them.
    derived
        Further members of the answer, made from the request.
    check
        Rules beyond the shape.
    """

    echoed: tuple[str, ...] = ()
    derived: Callable[[Mapping[str, Any]], dict[str, Any]] = field(default=lambda _: {})
    check: Callable[[Mapping[str, Any]], None] = field(default=lambda _: None)


def _apple(request: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "DefaultAuthenticationMethod": request.get("DefaultAuthenticationMethod", "CERTIFICATE"),
        "HasTokenKey": bool(request.get("TokenKey")),
    }


def _google(request: Mapping[str, Any]) -> dict[str, Any]:
    # Service model: the key is read back as `Credential`, and the method defaults to KEY.
    return {
        "DefaultAuthenticationMethod": request.get("DefaultAuthenticationMethod", "KEY"),
        "HasFcmServiceCredentials": bool(request.get("ServiceJson")),
        **({"Credential": request["ApiKey"]} if request.get("ApiKey") else {}),
    }


def _baidu(request: Mapping[str, Any]) -> dict[str, Any]:
    return {"Credential": request["ApiKey"]}


def _email(_: Mapping[str, Any]) -> dict[str, Any]:
    # Amazon SES quotas: one message per second in the sandbox, in which every account begins.
    return {"MessagesPerSecond": 1}


def _sms(_: Mapping[str, Any]) -> dict[str, Any]:
    return {"PromotionalMessagesPerSecond": 20, "TransactionalMessagesPerSecond": 20}


def _check_google(request: Mapping[str, Any]) -> None:
    # Service model: "Values are either TOKEN or KEY", each with its own credential.
    method = request.get("DefaultAuthenticationMethod", "KEY")
    needed = {"KEY": "ApiKey", "TOKEN": "ServiceJson"}.get(method)
    if needed is None:
        raise ServiceError(400, "DefaultAuthenticationMethod must be KEY or TOKEN")
    if not request.get(needed):
        raise ServiceError(400, f"{needed} is needed for the authentication method {method}")


def _check_email(request: Mapping[str, Any]) -> None:
    # Service model: Identity is the ARN of an identity that Amazon SES verified.
    if not _ARN.fullmatch(request["Identity"]):
        raise ServiceError(400, "Identity must be the ARN of an Amazon SES identity")
    if "@" not in request["FromAddress"]:
        raise ServiceError(400, "FromAddress must be an e-mail address")


_APPLE: Final = _Channel(derived=_apple)
_KINDS: Final[Mapping[str, _Channel]] = {
    "adm": _Channel(),
    "apns": _APPLE,
    "apns_sandbox": _APPLE,
    "apns_voip": _APPLE,
    "apns_voip_sandbox": _APPLE,
    "baidu": _Channel(derived=_baidu),
    "email": _Channel(
        echoed=("ConfigurationSet", "FromAddress", "Identity", "RoleArn", "OrchestrationSendingRoleArn"),
        derived=_email,
        check=_check_email,
    ),
    "gcm": _Channel(derived=_google, check=_check_google),
    "sms": _Channel(echoed=("SenderId", "ShortCode"), derived=_sms),
    "voice": _Channel(),
}


def enabled(application: Application, channel_type: str) -> Mapping[str, Any]:
    """Return the channel with which an application reaches endpoints of a type.

    Parameters
    ----------
    application
        The application.
    channel_type
        Such as `EMAIL`.

    Returns
    -------
    Mapping
        What the channel answers.

    Raises
    ------
    ServiceError
        400 if there is none, or it is off.
    """
    channel = application.channels.get(channel_type.lower(), {})
    if not channel.get("Enabled"):
        raise ServiceError(400, f"the application has no {channel_type} channel that is enabled")
    return channel


def _get(name: str) -> Handler:
    def handler(applications: Applications, call: Call) -> dict[str, Any]:
        channel = applications.of(call).channels.get(name)
        if channel is None:
            raise ServiceError(404, f"the application has no {name} channel")
        return channel

    return handler


def _delete(name: str) -> Handler:
    get = _get(name)

    def handler(applications: Applications, call: Call) -> Mapping[str, Any] | None:
        channel = get(applications, call)
        del applications.of(call).channels[name]
        return channel

    return handler


def _update(name: str) -> Handler:
    kind = _KINDS[name]

    def handler(applications: Applications, call: Call) -> dict[str, Any]:
        application = applications.of(call)
        kind.check(call.body)
        old = application.channels.get(name, {"CreationDate": call.now, "Version": 0, "Enabled": True})
        # The request replaces the channel as a whole (reading): what it leaves out is not kept.
        application.channels[name] = {
            "ApplicationId": application.summary["Id"],
            "CreationDate": old["CreationDate"],
            "Enabled": call.body.get("Enabled", old["Enabled"]),
            "HasCredential": True,
            "Id": name,
            "IsArchived": False,
            "LastModifiedDate": call.now,
            "Platform": name.upper(),
            "Version": old["Version"] + 1,
            **{member: call.body[member] for member in kind.echoed if member in call.body},
            **kind.derived(call.body),
        }
        return application.channels[name]

    return handler


HANDLERS: Final[Mapping[str, Handler]] = {
    f"{verb}{channel}Channel": build(name)
    for channel, name in CHANNELS.items()
    for verb, build in (("Get", _get), ("Update", _update), ("Delete", _delete))
}
