"""Mapping templates against what the real engine printed, and what API Gateway adds to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local_cloud.apigateway import templates
from local_cloud.apigateway.java import JavaMap, to_java
from local_cloud.apigateway.variables import Input, Util
from tests.local_cloud import module_templates

GOLDEN = Path(__file__).parent / "golden"
GIF = "R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs="


@pytest.fixture(autouse=True, scope="module")
def engine() -> None:
    templates.install()


def golden(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((GOLDEN / name).read_text())
    return document


def render(template: str, case: dict[str, Any] | None = None) -> str:
    given = case or {}
    variables = {
        "input": Input(given.get("body", ""), {}, given.get("querystring", {}), given.get("header", {})),
        "util": Util(),
        "context": to_java(given.get("context", {})),
        "stageVariables": JavaMap({}),
    }
    return templates.render(template, variables)


def test_the_pixel_template_prints_what_velocity_printed() -> None:
    document = golden("pixel_request.json")

    printed = [render(document["template"], case) for case in document["cases"]]

    assert len(printed) > 200
    assert printed == [case["output"] for case in document["cases"]]


def test_the_golden_template_is_the_one_of_the_module() -> None:
    template = module_templates.message(route="public", authorizer=None, identity=None, content_type=None)

    assert template == golden("pixel_request.json")["template"]


def test_the_templates_for_bodies_print_what_velocity_printed() -> None:
    cases = golden("pixel_bodies.json")["cases"]

    printed = [render(module_templates.message(**case["values"]), case) for case in cases]

    assert len(printed) == 90
    assert printed == [case["output"] for case in cases]


@pytest.mark.parametrize("case", golden("constructs.json")["cases"], ids=lambda case: case["template"][:60])
def test_constructs_print_what_velocity_printed(case: dict[str, Any]) -> None:
    assert render(case["template"], {**golden("constructs.json"), **case}) == case["output"]


def test_a_loop_ends_after_a_thousand_iterations_and_knows_that_more_would_follow() -> None:
    document = golden("foreach_limit.json")

    for case in document["cases"]:
        querystring = {f"p{number}": "" for number in range(case["parameters"])}
        assert render(document["template"], {"querystring": querystring}) == case["output"]


@pytest.mark.parametrize("method", ["urlEncode", "urlDecode", "base64Encode", "base64Decode", "escapeJavaScript"])
def test_a_null_argument_fails_the_template(method: str) -> None:
    with pytest.raises(templates.TemplateError):
        render(f"$util.{method}($context.nothing)")


@pytest.mark.parametrize("template", ["$nothing", "${nothing}", "$context.nothing.at.all", "$nothing.method('x')"])
def test_a_reference_to_nothing_prints_nothing(template: str) -> None:
    assert render(f"<{template}>") == "<>"


def test_a_number_has_no_method_for_its_text_and_prints_nothing() -> None:
    assert render("<$util.urlEncode($context.time)$context.time>", {"context": {"time": 17}}) == "<17>"


@pytest.mark.parametrize("name", ["get", "keySet", "size", "put", "values"])
def test_a_parameter_named_like_a_method_of_its_map_is_only_a_parameter(name: str) -> None:
    template = "#foreach($k in $input.params().querystring.keySet())$k=$input.params().querystring.get($k);#end"

    assert render(template, {"querystring": {name: "v"}}) == f"{name}=v;"


@pytest.mark.parametrize("template", ["#foreach($x in)#end", "#if($a", "#set($a = )", "${a", "#if(true)x"])
def test_what_is_not_a_template_is_refused(template: str) -> None:
    with pytest.raises(templates.TemplateError):
        templates.parse(template)


def test_base64_decode_keeps_an_ascii_image() -> None:
    image = render(f'$util.base64Decode("{GIF}")')

    assert len(image.encode()) == 29
    assert image.startswith("GIF89a")


def test_base64_decode_loses_bytes_that_are_not_utf_8() -> None:
    assert render("$util.base64Decode('R0lG/w==')") == "GIF\ufffd"


def test_an_empty_body_is_an_empty_object() -> None:
    assert render("$input.body|$input.json('$')") == "{}|{}"


def test_json_paths_find_values_of_the_body() -> None:
    body = '{"a":{"b":[1,{"c":"é"}]},"x-y":true}'

    assert render("$input.json('$.a.b[1]')|$input.path('$.a.b[1].c')|$input.json(\"$['x-y']\")", {"body": body}) == (
        '{"c":"é"}|é|true'
    )


def test_a_json_path_that_is_not_understood_fails_the_template() -> None:
    with pytest.raises(templates.TemplateError, match="does not understand"):
        render("$input.json('$..b')", {"body": '{"a":{"b":1}}'})


def test_header_names_compare_with_their_spelling() -> None:
    header = {"Sec-GPC": "1"}

    assert (
        render("$input.params().header.get('Sec-GPC')$input.params().header.get('sec-gpc')", {"header": header}) == "1"
    )
