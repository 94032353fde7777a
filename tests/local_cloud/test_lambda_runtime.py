"""Functions run as on Lambda: its client, its Python, its environment, its read-only code, its log."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.aws import GATEWAY, LAMBDA, Aws, archive, wait_for

LOOK = """
import json, os, stat, sys

def handler(event, context):
    tree = {root: [stat.S_IMODE(os.stat(root).st_mode)] + sorted(files)
            for top in (os.environ["LAMBDA_TASK_ROOT"], os.path.dirname(os.path.abspath(layered.__file__)))
            for root, _, files in os.walk(top)}
    return {"environment": dict(os.environ), "python": list(sys.version_info[:2]), "path": sys.path, "tree": tree,
            "context": [context.function_name, context.memory_limit_in_mb, context.function_version,
                        context.invoked_function_arn, context.log_group_name],
            "remaining": context.get_remaining_time_in_millis(), "cwd": os.getcwd(), "layered": layered.NAME,
            "client": context.__class__.__module__}

import layered
"""


@pytest.fixture
def role(aws: Aws) -> str:
    return aws.role("function", LAMBDA, {})


def log_events(aws: Aws, group: str) -> list[str]:
    pages = aws.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    return [event["message"] for page in pages for event in page["events"]]


@pytest.fixture
def layer(aws: Aws) -> str:
    content = archive({"python/layered.py": "NAME = 'layer'\n", "python/package/__init__.py": ""})
    return aws.functions.publish_layer_version(LayerName=aws.name, Content={"ZipFile": content})["LayerVersionArn"]


@pytest.fixture
def seen(aws: Aws, role: str, layer: str) -> dict[str, Any]:
    """What a function finds around it."""
    variables = {"OWN": "ü $HOME 'quoted' \"twice\""}
    function = aws.function(
        LOOK, role, Layers=[layer], MemorySize=512, Timeout=300, Environment={"Variables": variables}
    )
    found: dict[str, Any] = aws.invoke(function)
    return found


def test_a_function_sees_the_environment_of_lambda_and_nothing_of_this_machine(aws: Aws, seen: dict[str, Any]) -> None:
    environment = seen["environment"]

    assert environment["OWN"] == "ü $HOME 'quoted' \"twice\""
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == f"{aws.name}-function"
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "512"
    assert environment["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert environment["AWS_REGION"] == "us-east-1"
    assert environment["AWS_ENDPOINT_URL"] == aws.cloud.url
    assert environment["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert environment["_HANDLER"] == "app.handler"
    foreign = {"STATE_DIR", "AUTH", "MINISTACK_HOST", "LOCAL_CLOUD", "VIRTUAL_ENV", "USER", "S3_DATA_DIR"}
    assert not foreign & set(environment)
    for name in ("HOME", "TMPDIR", "PYTHONPYCACHEPREFIX"):
        assert environment[name].startswith(str(aws.cloud.directory))
        assert environment[name] != os.environ.get(name)


def test_a_function_runs_on_its_declared_python_with_the_context_of_the_runtime_client(
    aws: Aws, seen: dict[str, Any]
) -> None:
    arn = f"arn:aws:lambda:us-east-1:{aws.account}:function:{aws.name}-function"

    assert seen["python"] == [3, 13]
    assert seen["client"] == "awslambdaric.lambda_context"
    assert seen["context"] == [f"{aws.name}-function", "512", "$LATEST", arn, f"/aws/lambda/{aws.name}-function"]
    assert 240_000 < seen["remaining"] <= 300_000
    assert seen["cwd"] == seen["environment"]["LAMBDA_TASK_ROOT"]


def test_code_and_layers_are_read_only_and_without_byte_code(seen: dict[str, Any]) -> None:
    assert seen["layered"] == "layer"
    assert sum("app.py" in entries for entries in seen["tree"].values()) == 1
    for folder, (mode, *files) in seen["tree"].items():
        assert mode & 0o222 == 0, folder
        assert not [name for name in files if name.endswith(".pyc")]


def test_layers_lie_over_each_other_in_their_order(aws: Aws, role: str, layer: str) -> None:
    content = archive({"python/layered.py": "NAME = 'second'\n"})
    second = aws.functions.publish_layer_version(LayerName=f"{aws.name}-2", Content={"ZipFile": content})
    source = "import layered, package\ndef handler(event, context):\n    return layered.NAME\n"

    function = aws.function(source, role, Layers=[layer, second["LayerVersionArn"]])

    assert aws.invoke(function) == "second"


def test_a_package_that_lambda_does_not_carry_is_not_there(aws: Aws, role: str) -> None:
    function = aws.function("import yaml\ndef handler(event, context):\n    return 1\n", role)

    document = json.loads(aws.functions.invoke(FunctionName=function)["Payload"].read())

    assert document["errorType"] == "Runtime.ImportModuleError"
    assert document["errorMessage"] == "Unable to import module 'app': No module named 'yaml'"


def test_new_code_is_used_at_once(aws: Aws, role: str) -> None:
    function = aws.function("def handler(event, context):\n    return 'old'\n", role)
    assert aws.invoke(function) == "old"

    code = archive({"app.py": "def handler(event, context):\n    return 'new'\n"})
    aws.functions.update_function_code(FunctionName=function, ZipFile=code)

    assert aws.invoke(function) == "new"


def test_everything_that_an_invocation_printed_is_in_its_log_when_it_has_answered(aws: Aws, role: str) -> None:
    source = (
        "import json\nprint('init')\ndef handler(event, context):\n"
        "    for line in range(500):\n        print(json.dumps({'invocation': event, 'line': line}))\n"
    )
    function = aws.function(source, role)

    for invocation in range(3):
        aws.invoke(function, invocation)
        lines = [json.loads(text) for text in log_events(aws, f"/aws/lambda/{aws.name}-function") if text[0] == "{"]
        assert [line["line"] for line in lines if line["invocation"] == invocation] == list(range(500))


def test_json_logs_go_to_the_declared_group(aws: Aws, role: str) -> None:
    aws.client("logs").create_log_group(logGroupName=f"/{aws.name}")
    source = (
        "import logging\nlog = logging.getLogger()\ndef handler(event, context):\n"
        "    log.debug('hidden')\n    log.info('said', extra={'key': 'value'})\n"
    )
    logging = {"LogFormat": "JSON", "LogGroup": f"/{aws.name}", "ApplicationLogLevel": "INFO"}

    aws.invoke(aws.function(source, role, LoggingConfig=logging))

    [line] = [json.loads(text) for text in log_events(aws, f"/{aws.name}") if text[0] == "{"]
    assert (line["level"], line["message"], line["key"]) == ("INFO", "said", "value")


def test_an_error_is_answered_as_the_runtime_client_words_it(aws: Aws, role: str) -> None:
    function = aws.function("def handler(event, context):\n    raise KeyError('x')\n", role)

    answer = aws.functions.invoke(FunctionName=function)

    document = json.loads(answer["Payload"].read())
    assert answer["FunctionError"] == "Unhandled"
    assert (document["errorType"], document["errorMessage"]) == ("KeyError", "'x'")
    assert document["stackTrace"]


def test_a_function_that_takes_too_long_is_ended(aws: Aws, role: str) -> None:
    source = "import time\ndef handler(event, context):\n    time.sleep(event)\n    return 'slept'\n"
    function = aws.function(source, role, Timeout=1)

    def answer(seconds: int) -> Any:
        return json.loads(aws.functions.invoke(FunctionName=function, Payload=str(seconds).encode())["Payload"].read())

    assert answer(600)["errorMessage"].endswith(" Error: Task timed out after 1.00 seconds")
    # On a busy machine even this may take a second.
    wait_for("an answer", lambda: answer(0) == "slept")


def test_the_functions_own_calls_need_its_roles_permission(aws: Aws) -> None:
    queue = aws.queue()
    role = aws.role("function", LAMBDA, {queue.arn: ["sqs:SendMessage"]})
    source = (
        "import boto3\ndef handler(event, context):\n"
        "    sqs = boto3.client('sqs')\n"
        f"    sqs.send_message(QueueUrl='{queue.url}', MessageBody='x')\n"
        f"    sqs.receive_message(QueueUrl='{queue.url}')\n"
    )

    with pytest.raises(AssertionError, match="not authorized to perform: sqs:ReceiveMessage"):
        aws.invoke(aws.function(source, role))

    assert aws.depth(queue) == 1
    [refusal] = aws.refusals()
    assert refusal["principal"] == f"arn:aws:sts::{aws.account}:assumed-role/{aws.name}-function/{aws.name}-function"
    assert (refusal["action"], refusal["resource"]) == ("sqs:ReceiveMessage", queue.arn)


def test_a_role_that_lambda_cannot_assume_is_refused(aws: Aws) -> None:
    role = aws.role("gateway", GATEWAY, {})

    with pytest.raises(ClientError, match="The role defined for the function cannot be assumed by Lambda"):
        aws.function("", role)


def test_a_runtime_that_was_not_prepared_falls_back_and_says_so(aws: Aws, role: str) -> None:
    source = "import sys\ndef handler(event, context):\n    return list(sys.version_info[:2])\n"

    assert aws.invoke(aws.function(source, role, Runtime="python3.12")) == [3, 13]
    assert "python3.12 is not prepared here: the function runs on python3.13" in aws.cloud.log.read_text()
