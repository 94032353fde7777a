"""Operations of outbound campaigns on Connect instances: onboarding, integrations, communication limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from local_cloud.outbound.calls import Call, Handler
from local_cloud.outbound.errors import conflict, invalid, missing
from local_cloud.outbound.store import Account, Instance

# Service model, ListConnectInstanceIntegrations.
_PAGE: Final = 50


def check_onboarded(instance: Instance) -> None:
    """Refuse an instance that was not made ready for campaigns.

    Parameters
    ----------
    instance
        The instance.

    Raises
    ------
    ServiceError
        409: the service model knows no other error for it (reading).
    """
    if instance.onboarding is None:
        raise conflict("the Connect instance is not onboarded to outbound campaigns: run StartInstanceOnboardingJob")


def _start(account: Account, call: Call) -> dict[str, Any]:
    """The job is done at once; the choice of a key cannot be changed (administrator guide)."""
    instance, encryption = _instance(account, call), call.body["encryptionConfig"]
    if encryption["enabled"] and not encryption.get("keyArn"):
        raise invalid("encryptionConfig.keyArn must be given when encryption is enabled")
    if instance.onboarding is not None and instance.encryption != encryption:
        raise conflict("the Connect instance is onboarded with another encryptionConfig already")
    instance.onboarding = {"connectInstanceId": instance.document["Id"], "status": "SUCCEEDED"}
    instance.encryption = encryption
    return {"connectInstanceOnboardingJobStatus": instance.onboarding}


def _status(account: Account, call: Call) -> dict[str, Any]:
    instance = _instance(account, call)
    if instance.onboarding is None:
        raise missing("an onboarding job of the Connect instance")
    return {"connectInstanceOnboardingJobStatus": instance.onboarding}


def _integrate(account: Account, call: Call) -> None:
    """One domain and one knowledge base per instance; a function is only remembered."""
    instance, config = _instance(account, call), call.body["integrationConfig"]
    check_onboarded(instance)
    if len(config) != 1:
        raise invalid("integrationConfig must have exactly one of customerProfiles, qConnect and lambda")
    [(kind, value)] = config.items()
    if kind == "customerProfiles" and not call.profiles.exists(value["domainArn"]):
        raise missing("the Customer Profiles domain")
    if kind == "qConnect" and value["knowledgeBaseArn"] not in _knowledge_bases(account):
        raise missing("the knowledge base")
    known = instance.integrations.get(kind, value)
    named = {"customerProfiles": "domainArn", "qConnect": "knowledgeBaseArn"}.get(kind)
    if named and known[named] != value[named]:
        raise conflict(f"the Connect instance has another {named} already: {known[named]}")
    instance.integrations[kind] = value


def _integrations(account: Account, call: Call) -> dict[str, Any]:
    found = [{kind: value} for kind, value in _instance(account, call).integrations.items()]
    return call.page("integrationSummaryList", found, _PAGE, call.parameters, "nextToken", "maxResults")


def _limits(account: Account, call: Call) -> dict[str, Any]:
    return {"communicationLimitsConfig": _instance(account, call).limits}


def _put_limits(account: Account, call: Call) -> None:
    instance = _instance(account, call)
    check_onboarded(instance)
    instance.limits = call.body["communicationLimitsConfig"]


def _instance(account: Account, call: Call) -> Instance:
    return account.instance(call.parameters["connectInstanceId"])


def _knowledge_bases(account: Account) -> set[str]:
    return {one.document["knowledgeBaseArn"] for one in account.knowledge_bases.values()}


HANDLERS: Final[Mapping[str, Handler]] = {
    "StartInstanceOnboardingJob": _start,
    "GetInstanceOnboardingJobStatus": _status,
    "PutConnectInstanceIntegration": _integrate,
    "ListConnectInstanceIntegrations": _integrations,
    "GetInstanceCommunicationLimits": _limits,
    "PutInstanceCommunicationLimits": _put_limits,
}
