"""Alarms, read back by the protocol that Terraform uses."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any
from urllib.parse import urlencode

import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.local_cloud.aws import REGION, Aws

NAMESPACE = "{http://monitoring.amazonaws.com/doc/2010-08-01/}"


def describe(aws: Aws, *names: str) -> list[dict[str, Any]]:
    """DescribeAlarms in the query protocol."""
    form = {"Action": "DescribeAlarms", "Version": "2010-08-01"}
    form |= {f"AlarmNames.member.{number}": name for number, name in enumerate(names, 1)}
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    request = AWSRequest("POST", aws.cloud.url + "/", headers=headers, data=urlencode(form))
    SigV4Auth(Credentials("test", "test"), "monitoring", REGION).add_auth(request)
    answer = urllib3.request("POST", aws.cloud.url + "/", headers=dict(request.headers), body=request.data)
    assert answer.status == 200, answer.data
    members = ElementTree.fromstring(answer.data).find(f".//{NAMESPACE}MetricAlarms")  # noqa: S314 - our own answer
    return [_plain(member) for member in members or []]


def _plain(element: ElementTree.Element) -> Any:
    children = list(element)
    if not children:
        return element.text
    if all(child.tag == f"{NAMESPACE}member" for child in children):
        return [_plain(child) for child in children]
    return {child.tag.removeprefix(NAMESPACE): _plain(child) for child in children}


def test_an_alarm_is_read_back_with_everything_that_was_written(aws: Aws) -> None:
    written: dict[str, Any] = {
        "AlarmName": f"{aws.name}-depth",
        "AlarmDescription": "more < than & none",
        "ActionsEnabled": False,
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": "q"}],
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 2,
        "DatapointsToAlarm": 1,
        "Threshold": 0.5,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": [f"arn:aws:sns:{REGION}:{aws.account}:topic"],
    }
    cloudwatch = aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(**written)
    cloudwatch.put_metric_alarm(**{**written, "AlarmName": f"{aws.name}-other"})

    [alarm] = describe(aws, written["AlarmName"])

    texts = {name: str(value).lower() if isinstance(value, bool) else value for name, value in written.items()}
    for name in ("Period", "EvaluationPeriods", "DatapointsToAlarm", "Threshold"):
        texts[name] = str(written[name])
    assert {name: alarm[name] for name in written} == texts
    assert len(describe(aws, f"{aws.name}-depth", f"{aws.name}-other")) == 2
