"""What an OpenAPI document makes of an API, record by record, with the checks that AWS makes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ministack.services import apigateway_v1 as records

from local_cloud.apigateway import mapping, models, security, templates

_Response = tuple[int, dict[str, str], bytes]
_Document = Mapping[str, Any]
_VERBS: Final = frozenset({"get", "post", "put", "delete", "patch", "head", "options"})
_ANY: Final = "x-amazon-apigateway-any-method"
_TYPES: Final = frozenset({"AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY", "MOCK"})
_LOCATIONS: Final = {"query": "querystring", "header": "header", "path": "path"}
_MODEL_REFERENCE: Final = re.compile(r"#/components/schemas/([A-Za-z0-9]+)")
_TIMEOUTS: Final = range(50, 29_001)
# What an import replaces, besides the record of the API itself.
STORES: Final = ("_resources", "_authorizers_v1", "_models", "_gateway_responses", "_request_validators")


class SpecificationError(Exception):
    """A document that API Gateway does not take."""


def import_document(api_id: str, document: _Document) -> None:
    """Replace everything that an API is by what a document says.

    Parameters
    ----------
    api_id
        The API, in the account and Region of the request.
    document
        OpenAPI 3.0.

    Raises
    ------
    SpecificationError
        If API Gateway would refuse it; the records are half written then.
    """
    try:
        _Importer(api_id, document).run()
    except (KeyError, TypeError, AttributeError) as error:
        raise SpecificationError(f"Invalid OpenAPI input: {type(error).__name__}: {error}") from error


@dataclass
class _Importer:
    """Replaces what an API is by what a document says."""

    api_id: str
    document: _Document

    def run(self) -> None:
        self._replace_api()
        components = self.document.get("components") or {}
        try:
            schemes = security.add_authorizers(self.api_id, components.get("securitySchemes") or {})
        except security.SecurityError as error:
            raise SpecificationError(str(error)) from error
        for name, schema in (components.get("schemas") or {}).items():
            self._add_model(name, schema)
        validators = {
            name: _made(records._create_request_validator(self.api_id, {"name": name, **validator}))["id"]
            for name, validator in (self.document.get("x-amazon-apigateway-request-validators") or {}).items()
        }
        for kind, response in (self.document.get("x-amazon-apigateway-gateway-responses") or {}).items():
            self._add_gateway_response(kind, response)
        for path, item in (self.document.get("paths") or {}).items():
            resource_id = self._add_resource(path)
            for verb, operation in item.items():
                if verb in _VERBS or verb == _ANY:
                    name = "ANY" if verb == _ANY else verb.upper()
                    shared = item.get("parameters") or []
                    _Operation(self, resource_id, path, name, operation, shared, validators, schemes).run()
        self._check_models()

    def resolve(self, value: _Document) -> _Document:
        """Follow a reference inside the document."""
        reference = value.get("$ref")
        if reference is None:
            return value
        found: Any = self.document
        for step in str(reference).removeprefix("#/").split("/"):
            found = found.get(step) if isinstance(found, dict) else None
        if not isinstance(found, dict):
            raise SpecificationError(f"Unable to resolve reference {reference}")
        return self.resolve(found)

    def add_model(self, schema: _Document, name: str) -> str:
        """Return the model of a body's schema; one that is written in place gets the given name."""
        reference = _MODEL_REFERENCE.fullmatch(str(schema.get("$ref", "")))
        if reference:
            return reference[1]
        self._add_model(name, schema)
        return name

    def _replace_api(self) -> None:
        api = records._rest_apis[self.api_id]
        info = self.document["info"]
        root = next(r for r in records._resources[self.api_id].values() if r["path"] == "/")
        root["resourceMethods"] = {}
        for name in STORES:
            getattr(records, name)[self.api_id] = {}
        records._resources[self.api_id] = {root["id"]: root}
        endpoint = self.document.get("x-amazon-apigateway-endpoint-configuration") or {}
        api.update(
            {
                "name": info["title"],
                "description": info.get("description") or "",
                "version": str(info.get("version") or ""),
                "binaryMediaTypes": self.document.get("x-amazon-apigateway-binary-media-types") or [],
                "minimumCompressionSize": self.document.get("x-amazon-apigateway-minimum-compression-size"),
                "apiKeySource": self.document.get("x-amazon-apigateway-api-key-source") or "HEADER",
                "disableExecuteApiEndpoint": bool(endpoint.get("disableExecuteApiEndpoint")),
            }
        )
        # A document without a policy removes the one that there is.
        policy = self.document.get("x-amazon-apigateway-policy")
        api["policy"] = json.dumps(policy) if policy else None

    def _add_model(self, name: str, schema: _Document) -> None:
        if not name.isalnum():
            raise SpecificationError(f"Unable to create model '{name}': Model name must be alphanumeric: {name}")
        base = f"https://apigateway.amazonaws.com/restapis/{self.api_id}/models/"
        text = _MODEL_REFERENCE.sub(lambda found: base + found[1], json.dumps(schema))
        _made(records._create_model(self.api_id, {"name": name, "schema": text}))

    def _check_models(self) -> None:
        known = records._models[self.api_id]
        for name in known:
            try:
                models.check_model(name, known)
            except models.ModelError as error:
                raise SpecificationError(f"Unable to create model '{name}': {error}") from error

    def _add_gateway_response(self, kind: str, response: _Document) -> None:
        for destination in response.get("responseParameters") or {}:
            if not re.fullmatch(r"gatewayresponse\.header\.[\w-]+", destination):
                raise SpecificationError(
                    f"Unable to put gateway response '{kind}': "
                    f"Invalid mapping expression parameter specified: {destination}"
                )
        _made(records._put_gateway_response(self.api_id, kind, response))

    def _add_resource(self, path: str) -> str:
        resources = records._resources[self.api_id]
        current: str = next(i for i, r in resources.items() if r["path"] == "/")
        for segment in filter(None, path.split("/")):
            existing = next(
                (i for i, r in resources.items() if r["parentId"] == current and r["pathPart"] == segment), None
            )
            current = existing or _made(records._create_resource(self.api_id, current, {"pathPart": segment}))["id"]
        return current


@dataclass
class _Operation:
    """One method of a resource."""

    importer: _Importer
    resource_id: str
    path: str
    verb: str
    operation: _Document
    shared_parameters: list[_Document]
    validators: Mapping[str, str]
    schemes: Mapping[str, security.Authorization]

    def run(self) -> None:
        parameters = self._parameters()
        self._put_method(parameters)
        headers = {
            str(status): list(self.importer.resolve(response).get("headers") or {})
            for status, response in (self.operation.get("responses") or {}).items()
        }
        for status, names in headers.items():
            declared = {f"method.response.header.{name}": False for name in names}
            _made(records._put_method_response(*self._key, status, {"responseParameters": declared}))
        integration = self.operation.get("x-amazon-apigateway-integration")
        if integration:
            self._put_integration(integration, parameters)
            self._put_integration_responses(integration, headers)

    @property
    def _key(self) -> tuple[str, str, str]:
        return self.importer.api_id, self.resource_id, self.verb

    def _parameters(self) -> dict[str, bool]:
        declared = {}
        for written in [*self.shared_parameters, *(self.operation.get("parameters") or [])]:
            parameter = self.importer.resolve(written)
            location = _LOCATIONS.get(parameter.get("in", ""))
            if location:
                declared[f"method.request.{location}.{parameter['name']}"] = bool(parameter.get("required"))
        return declared

    def _put_method(self, parameters: Mapping[str, bool]) -> None:
        document = self.importer.document
        try:
            authorization = security.of_method(self.operation.get("security", document.get("security")), self.schemes)
        except security.SecurityError as error:
            raise self._error("method", str(error)) from error
        name = self.operation.get(
            "x-amazon-apigateway-request-validator", document.get("x-amazon-apigateway-request-validator")
        )
        if name is not None and name not in self.validators:
            raise self._error("method", f"Invalid Request Validator identifier specified: {name}")
        models = {}
        content = self.importer.resolve(self.operation.get("requestBody") or {}).get("content") or {}
        for kind, described in content.items():
            if described.get("schema"):
                models[kind] = self.importer.add_model(described["schema"], f"MODEL{self.resource_id}{self.verb}")
        method = {
            **authorization,
            "operationName": self.operation.get("operationId", ""),
            "requestParameters": dict(parameters),
            "requestModels": models,
            "requestValidatorId": self.validators.get(name or ""),
        }
        _made(records._put_method(*self._key, method))

    def _put_integration(self, integration: _Document, parameters: Mapping[str, bool]) -> None:
        kind = str(integration.get("type", "")).upper()
        self._check_integration(integration, kind)
        for destination, source in (integration.get("requestParameters") or {}).items():
            try:
                mapping.check_request(destination, source, parameters)
            except mapping.MappingError as error:
                raise self._error("integration", str(error)) from error
        self._check_templates("integration", integration.get("requestTemplates"))
        names = (
            "uri",
            "credentials",
            "requestParameters",
            "requestTemplates",
            "timeoutInMillis",
            "contentHandling",
            "connectionType",
            "cacheKeyParameters",
        )
        record = {
            **{name: integration[name] for name in names if name in integration},
            "type": kind,
            "httpMethod": integration.get("httpMethod"),
            "passthroughBehavior": str(integration.get("passthroughBehavior", "when_no_match")).upper(),
        }
        _made(records._put_integration(*self._key, record))

    def _check_integration(self, integration: _Document, kind: str) -> None:
        uri = str(integration.get("uri", ""))
        timeout = integration.get("timeoutInMillis", _TIMEOUTS[-1])
        problem = None
        if kind not in _TYPES:
            problem = f"Invalid integration type: {kind}"
        elif timeout not in _TIMEOUTS:
            problem = "Timeout should be between 50 ms and 29000 ms"
        elif kind != "MOCK" and not integration.get("httpMethod"):
            problem = "Enumeration value for HttpMethod must be non-empty"
        elif kind.startswith("AWS") and not re.fullmatch(r"arn:aws[a-z-]*:apigateway:[a-z0-9-]+:[^:]+:.+", uri):
            problem = "Invalid ARN specified in the request"
        elif kind.startswith("AWS") and not re.search(r":(path|action)/", uri):
            problem = "AWS ARN for integration must contain path or action"
        elif kind == "AWS" and ":lambda:" not in uri and not integration.get("credentials"):
            problem = "Role ARN must be specified for AWS integrations"
        elif kind != "MOCK" and not (kind == "AWS" and ":sqs:path/" in uri):
            problem = "the local cloud knows integrations with SQS and mocks only"
        if problem:
            raise self._error("integration", problem)

    def _put_integration_responses(self, integration: _Document, headers: Mapping[str, list[str]]) -> None:
        mapped: dict[str, str] = {}
        for pattern, response in (integration.get("responses") or {}).items():
            status = str(response.get("statusCode"))
            if status not in headers:
                raise self._error("integration response", f"No method response exists for method: {status}")
            if status in mapped:
                raise self._error(
                    "integration response",
                    f"'{mapped[status]}' and '{pattern}' both map to {status}: API Gateway keeps one per status",
                )
            mapped[status] = pattern
            self._check_integration_response(pattern, response, headers[status])
            names = ("responseParameters", "responseTemplates", "contentHandling")
            record = {
                **{name: response[name] for name in names if name in response},
                "selectionPattern": "" if pattern == "default" else pattern,
            }
            _made(records._put_integration_response(*self._key, status, record))

    def _check_integration_response(self, pattern: str, response: _Document, declared: list[str]) -> None:
        for destination, source in (response.get("responseParameters") or {}).items():
            try:
                mapping.check_response(destination, source, declared)
            except mapping.MappingError as error:
                raise self._error("integration response", str(error)) from error
        self._check_templates("integration response", response.get("responseTemplates"))
        try:
            re.compile(pattern)
        except re.error as error:
            raise self._error("integration response", f"Invalid selection pattern specified: {pattern}") from error

    def _check_templates(self, what: str, by_type: Mapping[str, str] | None) -> None:
        for kind, template in (by_type or {}).items():
            try:
                templates.parse(template)
            except templates.TemplateError as error:
                raise self._error(what, f"Invalid mapping template for {kind}: {error}") from error

    def _error(self, what: str, problem: str) -> SpecificationError:
        return SpecificationError(
            f"Unable to put {what} on '{self.verb}' for resource at path '{self.path}': {problem}"
        )


def _made(response: _Response) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(response[2])
    if response[0] >= 400:
        raise SpecificationError(document["message"])
    return document
