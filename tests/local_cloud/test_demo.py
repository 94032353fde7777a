"""The demo page's files, settings and backend."""

from __future__ import annotations

import base64
import http.client
import json
import time
from typing import Any

import pytest

from engagement.domain.token import Verdict, verify
from local_cloud.asgi import NotFoundError
from local_cloud.demo import Demo, DemoError
from local_cloud.process import LocalCloud

KEY = b"0123456789abcdef0123456789abcdef"
SETTINGS = {
    "container": {"exportFormatVersion": 2},
    "application_id": "app",
    "console": "/_local/console/",
    "token": {"keys": {"k1": base64.b64encode(KEY).decode()}, "kid": "k1", "audience": "app"},
}


@pytest.fixture
def applied() -> Demo:
    demo = Demo()
    demo.handle("PUT", ["settings"], SETTINGS)
    return demo


def get(
    cloud: LocalCloud, path: str, method: str = "GET", **headers: str
) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port)
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def test_the_page_is_told_everything_but_the_keys(applied: Demo) -> None:
    told = applied.handle("GET", ["settings"], None)

    assert told == {name: SETTINGS[name] for name in ("container", "application_id", "console")}


def test_logging_in_gives_a_token_that_the_consumer_takes(applied: Demo) -> None:
    token = applied.handle("POST", ["login"], {"endpoint_id": "Zoë"})["token"]

    def judge(endpoint_id: str, audience: str = "app") -> Verdict:
        return verify(token, endpoint_id, int(time.time() * 1000), {"k1": KEY}.get, audience, 3600)

    assert judge("Zoë") is Verdict.VALID
    assert judge("Zoe") is Verdict.FORGED
    assert judge("Zoë", "other") is Verdict.FORGED


@pytest.mark.parametrize("document", [None, [], {}, {"endpoint_id": ""}, {"endpoint_id": 1}])
def test_nobody_logs_in_without_an_endpoint_id(applied: Demo, document: Any) -> None:
    with pytest.raises(DemoError, match="endpoint_id"):
        applied.handle("POST", ["login"], document)


@pytest.mark.parametrize(("method", "part"), [("GET", "settings"), ("POST", "login")])
def test_before_anything_is_applied_the_page_hears_what_to_do(method: str, part: str) -> None:
    with pytest.raises(DemoError, match="make demo"):
        Demo().handle(method, [part], {"endpoint_id": "a"})


@pytest.mark.parametrize("missing", list(SETTINGS))
def test_incomplete_settings_are_refused_and_change_nothing(applied: Demo, missing: str) -> None:
    with pytest.raises(DemoError, match=missing):
        applied.handle("PUT", ["settings"], {name: value for name, value in SETTINGS.items() if name != missing})

    assert applied.handle("GET", ["settings"], None)["application_id"] == "app"


def test_anything_else_is_not_found(applied: Demo) -> None:
    with pytest.raises(NotFoundError):
        applied.handle("GET", ["login"], None)


def test_the_page_comes_with_a_policy_that_runs_no_inline_script(cloud: LocalCloud) -> None:
    status, headers, body = get(cloud, "/_local/demo/")

    assert status == 200
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert b"Demo shop" in body
    policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self' https://www.googletagmanager.com"
    assert get(cloud, "/_local/demo/stand_in/tag_manager.js")[1]["content-type"].startswith("text/javascript")


@pytest.mark.parametrize("path", ["../README.md", "..%2F..%2FREADME.md", "stand_in", "gone.js"])
def test_nothing_outside_the_folder_is_served(cloud: LocalCloud, path: str) -> None:
    assert get(cloud, f"/_local/demo/{path}")[0] == 404


def test_a_page_of_another_origin_logs_nobody_in(cloud: LocalCloud) -> None:
    status, headers, body = get(cloud, "/_local/demo/login", "POST", Origin="https://evil.example")

    assert status == 403
    assert "access-control-allow-origin" not in headers
    assert "token" not in json.loads(body)
