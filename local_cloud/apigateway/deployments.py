"""Deployments are snapshots: a stage serves what its API was at the last deployment, not what it is now."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import apigateway_v1 as records

from local_cloud import patching

_Response = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True)
class Snapshot:
    """What a deployment serves.

    Attributes
    ----------
    resources, validators, models, gateway_responses, authorizers
        MiniStack's records, by id, id, name, type and id.
    binary_media_types
        The API's list.
    policy
        The API's resource policy, or an empty text.
    """

    resources: dict[str, Any]
    validators: dict[str, Any]
    models: dict[str, Any]
    gateway_responses: dict[str, Any]
    authorizers: dict[str, Any]
    binary_media_types: list[str]
    policy: str


class Snapshots:
    """Every deployment of every API."""

    def __init__(self) -> None:
        self._by_deployment: dict[tuple[str, str, str, str], Snapshot] = {}

    def take(self, api_id: str, deployment_id: str) -> None:
        """Remember what an API is now.

        Parameters
        ----------
        api_id, deployment_id
            The deployment that was just made.
        """
        self._by_deployment[_key(api_id, deployment_id)] = Snapshot(
            resources=copy.deepcopy(records._resources.get(api_id, {})),
            validators=copy.deepcopy(records._request_validators.get(api_id, {})),
            models=copy.deepcopy(records._models.get(api_id, {})),
            gateway_responses=copy.deepcopy(records._gateway_responses.get(api_id, {})),
            authorizers=copy.deepcopy(records._authorizers_v1.get(api_id, {})),
            binary_media_types=list(records._rest_apis[api_id].get("binaryMediaTypes") or []),
            policy=_text(records._rest_apis[api_id].get("policy")),
        )

    def find(self, api_id: str, deployment_id: str) -> Snapshot | None:
        """Return what a deployment serves, in the account and Region of the request."""
        return self._by_deployment.get(_key(api_id, deployment_id))

    def forget(self, api_id: str, deployment_id: str | None = None) -> None:
        """Drop one deployment, or all of an API.

        Parameters
        ----------
        api_id
            The API.
        deployment_id
            The deployment; None for all.
        """
        account, region = get_account_id(), get_region()
        for key in list(self._by_deployment):
            if key[:3] == (account, region, api_id) and deployment_id in {None, key[3]}:
                del self._by_deployment[key]

    def documents(self) -> list[dict[str, Any]]:
        """Return everything in a form that JSON can hold."""
        return [{"deployment": list(key), **asdict(value)} for key, value in self._by_deployment.items()]

    def restore(self, documents: list[Mapping[str, Any]]) -> None:
        """Take over what `documents` returned."""
        self._by_deployment = {
            tuple(document["deployment"]): Snapshot(**{k: v for k, v in document.items() if k != "deployment"})
            for document in documents
        }


snapshots = Snapshots()


def install() -> None:
    """Take a snapshot with every deployment, and make the checks that AWS makes."""
    patching.replace(
        "a deployment is a snapshot", records, "_create_deployment", "_deployed_gateway_responses", by=_creating
    )
    patching.replace(
        "a deployment in use stays", records, "_delete_deployment", "_deployments_v1[api_id].pop", by=_deleting
    )
    patching.replace("an API goes with its deployments", records, "_delete_rest_api", "_resources.pop", by=_forgetting)


def _creating(create: Callable[..., _Response]) -> Callable[..., _Response]:
    def create_deployment(api_id: str, data: dict[str, Any]) -> _Response:
        methods = [
            method
            for resource in records._resources.get(api_id, {}).values()
            for method in resource["resourceMethods"].values()
        ]
        if api_id in records._rest_apis and not methods:
            return _refusal("The REST API doesn't contain any methods")
        if any(not method.get("methodIntegration") for method in methods):
            return _refusal("No integration defined for method")
        response = create(api_id, data)
        if response[0] < 300:
            snapshots.take(api_id, json.loads(response[2])["id"])
        return response

    return create_deployment


def _deleting(delete: Callable[..., _Response]) -> Callable[..., _Response]:
    def delete_deployment(api_id: str, deployment_id: str) -> _Response:
        stages = records._stages_v1.get(api_id, {}).values()
        if any(stage.get("deploymentId") == deployment_id for stage in stages):
            return _refusal("Active stages pointing to this deployment must be moved or deleted")
        snapshots.forget(api_id, deployment_id)
        return delete(api_id, deployment_id)

    return delete_deployment


def _forgetting(delete: Callable[..., _Response]) -> Callable[..., _Response]:
    def delete_rest_api(api_id: str) -> _Response:
        snapshots.forget(api_id)
        return delete(api_id)

    return delete_rest_api


def _text(policy: object) -> str:
    if isinstance(policy, str):
        return policy
    return json.dumps(policy) if policy else ""


def _refusal(message: str) -> _Response:
    response: _Response = records._v1_error("BadRequestException", message, 400)
    return response


def _key(api_id: str, deployment_id: str) -> tuple[str, str, str, str]:
    return get_account_id(), get_region(), api_id, deployment_id
