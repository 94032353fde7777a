"""Roles of a deployment, as their holders see them and as a test changes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3

from tests.cloud.deployment import Deployment


@dataclass
class Role:
    """A role of the deployment whose inline policy can be changed for a test."""

    shop: Deployment
    name: str

    @cached_property
    def policy(self) -> str:
        (found,) = self.shop.iam.list_role_policies(RoleName=self.name)["PolicyNames"]
        return found

    def statements(self) -> list[dict[str, Any]]:
        document = self.shop.iam.get_role_policy(RoleName=self.name, PolicyName=self.policy)["PolicyDocument"]
        assert isinstance(document, dict)
        return list(document["Statement"])

    def write(self, statements: list[dict[str, Any]]) -> None:
        if not statements:
            self.shop.iam.delete_role_policy(RoleName=self.name, PolicyName=self.policy)
            return
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.shop.iam.put_role_policy(RoleName=self.name, PolicyName=self.policy, PolicyDocument=document)

    def session(self) -> boto3.Session:
        """What a holder of the role may do; the trust is opened for this."""
        trust = self.shop.iam.get_role(RoleName=self.name)["Role"]["AssumeRolePolicyDocument"]
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
        opened = {"Version": "2012-10-17", "Statement": [*trust["Statement"], statement]}  # type: ignore[index]
        self.shop.iam.update_assume_role_policy(RoleName=self.name, PolicyDocument=json.dumps(opened))
        arn = self.shop.iam.get_role(RoleName=self.name)["Role"]["Arn"]
        sts = boto3.client("sts", **self.shop._client())
        keys = sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        self.shop.iam.update_assume_role_policy(RoleName=self.name, PolicyDocument=json.dumps(trust))
        return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], "us-east-1")
