"""Who gets to see the console and to change something: the person at this machine, and no page of another origin."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import pytest

from local_cloud import same_site
from tests.local_cloud.aws import Aws
from tests.local_cloud.pixel import request

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PAGE = "/_local/console/"
RULE = json.dumps([{"target": "pinpoint.PutEvents", "kind": "throttle"}])


def directives(policy: str) -> dict[str, str]:
    return {name: value for name, _, value in (part.strip().partition(" ") for part in policy.split(";"))}


def test_a_browser_at_the_clouds_address_is_sent_to_the_console(aws: Aws) -> None:
    reply = request(aws.cloud.port, "GET", "/", BROWSER)

    assert (reply.status, reply.headers["location"]) == (302, PAGE)
    assert request(aws.cloud.port, "GET", "/_local/console", BROWSER).headers["location"] == PAGE


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/", {}),
        ("/", {"Accept": "*/*"}),
        ("/", {**BROWSER, "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request"}),
        ("/", {**BROWSER, "X-Amz-Date": "20260101T000000Z"}),
        ("/", {**BROWSER, "Host": "bucket.s3.amazonaws.com"}),
        ("/?Action=GetCallerIdentity", BROWSER),
        ("/bucket", BROWSER),
    ],
)
def test_a_call_of_aws_is_not_sent_there(aws: Aws, target: str, headers: Mapping[str, str]) -> None:
    assert request(aws.cloud.port, "GET", target, headers).status != 302


def test_services_at_the_same_path_answer_as_before(aws: Aws) -> None:
    aws.client("s3").create_bucket(Bucket=aws.name)

    assert aws.name in [bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]]
    assert aws.client("sts").get_caller_identity()["Account"] == "000000000000"


def test_the_page_may_load_its_own_files_and_nothing_else(aws: Aws) -> None:
    page = request(aws.cloud.port, "GET", PAGE, BROWSER)

    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = directives(page.headers["content-security-policy"])
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == policy["frame-src"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert page.headers["x-content-type-options"] == "nosniff"
    files = re.findall(r'(?:src|href)="([\w.]+)"', page.body.decode())
    assert {"console.css", "main.js", "icon.svg"} <= set(files)
    for file in files:
        assert request(aws.cloud.port, "GET", PAGE + file).status == 200, file


@pytest.mark.parametrize("path", ["../console.py", "%2e%2e/console.py", "console.py", "messages/999999.html", "x.js"])
def test_nothing_else_is_served(aws: Aws, path: str) -> None:
    assert request(aws.cloud.port, "GET", PAGE + path).status == 404


@pytest.mark.parametrize("path", ["faults", "console/feed", "console/", "pinpoint/requests"])
def test_no_other_origin_can_read_an_answer(aws: Aws, path: str) -> None:
    reply = request(aws.cloud.port, "GET", f"/_local/{path}", {"Origin": "https://evil.example"})

    assert reply.status == 200
    assert [name for name in reply.headers if name.startswith("access-control-")] == []


def test_no_preflight_is_granted(aws: Aws) -> None:
    asks = {"Origin": "https://evil.example", "Access-Control-Request-Method": "PUT"}

    reply = request(aws.cloud.port, "OPTIONS", "/_local/faults", asks)

    assert reply.status == 403
    assert [name for name in reply.headers if name.startswith("access-control-")] == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Content-Type": "text/plain"},
        {"Host": "rebound.example"},
        {"Host": "rebound.example", "Origin": "http://rebound.example", "Sec-Fetch-Site": "same-origin"},
    ],
)
@pytest.mark.parametrize(("method", "path"), [("PUT", "faults"), ("POST", "console/replay"), ("DELETE", "faults")])
def test_another_page_cannot_change_anything(aws: Aws, headers: Mapping[str, str], method: str, path: str) -> None:
    aws.put_faults({"target": "sqs.SendMessage", "kind": "refuse"})
    before = aws.local("faults")

    assert request(aws.cloud.port, method, f"/_local/{path}", headers, RULE).status == 403
    assert aws.local("faults") == before


def test_another_name_for_this_machine_cannot_even_read(aws: Aws) -> None:
    assert request(aws.cloud.port, "GET", "/_local/faults", {"Host": f"rebound.example:{aws.cloud.port}"}).status == 403


def test_the_page_itself_and_programs_can(aws: Aws) -> None:
    port = aws.cloud.port
    own = {"Host": f"localhost:{port}", "Origin": f"http://localhost:{port}", "Sec-Fetch-Site": "same-origin"}

    assert request(port, "PUT", "/_local/faults", own, RULE).status == 200
    assert request(port, "PUT", "/_local/faults", {}, RULE).status == 200


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1:4566", True),
        ("localhost", True),
        ("LOCALHOST:80", True),
        ("[::1]:4566", True),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example:4566", False),
        ("evil@127.0.0.1.example", False),
        ("[::1", False),
        ("", False),
    ],
)
def test_loopback_names(host: str, loopback: bool) -> None:
    assert same_site.is_loopback(host) == loopback
