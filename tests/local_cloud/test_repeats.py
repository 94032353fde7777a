"""A request of Terraform that is sent again gets the answer that went out already."""

from __future__ import annotations

import pytest
import urllib3

from local_cloud.process import LocalCloud

HTTP = urllib3.PoolManager()
AGENT = "APN/1.0 HashiCorp/1.0 Terraform/1.11.4 (+https://www.terraform.io)"
TRUST = '{"Version": "2012-10-17", "Statement": []}'


def create_role(cloud: LocalCloud, name: str, invocation: str, agent: str) -> int:
    """The status of one attempt to make a role."""
    answer = HTTP.request(
        "POST",
        cloud.url,
        fields={"Action": "CreateRole", "Version": "2010-05-08", "RoleName": name, "AssumeRolePolicyDocument": TRUST},
        encode_multipart=False,
        headers={
            "Authorization": "AWS4-HMAC-SHA256 Credential=test/20270131/us-east-1/iam/aws4_request, "
            "SignedHeaders=host, Signature=0",
            "User-Agent": agent,
            "Amz-Sdk-Invocation-Id": invocation,
        },
    )
    return answer.status


@pytest.mark.parametrize(
    ("agent", "invocations", "statuses"),
    [
        (AGENT, ["1", "1"], [200, 200]),
        (AGENT, ["1", "2"], [200, 409]),
        ("Boto3/1.43.11", ["1", "1"], [200, 409]),
        (AGENT, ["1", "2", "2"], [200, 409, 409]),
    ],
    ids=["the same attempt", "another attempt", "somebody else", "a refusal"],
)
def test_only_the_same_attempt_of_terraform_is_answered_as_before(
    cloud: LocalCloud, agent: str, invocations: list[str], statuses: list[int], request: pytest.FixtureRequest
) -> None:
    name = f"role-{abs(hash(request.node.name))}"
    found = [create_role(cloud, name, f"{name}-{invocation}", agent) for invocation in invocations]

    assert found == statuses
