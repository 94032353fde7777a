"""The demo page: what is applied for it, and what it has to know."""

from __future__ import annotations

import base64
import json
import secrets
import urllib.request
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import boto3

from local_cloud.process import LocalCloud
from tools.stack import LOCAL_VARIABLES

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PATH = "/_local/demo/"
KEYS_PARAMETER = "/shop/token-keys"
KEY_ID = "demo"
KEY_BYTES = 32

VARIABLES: Mapping[str, Any] = {
    **LOCAL_VARIABLES,
    "token": {"keys_arn": f"arn:aws:ssm:us-east-1:000000000000:parameter{KEYS_PARAMETER}"},
    "gtm": {
        "event_attributes": ["page_path", "page_title", "item_id", "item_name", "search_term", "currency"],
        "event_metrics": ["value", "quantity"],
        "user_attributes": ["interest", "plan", "newsletter"],
        "consent_types": ["analytics_storage"],
    },
    "email": {
        "from_address": "news@example.com",
        "identity_arn": "arn:aws:ses:us-east-1:000000000000:identity/example.com",
    },
    "consumer": {"batching_window_seconds": 1},
}
"""Inputs of `examples/complete`: visitors can log in, the tag needs consent and sends what the page pushes, there is a
sender for e-mail, and a click arrives after a second instead of five."""


def publish(cloud: LocalCloud, outputs: Mapping[str, Any]) -> None:
    """Tell the page what was applied; from now on it works.

    Parameters
    ----------
    cloud
        The local cloud with the applied example.
    outputs
        The example's outputs.
    """
    url = outputs["pixel"]["url"]
    document = {
        # The deployed address is not served on this machine; nothing else of the container changes.
        "container": json.loads(outputs["gtm_container"].replace(url, cloud.local_url(url))),
        "application_id": outputs["application_id"],
        "console": "/_local/console/",
        "token": {"keys": _keys(cloud), "kid": KEY_ID, "audience": outputs["application_id"]},
    }
    request = urllib.request.Request(  # noqa: S310 (loopback)
        f"{cloud.url}/_local/demo/settings",
        json.dumps(document).encode(),
        {"Content-Type": "application/json"},
        method="PUT",
    )
    urllib.request.urlopen(request, timeout=60).close()  # noqa: S310 (loopback)


def _keys(cloud: LocalCloud) -> Mapping[str, str]:
    """The keys of customers' tokens, made at the first run. Only the parameter holds them, as in an account."""
    environment = cloud.environment
    ssm: SSMClient = boto3.client(
        "ssm",
        endpoint_url=cloud.url,
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )
    try:
        text = ssm.get_parameter(Name=KEYS_PARAMETER, WithDecryption=True)["Parameter"]["Value"]
    except ssm.exceptions.ParameterNotFound:
        text = json.dumps({"keys": {KEY_ID: base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}})
        ssm.put_parameter(Name=KEYS_PARAMETER, Value=text, Type="SecureString")
    keys: Mapping[str, str] = json.loads(text)["keys"]
    return keys
