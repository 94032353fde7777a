"""Methods that not everybody may call: AWS_IAM, Cognito, Lambda authorizers, and the API's resource policy."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote_plus

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.local_cloud.aws import (
    GATEWAY,
    LAMBDA,
    REGION,
    Api,
    Aws,
    Document,
    Headers,
    Queue,
    Reply,
    pixel_api,
    statement,
)

OTHER: Final = "111111111111"
INVOKE: Final = "execute-api:Invoke"
PRINTED: Final = (
    "accountId", "apiId", "identity.userArn", "identity.caller", "identity.accountId", "identity.user",
    "authorizer.claims.sub", "authorizer.claims.email", "authorizer.endpoint_id", "authorizer.number",
    "authorizer.principalId",
)  # fmt: skip
TEMPLATE: Final = "Action=SendMessage&MessageBody=" + "%7C".join(
    f'{name}%3D$util.urlEncode($util.urlEncode("$!context.{name}"))' for name in PRINTED
)
AUTHORIZER: Final = """
import json
CALLS = 0
def handler(event, context):
    global CALLS
    CALLS += 1
    token = event.get("authorizationToken") or event["headers"]["X-Key"]
    if token == "stranger":
        raise Exception("Unauthorized")
    if token == "broken":
        raise ValueError("broken")
    if token == "nothing":
        return {"principalId": "p"}
    answer = {"principalId": "p-" + token, "context": {"endpoint_id": token, "number": CALLS, "yes": True}}
    if token == "nested":
        answer["context"]["more"] = {"a": 1}
    effect = {"deny": "Deny", "other": "Allow"}.get(token, "Allow")
    resource = event["methodArn"] + ("/x" if token == "other" else "")
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource}
    answer["policyDocument"] = {"Version": "2012-10-17", "Statement": [statement]}
    return answer
"""

Make = Callable[..., Api]


@pytest.fixture
def make(aws: Aws, queue: Queue) -> Make:
    """An API whose POST needs what a security scheme says, and whose GET is open."""
    role = aws.role("gateway", GATEWAY, {queue.arn: ["sqs:SendMessage"]})

    def api(scheme: Document, policy: Document | None = None, **changes: Any) -> Api:
        document = pixel_api(queue, role, template=TEMPLATE, operation={"parameters": []}, **changes)
        document["paths"]["/events"]["post"]["security"] = [{"known": []}]
        document.setdefault("components", {})["securitySchemes"] = {"known": scheme}
        if policy:
            document["x-amazon-apigateway-policy"] = policy
        return aws.api(document)

    return api


def known(aws: Aws, queue: Queue) -> dict[str, str]:
    """What the template of the latest message saw."""
    pairs = (pair.split("=", 1) for pair in unquote_plus(aws.receive(queue)).split("|"))
    return {name: value for name, value in pairs if value}


def message(reply: Reply) -> str:
    document = json.loads(reply.body)
    return str(document.get("message", document.get("Message")))


def allowing(principal: object, *methods: str, effect: str = "Allow") -> Document:
    resources = [f"execute-api:/*/{method}" for method in methods]
    return {"Effect": effect, "Principal": principal, "Action": INVOKE, "Resource": resources}


def policy(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


# AWS_IAM

IAM: Final = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "x-amazon-apigateway-authtype": "awsSigv4",
}


def signed(api: Api, key: Mapping[str, str], body: bytes = b'{"a": "b c"}', tampered: bytes | None = None) -> Reply:
    """A call that is signed as SDKs sign it."""
    target = f"/_aws/execute-api/{api.api_id}/{api.stage}/events?x=a%20b"
    host = f"127.0.0.1:{api.aws.cloud.port}"
    request = AWSRequest("POST", f"http://{host}{target}", {"Content-Type": "application/json"}, body)
    credentials = Credentials(key["AccessKeyId"], key["SecretAccessKey"], key.get("SessionToken"))
    SigV4Auth(credentials, "execute-api", REGION).add_auth(request)
    connection = http.client.HTTPConnection(host, timeout=120)
    try:
        connection.request("POST", target, body if tampered is None else tampered, dict(request.headers.items()))
        response = connection.getresponse()
        return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


def user(aws: Aws, **statements: Any) -> tuple[dict[str, str], str]:
    """A user's key and ARN; with the statement that is given."""
    name = f"{aws.name}-server"
    arn = aws.iam.create_user(UserName=name)["User"]["Arn"]
    if statements:
        document = json.dumps(statement(INVOKE, **statements))
        aws.iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    key: Any = aws.iam.create_access_key(UserName=name)["AccessKey"]
    return key, arn


def test_a_signed_call_needs_the_permission_on_exactly_this_method(aws: Aws, make: Make, queue: Queue) -> None:
    api = make(IAM)
    key, arn = user(aws, Resource=f"arn:aws:execute-api:{REGION}:{aws.account}:{api.api_id}/v1/POST/events")

    assert signed(api, key).status == 200

    seen = known(aws, queue)
    assert (seen["identity.userArn"], seen["identity.accountId"]) == (arn, aws.account)
    assert (
        seen["identity.caller"]
        == seen["identity.user"]
        == aws.iam.get_user(UserName=arn.split("/")[1])["User"]["UserId"]
    )


def test_a_role_is_seen_as_its_session(aws: Aws, make: Make, queue: Queue) -> None:
    api = make(IAM)
    role = aws.role("caller", LAMBDA, {f"arn:aws:execute-api:{REGION}:{aws.account}:{api.api_id}/*": [INVOKE]})
    trust = json.dumps(statement("sts:AssumeRole", Principal={"AWS": aws.account}))
    aws.iam.update_assume_role_policy(RoleName=role.split("/")[1], PolicyDocument=trust)
    session = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="nightly")

    assert signed(api, session["Credentials"]).status == 200

    seen = known(aws, queue)
    assert seen["identity.userArn"] == f"arn:aws:sts::{aws.account}:assumed-role/{aws.name}-caller/nightly"
    assert seen["identity.caller"].endswith(":nightly")


@pytest.mark.parametrize("resource", ["v1/GET/events", "other/POST/events", "v1/POST/events/more", None])
def test_another_permission_is_not_enough(aws: Aws, make: Make, queue: Queue, resource: str | None) -> None:
    api = make(IAM)
    prefix = f"arn:aws:execute-api:{REGION}:{aws.account}:{api.api_id}/"
    key, arn = user(aws, **({"Resource": prefix + resource} if resource else {}))

    reply = signed(api, key)

    assert reply.status == 403
    shown = prefix.replace(aws.account, f"********{aws.account[-4:]}")
    assert message(reply) == (
        f"User: {arn} is not authorized to perform: {INVOKE} on resource: {shown}v1/POST/events "
        f"because no identity-based policy allows the {INVOKE} action"
    )
    assert reply.headers["x-amzn-errortype"] == "AccessDeniedException"
    assert aws.depth(queue) == 0
    assert [refusal["action"] for refusal in aws.refusals()] == [INVOKE]


def test_an_unsigned_or_wrongly_signed_call_is_refused(aws: Aws, make: Make) -> None:
    api = make(IAM)
    key, _ = user(aws, Resource="*")

    unsigned = api.call("/events", "POST", [("Content-Type", "application/json")], b"{}")
    wrong = signed(api, {**key, "SecretAccessKey": "x" * 40})
    changed = signed(api, key, tampered=b'{"a": "other"}')
    unknown = signed(api, {**key, "AccessKeyId": "AKIAUNKNOWNUNKNOWN00"})

    assert [reply.status for reply in (unsigned, wrong, changed, unknown)] == [403] * 4
    assert message(unsigned) == "Missing Authentication Token"
    assert "signature" in message(wrong)
    assert "signature" in message(changed)
    assert wrong.headers["x-amzn-errortype"] == "InvalidSignatureException"
    assert unknown.headers["x-amzn-errortype"] == "UnrecognizedClientException"


def test_another_account_needs_both_policies(cloud: Any, aws: Aws, make: Make, queue: Queue) -> None:
    foreign = Aws(cloud, aws.name, OTHER)
    key, arn = user(foreign, Resource="*")
    closed = make(IAM)
    assert signed(closed, key).status == 403

    opened = make(IAM, policy(allowing({"AWS": arn}, "POST/events"), allowing("*", "GET/events")))
    assert signed(opened, key).status == 200
    assert known(aws, queue)["identity.accountId"] == OTHER

    foreign.iam.delete_user_policy(UserName=f"{aws.name}-server", PolicyName="p")
    assert signed(opened, key).status == 403


def test_a_resource_policy_can_refuse_whom_the_identity_policy_lets_in(aws: Aws, make: Make) -> None:
    key, arn = user(aws, Resource="*")
    api = make(IAM, policy(allowing({"AWS": arn}, "POST/events", effect="Deny"), allowing("*", "GET/events")))

    reply = signed(api, key)

    assert reply.status == 403
    assert message(reply).endswith("with an explicit deny in a resource-based policy")


# The resource policy and open methods


def test_with_a_resource_policy_an_open_method_needs_an_allowance(make: Make) -> None:
    closed = make(IAM, policy(allowing("*", "POST/events")))
    opened = make(IAM, policy(allowing("*", "GET/events")))

    reply = closed.call("/events")

    assert reply.status == 403
    assert message(reply).startswith(f"User: anonymous is not authorized to perform: {INVOKE} on resource: arn:aws:")
    assert opened.call("/events").status == 200


def test_a_new_resource_policy_holds_from_the_next_deployment_on(aws: Aws, make: Make) -> None:
    api = make(IAM)
    change: Any = {"op": "replace", "path": "/policy", "value": json.dumps(policy(allowing("*", "POST/events")))}
    aws.gateway.update_rest_api(restApiId=api.api_id, patchOperations=[change])

    before = api.call("/events").status
    api.deploy()

    assert (before, api.call("/events").status) == (200, 403)


def test_importing_a_document_without_policy_removes_the_policy(aws: Aws, make: Make) -> None:
    api = make(IAM, policy(allowing("*", "POST/events")))
    assert "policy" in aws.gateway.get_rest_api(restApiId=api.api_id)

    api.put({"openapi": "3.0.1", "info": {"title": aws.name}, "paths": {}})

    assert "policy" not in aws.gateway.get_rest_api(restApiId=api.api_id)


# Cognito


@pytest.fixture
def users(aws: Aws) -> tuple[str, dict[str, str]]:
    """A user pool's ARN and the tokens of one of its users."""
    cognito = aws.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName=aws.name)["UserPool"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool["Id"], ClientName="page", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]
    name, password = "ada@shop.example", "Correct-horse-1"
    attributes = [{"Name": "email", "Value": name}]
    cognito.admin_create_user(UserPoolId=pool["Id"], Username=name, UserAttributes=attributes)
    cognito.admin_set_user_password(UserPoolId=pool["Id"], Username=name, Password=password, Permanent=True)
    tokens = cognito.admin_initiate_auth(
        UserPoolId=pool["Id"],
        ClientId=client["ClientId"],
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": password},
    )["AuthenticationResult"]
    return pool["Arn"], tokens


def pool_scheme(*pools: str) -> Document:
    return {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "cognito_user_pools",
        "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools", "providerARNs": list(pools)},
    }


def post(api: Api, *headers: tuple[str, str]) -> Reply:
    given: Headers = [("Content-Type", "application/json"), *headers]
    return api.call("/events", "POST", given, b"{}")


def claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def test_a_user_of_the_pool_is_known_by_the_claims_of_the_id_token(
    aws: Aws, make: Make, queue: Queue, users: tuple[str, dict[str, str]]
) -> None:
    arn, tokens = users
    api = make(pool_scheme(arn))

    assert post(api, ("authorization", tokens["IdToken"])).status == 200

    seen = known(aws, queue)
    assert seen["authorizer.claims.sub"] == claims(tokens["IdToken"])["sub"]
    assert seen["authorizer.claims.email"] == "ada@shop.example"


def test_other_tokens_are_refused(aws: Aws, make: Make, queue: Queue, users: tuple[str, dict[str, str]]) -> None:
    arn, tokens = users
    head, body, signature = tokens["IdToken"].split(".")
    forged = base64.urlsafe_b64encode(json.dumps({**claims(tokens["IdToken"]), "sub": "other"}).encode()).decode()
    api, foreign = make(pool_scheme(arn)), make(pool_scheme(f"{arn}0"))

    replies = [
        post(api),
        post(api, ("Authorization", "x")),
        post(api, ("Authorization", tokens["AccessToken"])),
        post(api, ("Authorization", f"{head}.{forged.rstrip('=')}.{signature}")),
        post(api, ("Authorization", f"{head}.{body}.{signature[::-1]}")),
        post(foreign, ("Authorization", tokens["IdToken"])),
    ]

    assert [(reply.status, message(reply)) for reply in replies] == [(401, "Unauthorized")] * len(replies)
    assert replies[0].headers["x-amzn-errortype"] == "UnauthorizedException"
    assert aws.depth(queue) == 0


def test_after_cognito_a_resource_policy_must_allow_the_call_too(make: Make, users: tuple[str, dict[str, str]]) -> None:
    arn, tokens = users
    closed = make(pool_scheme(arn), policy(allowing("*", "GET/events")))
    opened = make(pool_scheme(arn), policy(allowing("*", "POST/events")))

    assert post(closed, ("Authorization", tokens["IdToken"])).status == 403
    assert post(opened, ("Authorization", tokens["IdToken"])).status == 200
    assert post(opened).status == 401


# Lambda authorizers


@pytest.fixture
def function(aws: Aws) -> str:
    return aws.function(AUTHORIZER, aws.role("function", LAMBDA, {}))


@pytest.fixture
def caller(aws: Aws, function: str) -> str:
    """A role with which API Gateway may call the function."""
    return aws.role("authorizer", GATEWAY, {function: ["lambda:InvokeFunction"]})


def function_scheme(function: str, **settings: Any) -> Document:
    described = {
        "type": "request",
        "identitySource": "method.request.header.X-Key",
        "authorizerUri": f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function}/invocations",
        "authorizerResultTtlInSeconds": 0,
        **settings,
    }
    return {
        "type": "apiKey",
        "name": "X-Key",
        "in": "header",
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": {name: value for name, value in described.items() if value is not None},
    }


@pytest.mark.parametrize("kind", ["request", "token"])
def test_the_function_lets_a_caller_in_and_says_who_it_is(
    aws: Aws, make: Make, queue: Queue, function: str, caller: str, kind: str
) -> None:
    source = "method.request.header.X-Key" if kind == "request" else None
    api = make(function_scheme(function, type=kind, identitySource=source, authorizerCredentials=caller))

    assert post(api, ("X-Key", "ada")).status == 200

    seen = known(aws, queue)
    assert (seen["authorizer.endpoint_id"], seen["authorizer.principalId"]) == ("ada", "p-ada")
    assert seen["authorizer.number"] == "1"


@pytest.mark.parametrize(
    ("token", "status", "text"),
    [
        ("stranger", 401, "Unauthorized"),
        (
            "deny",
            403,
            "User is not authorized to access this resource with an explicit deny in an identity-based policy",
        ),
        ("other", 403, "User is not authorized to access this resource"),
        ("broken", 500, "None"),
        ("nothing", 500, "Internal server error"),
        ("nested", 500, "Internal server error"),
    ],
)
def test_the_function_keeps_a_caller_out(
    aws: Aws, make: Make, queue: Queue, function: str, caller: str, token: str, status: int, text: str
) -> None:
    api = make(function_scheme(function, authorizerCredentials=caller))

    reply = post(api, ("X-Key", token))

    assert (reply.status, message(reply)) == (status, text)
    assert aws.depth(queue) == 0


def test_answers_are_remembered_for_each_caller(aws: Aws, make: Make, queue: Queue, function: str, caller: str) -> None:
    api = make(function_scheme(function, authorizerCredentials=caller, authorizerResultTtlInSeconds=60))

    numbers = []
    for token in ("ada", "ada", "bob", "ada"):
        assert post(api, ("X-Key", token)).status == 200
        numbers.append(known(aws, queue)["authorizer.number"])
        aws.sqs.purge_queue(QueueUrl=queue.url)

    assert numbers == ["1", "1", "2", "1"]
    assert (post(api).status, message(post(api))) == (401, "Unauthorized")


def test_the_gateway_must_be_allowed_to_call_the_function(aws: Aws, make: Make, function: str) -> None:
    powerless = aws.role("powerless", GATEWAY, {})
    untrusting = aws.role("untrusting", LAMBDA, {function: ["lambda:InvokeFunction"]})
    apis = [make(function_scheme(function, authorizerCredentials=role)) for role in (powerless, untrusting, None)]

    replies = [post(api, ("X-Key", "ada")) for api in apis]

    assert [(reply.status, message(reply)) for reply in replies] == [(500, "Internal server error")] * 3
    assert {refusal["action"] for refusal in aws.refusals()} == {"lambda:InvokeFunction"}


def test_the_functions_own_policy_can_let_the_gateway_in(aws: Aws, make: Make, function: str) -> None:
    api = make(function_scheme(function))
    for api_id in ("other", api.api_id):
        source = f"arn:aws:execute-api:{REGION}:{aws.account}:{api_id}/authorizers/*"
        aws.functions.add_permission(
            FunctionName=function,
            StatementId=f"s{api_id}",
            Action="lambda:InvokeFunction",
            Principal=GATEWAY,
            SourceArn=source,
        )
        assert post(api, ("X-Key", "ada")).status == (500 if api_id == "other" else 200)


def test_either_the_function_or_the_resource_policy_is_enough(make: Make, function: str, caller: str) -> None:
    scheme = function_scheme(function, authorizerCredentials=caller)
    silent = make(scheme, policy(allowing("*", "GET/events")))
    opened = make(scheme, policy(allowing("*", "POST/events")))
    closed = make(scheme, policy(allowing("*", "POST/events", effect="Deny")))

    assert [post(silent, ("X-Key", token)).status for token in ("ada", "other")] == [200, 403]
    assert [post(opened, ("X-Key", token)).status for token in ("other", "deny")] == [200, 403]
    assert post(closed, ("X-Key", "ada")).status == 403


# Importing


@pytest.mark.parametrize(
    ("scheme", "reason"),
    [
        ({"type": "http"}, "apiKey only"),
        (function_scheme("f"), "Invalid Authorizer URI"),
        (function_scheme("f", type="jwt"), "Invalid authorizer type specified: jwt"),
        (function_scheme("f", authorizerResultTtlInSeconds=3601), "between 0 and 3600"),
        (function_scheme("f", identitySource="header.X"), "Invalid identity source"),
        (function_scheme("f", identitySource=None, authorizerResultTtlInSeconds=1), "Identity source is required"),
        (pool_scheme(), "Invalid Cognito user pool ARN"),
        (pool_scheme("arn:aws:iam::1:user/x"), "Invalid Cognito user pool ARN"),
    ],
)
def test_faulty_authorizers_are_refused(aws: Aws, make: Make, scheme: Document, reason: str) -> None:
    with pytest.raises(aws.gateway.exceptions.BadRequestException, match=reason):
        make(scheme)


def test_a_scheme_that_names_no_authorizer_protects_nothing(make: Make) -> None:
    assert post(make({"type": "apiKey", "name": "Authorization", "in": "header"})).status == 200
