"""Settings of single methods of a stage."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local_cloud.aws import GATEWAY, Api, Aws, pixel_api

CALL = "/trusted/events?event=x&endpoint_id=1"


@pytest.fixture
def api(aws: Aws) -> Api:
    queue = aws.queue()
    document = pixel_api(queue, aws.role("gateway", GATEWAY, {queue.arn: ["sqs:SendMessage"]}))
    document["paths"]["/trusted/events"] = document["paths"]["/events"]
    return aws.api(document)


def put(api: Api, method: str, rate: int, burst: int) -> dict[str, Any]:
    """Throttle a method as Terraform does; all settings of the stage."""
    operations: Any = [
        {"op": "replace", "path": f"/{method}/throttling/{name}", "value": str(value)}
        for name, value in {"rateLimit": rate, "burstLimit": burst}.items()
    ]
    stage = api.aws.gateway.update_stage(restApiId=api.api_id, stageName=api.stage, patchOperations=operations)
    return dict(stage["methodSettings"])


def test_a_slash_in_the_path_stays_encoded(api: Api) -> None:
    put(api, "*/*", 100, 100)

    settings = put(api, "~1trusted~1events/GET", 7, 8)

    assert set(settings) == {"*/*", "~1trusted~1events/GET"}
    own = settings["~1trusted~1events/GET"]
    assert (own["throttlingRateLimit"], own["throttlingBurstLimit"]) == (7, 8)
    assert set(api.aws.gateway.get_stage(restApiId=api.api_id, stageName=api.stage)["methodSettings"]) == set(settings)


def test_a_method_has_its_own_throttle(api: Api) -> None:
    put(api, "*/*", 1000, 1000)
    put(api, "~1trusted~1events/GET", 1, 2)

    statuses = [api.call(CALL).status for _ in range(6)]

    assert statuses[:2] == [200, 200]
    assert 429 in statuses[2:]
    assert api.call(CALL.removeprefix("/trusted")).status == 200


def test_settings_of_all_methods_overwrite_those_of_each_one(api: Api) -> None:
    put(api, "~1events/GET", 1, 2)

    settings = put(api, "*/*", 100, 200)

    assert settings["~1events/GET"]["throttlingRateLimit"] == 100


def test_settings_of_a_method_can_be_removed(api: Api) -> None:
    put(api, "~1events/GET", 1, 2)
    remove: Any = [{"op": "remove", "path": "/~1events/GET"}]

    stage = api.aws.gateway.update_stage(restApiId=api.api_id, stageName=api.stage, patchOperations=remove)

    assert "~1events/GET" not in stage.get("methodSettings", {})
