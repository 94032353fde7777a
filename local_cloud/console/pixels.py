"""What a person can call: the GET methods of every stage, as links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ministack.core.responses import request_scope
from ministack.services import apigateway_v1 as records

from local_cloud.apigateway.deployments import snapshots

_REQUIRED: Final = ("method.request.querystring.event", "method.request.querystring.endpoint_id")
_EXAMPLE: Final = "?event=page_view&endpoint_id=you"


def pixels() -> list[dict[str, str]]:
    """Find what can be called.

    Returns
    -------
    list
        Each with `api`, `stage`, `account`, `region` and `path`, which holds the parameters that a pixel needs.
    """
    found = []
    for (account, region, api_id), api in list(records._rest_apis.all_items()):
        with request_scope(account, region):
            for stage_name, stage in records._stages_v1.get(api_id, {}).items():
                known = {"api": str(api.get("name")), "stage": stage_name, "account": account, "region": region}
                base = f"/_aws/execute-api/{api_id}/{stage_name}"
                found += [{**known, "path": base + path} for path in _paths(api_id, stage)]
    return found


def _paths(api_id: str, stage: Mapping[str, Any]) -> Iterator[str]:
    snapshot = snapshots.find(api_id, stage["deploymentId"])
    for resource in snapshot.resources.values() if snapshot else ():
        method = resource.get("resourceMethods", {}).get("GET")
        if method is not None and "{" not in resource["path"]:
            asks = method.get("requestParameters") or {}
            yield resource["path"] + (_EXAMPLE if all(asks.get(name) for name in _REQUIRED) else "")
