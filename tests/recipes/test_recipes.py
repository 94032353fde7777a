"""Every recipe mints the same token, and the consumer takes it.

`vectors.json` was made with `openssl dgst -sha256 -mac HMAC`; a vector that is added must satisfy the definition below.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from engagement.adapters.keys import Keys
from engagement.domain.token import Verdict, verify
from recipes.token.mint import mint
from tests.node import NODE

HERE = Path(__file__).parent
RECIPES = HERE.parents[1] / "recipes" / "token"
TEMPLATE = (RECIPES / "mint-sgtm.tpl").read_text(encoding="utf-8")
VECTORS: list[dict[str, Any]] = json.loads((HERE / "vectors.json").read_text(encoding="utf-8"))
TOKENS = [vector["token"] for vector in VECTORS]
DAY = 24 * 60 * 60
BLOCK = 64

each_vector = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])


def consumer_keys(keys: Mapping[str, str]) -> Keys:
    """The keys as the consumer reads them from the key document."""
    return Keys(lambda: json.dumps({"keys": keys}), lambda: 0.0)


def judge(vector: Mapping[str, Any], token: str, **other: Any) -> Verdict:
    """What the consumer says of a token that comes an hour before the vector's expiry."""
    asked = {**vector, **other}
    time_ms = (vector["expiry"] - 3600) * 1000
    return verify(token, asked["endpoint_id"], time_ms, consumer_keys(vector["keys"]), asked["audience"], DAY)


@pytest.fixture(scope="module")
def node() -> Callable[..., Any]:
    """Runs one of the scripts beside this file with JSON in and out."""

    def run(script: str, given: object, **environment: str) -> Any:
        # ASCII on the way in, so that no locale has a say.
        command = [str(NODE), str(HERE / script)]
        done = subprocess.run(
            command, input=json.dumps(given), capture_output=True, encoding="utf-8", check=False, env=environment
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@each_vector
def test_a_vector_is_what_rfc_2104_and_the_form_of_a_token_say(vector: dict[str, Any]) -> None:
    key = base64.b64decode(vector["keys"][vector["kid"]], validate=True)
    key = (hashlib.sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    signed = "\n".join(["v1", vector["audience"], vector["kid"], str(vector["expiry"]), vector["endpoint_id"]])
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + signed.encode()).digest()
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key) + inner).digest()
    signature = base64.b64encode(outer, b"-_").decode().rstrip("=")

    assert vector["token"] == f"{vector['kid']}.{vector['expiry']}.{signature}"


@each_vector
def test_the_consumer_takes_a_vector_for_its_own_endpoint_and_audience_only(vector: dict[str, Any]) -> None:
    assert judge(vector, vector["token"]) == "valid"
    assert judge(vector, vector["token"], endpoint_id=vector["endpoint_id"] + "x") == "token_forged"
    assert judge(vector, vector["token"], audience=vector["audience"] + "x") == "token_forged"


def test_every_vector_is_another_token() -> None:
    assert len(set(TOKENS)) == len(VECTORS) > 0


@each_vector
def test_python_mints_the_vector(vector: dict[str, Any]) -> None:
    arguments = (vector[name] for name in ("keys", "kid", "audience", "endpoint_id", "expiry"))

    assert mint(*arguments) == vector["token"]


def test_node_mints_the_vectors(node: Callable[..., Any]) -> None:
    assert node("run_mint.mjs", VECTORS) == TOKENS


def permitting(kid: str) -> str:
    """The template after its user has put a key id under Permissions."""
    assert TEMPLATE.count('"string": "k2"') == 1
    return TEMPLATE.replace('"string": "k2"', f'"string": "{kid}"')


@pytest.mark.parametrize("padded", [False, True], ids=["unpadded", "padded"])
def test_server_side_gtm_mints_the_vectors(node: Callable[..., Any], tmp_path: Path, padded: bool) -> None:
    for kid in sorted({vector["kid"] for vector in VECTORS}):
        vectors = [vector for vector in VECTORS if vector["kid"] == kid]
        given = {"template": permitting(kid), "vectors": vectors, "padded": padded, "scenarios": []}

        answer = node("run_sgtm.mjs", given, SGTM_CREDENTIALS=str(tmp_path / "keys.json"))

        assert answer["tokens"] == [vector["token"] for vector in vectors]


def test_the_tests_inside_the_template_pass(node: Callable[..., Any], tmp_path: Path) -> None:
    scenarios = yaml.safe_load(TEMPLATE.split("___TESTS___")[1].split("___NOTES___")[0])["scenarios"]
    given = {"template": TEMPLATE, "vectors": [], "padded": False, "scenarios": scenarios}

    assert len(scenarios) == 2
    assert node("run_sgtm.mjs", given, SGTM_CREDENTIALS=str(tmp_path / "keys.json"))["failures"] == []


def test_server_side_gtm_signs_with_no_key_that_is_not_permitted(node: Callable[..., Any], tmp_path: Path) -> None:
    vector = next(vector for vector in VECTORS if vector["kid"] == "2026-12")
    given = {"template": TEMPLATE, "vectors": [vector], "padded": False, "scenarios": []}

    (token,) = node("run_sgtm.mjs", given, SGTM_CREDENTIALS=str(tmp_path / "keys.json"))["tokens"]

    assert token == "error: hmacSha256: no permission for key 2026-12"


FAULTS = {
    "kid": {"kid": "k.1"},
    "no key": {"kid": "k9"},
    "audience": {"audience": ""},
    "endpoint": {"endpoint_id": ""},
    "random bytes": {"keys": {"k1": base64.b64encode(b"short").decode()}},
}


@pytest.mark.parametrize(("named", "fault"), FAULTS.items(), ids=FAULTS)
def test_what_could_never_be_valid_is_refused_and_named(
    node: Callable[..., Any], named: str, fault: dict[str, Any]
) -> None:
    asked = {**VECTORS[0], **fault}

    with pytest.raises(ValueError, match=named):
        mint(asked["keys"], asked["kid"], asked["audience"], asked["endpoint_id"], asked["expiry"])
    (token,) = node("run_mint.mjs", [asked])
    assert token.startswith("error: ")
    assert named in token


def command(*arguments: str, keys: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, str(RECIPES / "mint.py"), "--keys", "-", "--audience", "app", *arguments]
    return subprocess.run(program, input=keys, capture_output=True, text=True, check=False)


def test_the_command_mints_a_token_that_lives_as_long_as_asked() -> None:
    # GIVEN the key document of a vector on standard input
    keys, began = VECTORS[1]["keys"], time.time()

    done = command("--kid", "2026-11", "--endpoint-id", "Käthe", "--seconds", "600", keys=json.dumps({"keys": keys}))

    # THEN the token is good now and in ten minutes, and not later
    token, ended = done.stdout.rstrip("\n"), time.time()
    for moment, expected in ((began, "valid"), (began + 599, "valid"), (ended + 601, "token_expired")):
        assert verify(token, "Käthe", int(moment * 1000), consumer_keys(keys), "app", DAY) == expected


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (("--kid", "k9", "--endpoint-id", "e"), json.dumps({"keys": VECTORS[0]["keys"]})),
        (("--kid", "k1", "--endpoint-id", "e"), "not JSON"),
        (("--kid", "k1", "--endpoint-id", "e"), json.dumps({"k1": "no keys field"})),
        (("--kid", "k1", "--endpoint-id", "e", "--seconds", "86401"), json.dumps({"keys": VECTORS[0]["keys"]})),
    ],
    ids=["unknown key", "not JSON", "not a key document", "too long a life"],
)
def test_the_command_says_what_is_wrong_and_shows_no_key(arguments: tuple[str, ...], keys: str) -> None:
    done = command(*arguments, keys=keys)

    assert done.returncode != 0
    assert done.stdout == ""
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr
    assert VECTORS[0]["keys"]["k1"] not in done.stderr
