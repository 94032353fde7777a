"""`examples/hardened` in an account of its own: custom domain, web ACL, keys, a token for every call."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from local_cloud.process import LocalCloud
from recipes.token.mint import mint
from tests.cloud.deployment import Deployment, client_settings, query, wait_for
from tools.stack import ROOT, Stack

if TYPE_CHECKING:
    import urllib3

ACCOUNT, HOST = "222222222222", "events.example.com"
KEY = base64.b64encode(b"hardened" * 4).decode()
CUSTOMER = "0123456789abcdef" * 2


@dataclass
class Account:
    """What the platform team has before it applies."""

    cloud: LocalCloud

    def client(self, service: str) -> Any:
        return boto3.client(service, **client_settings(self.cloud, ACCOUNT))  # type: ignore[call-overload]

    def let_api_gateway_log(self) -> None:
        """The account's role for access logs, which `create_account_role` would make."""
        principal = {"Service": "apigateway.amazonaws.com"}
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        role = self.client("iam").create_role(RoleName="api-gateway-logs", AssumeRolePolicyDocument=document)["Role"]
        self.client("iam").attach_role_policy(
            RoleName="api-gateway-logs",
            PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
        )
        operation = {"op": "replace", "path": "/cloudwatchRoleArn", "value": role["Arn"]}
        self.client("apigateway").update_account(patchOperations=[operation])

    @cached_property
    def variables(self) -> dict[str, Any]:
        parameter = {"Name": "/shop/token-keys", "Value": json.dumps({"keys": {"k1": KEY}}), "Type": "SecureString"}
        self.client("ssm").put_parameter(**parameter)
        application = self.client("pinpoint").create_app(CreateApplicationRequest={"Name": "shop"})
        zone = self.client("route53").create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
        return {
            "application_id": application["ApplicationResponse"]["Id"],
            "kms_key_arn": self.client("kms").create_key()["KeyMetadata"]["Arn"],
            "alarm_topic_arn": self.client("sns").create_topic(Name="on-call")["TopicArn"],
            "certificate_arn": self.client("acm").request_certificate(DomainName=HOST)["CertificateArn"],
            "hosted_zone_id": zone.rpartition("/")[2],
            "token_keys_arn": f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/shop/token-keys",
            "customer_database_account": "333333333333",
        }


@pytest.fixture(scope="module")
def account(cloud: LocalCloud) -> Account:
    found = Account(cloud)
    found.let_api_gateway_log()
    return found


@pytest.fixture(scope="module")
def hardened(cloud: LocalCloud, account: Account, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    applied = Stack(
        cloud, tmp_path_factory.mktemp("hardened"), account.variables, ROOT / "examples" / "hardened", ACCOUNT
    )
    applied.apply()
    yield applied
    applied.destroy()


@pytest.fixture
def pixel(cloud: LocalCloud, account: Account, hardened: Stack) -> Deployment:
    return Deployment(cloud, hardened.outputs()["pixel"], account.variables["application_id"], ACCOUNT)


def call(pixel: Deployment, parameters: dict[str, str]) -> urllib3.BaseHTTPResponse:
    """One call at the custom domain; the name resolves to the local cloud."""
    assert pixel.pixel["url"] == f"https://{HOST}/events"
    return pixel.http.request("GET", f"{pixel.cloud.url}/events?{query(parameters)}", headers={"Host": HOST})


def test_a_customer_with_a_token_is_known_at_the_custom_domain(pixel: Deployment) -> None:
    token = mint({"k1": KEY}, "k1", pixel.application_id, CUSTOMER, int(time.time()) + 600)
    since = pixel.mark()

    answer = call(pixel, {"event": "sign_up", "endpoint_id": CUSTOMER, "usat_plan": "gold", "token": token})

    assert answer.status == 200, answer.data
    pixel.wait_for_events(1, since)
    assert pixel.endpoints()[CUSTOMER]["User"]["UserAttributes"] == {"plan": ["gold"]}


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"event": "sign_up", "endpoint_id": CUSTOMER}, "token_required"),
        ({"event": "sign_up", "endpoint_id": "anna"}, "endpoint_id_not_allowed"),
    ],
)
def test_others_are_not(pixel: Deployment, parameters: dict[str, str], reason: str) -> None:
    rejects = pixel.pixel["rejects_queue_url"]
    pixel.drain(rejects)

    assert call(pixel, parameters).status == 200

    wait_for("a reject", lambda: pixel.depth(rejects) == 1)
    ((message),) = pixel.drain(rejects)
    assert message["MessageAttributes"]["reason"]["StringValue"] == reason


def test_the_default_host_name_is_closed(pixel: Deployment) -> None:
    direct = f"{pixel.cloud.url}/_aws/execute-api/{pixel.pixel['api_id']}/{pixel.pixel['stage_name']}/events"

    assert pixel.http.request("GET", f"{direct}?event=sign_up&endpoint_id={CUSTOMER}").status == 403


def test_a_second_plan_changes_nothing(hardened: Stack) -> None:
    assert hardened.changes() == []
