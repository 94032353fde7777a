"""The operations of a service: their routes, shapes and IAM resources, read from botocore's service model."""

from __future__ import annotations

import functools
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import botocore.session

from local_cloud.service.messages import ServiceError
from local_cloud.service.validation import Check, compile_check, compile_members

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape, StructureShape

    from local_cloud.service.description import Service

_BOOLEANS: Final[Mapping[str, bool]] = {"true": True, "false": False}


@dataclass(frozen=True)
class Parameter:
    """A parameter of path or query.

    Attributes
    ----------
    name, kind
        Its name, and its type in the service model.
    check
        Check of its value.
    """

    name: str
    kind: str
    check: Check

    def read(self, text: str) -> Any:  # noqa: ANN401 - a text, a number or a boolean
        """Read a value.

        Parameters
        ----------
        text
            What path or query hold, decoded.

        Returns
        -------
        str or int or bool
            The value.

        Raises
        ------
        ServiceError
            400 if the service model does not allow it.
        """
        value: str | int | bool = text
        if self.kind in {"integer", "long"} and re.fullmatch(r"-?\d{1,10}", text):
            value = int(text)
        elif self.kind == "boolean":
            value = _BOOLEANS.get(text, text)
        fault = self.check(value)
        if fault:
            raise ServiceError(400, f"{self.name}{fault}")
        return value


@dataclass(frozen=True)
class Operation:
    """One operation of the service model.

    Attributes
    ----------
    name
        Name of the operation, also of its IAM action.
    method, pattern
        Its route; the groups of the pattern are `labels`.
    labels
        The parameters in the path.
    query
        Parameter by its name in the query string, and whether it is a list.
    status
        HTTP status of success.
    check_body, check_answer
        Checks of the documents in the bodies, None where there is no body.
    """

    name: str
    method: str
    pattern: re.Pattern[str]
    labels: tuple[Parameter, ...]
    query: Mapping[str, tuple[Parameter, bool]]
    status: int
    check_body: Check | None
    check_answer: Check | None


class Routes:
    """The route table of the operations that an emulated service knows.

    Parameters
    ----------
    service
        The service.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._operations = _operations(service)

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        """Find the operation of a request, without a look at the values in its path.

        Parameters
        ----------
        method
            HTTP method.
        path
            Percent-encoded path.

        Returns
        -------
        tuple
            The operation and the decoded parameters of the path.

        Raises
        ------
        ServiceError
            404 for an unknown path, 405 for a known path with another method.
        """
        status, message = 404, "no operation has this path"
        for operation in self._operations:
            found = operation.pattern.fullmatch(path)
            if found and operation.method == method:
                values = [urllib.parse.unquote(value) for value in found.groups()]
                return operation, {label.name: value for label, value in zip(operation.labels, values, strict=True)}
            if found:
                status, message = 405, f"no operation has the method {method} on this path"
        raise ServiceError(status, message)

    def match(self, method: str, path: str) -> tuple[Operation, dict[str, Any]]:
        """Find the operation of a request.

        Parameters
        ----------
        method, path
            As for `find`.

        Returns
        -------
        tuple
            The operation and the values of the path's parameters.

        Raises
        ------
        ServiceError
            As `find`, and 400 for a value that the service model does not allow.
        """
        operation, texts = self.find(method, path)
        return operation, {label.name: label.read(texts[label.name]) for label in operation.labels}

    def iam_action(self, method: str, path: str) -> tuple[str, str | None]:
        """Tell what a request must be allowed to do.

        Parameters
        ----------
        method
            HTTP method.
        path
            Percent-encoded path.

        Returns
        -------
        tuple
            The action, such as `mobiletargeting:PutEvents`, and the resource after the account's colon, such as
            `apps/1234/events`. Without operation, or where IAM knows no resource, the resource is None; no policy
            names the action of a request without operation.
        """
        prefix, resources = self._service.signing_name, self._service.resources
        try:
            operation, parameters = self.find(method, path)
        except ServiceError:
            return f"{prefix}:UnknownOperation", None
        action, resource = f"{prefix}:{operation.name}", resources[operation.name]
        if resource == "":
            return action, next(value for name, value in parameters.items() if _is_arn(name)).split(":", 5)[-1]
        return action, None if resource == "*" else resource.format(**parameters)


def parse_query(operation: Operation, query: str) -> dict[str, Any]:
    """Read the parameters of the query string.

    Parameters
    ----------
    operation
        Whose parameters they are.
    query
        Query string.

    Returns
    -------
    dict
        Values by parameter name; lists stay lists, of other repeated parameters the last value counts.

    Raises
    ------
    ServiceError
        400 for a parameter that the operation does not have, or a value that the service model does not allow.
    """
    parameters: dict[str, Any] = {}
    for name, value in urllib.parse.parse_qsl(query, keep_blank_values=True):
        if name not in operation.query:
            raise ServiceError(400, f"{name} is not a parameter of {operation.name}")
        parameter, is_list = operation.query[name]
        if is_list:
            parameters.setdefault(parameter.name, []).append(parameter.read(value))
        else:
            parameters[parameter.name] = parameter.read(value)
    return parameters


def _is_arn(name: str) -> bool:
    return name.lower().endswith("arn")


@functools.cache
def _operations(service: Service) -> tuple[Operation, ...]:
    model = botocore.session.get_session().get_service_model(service.model)
    known: dict[str, Check] = {}
    return tuple(_operation(model.operation_model(name), service, known) for name in service.resources)


def _operation(model: OperationModel, service: Service, known: dict[str, Check]) -> Operation:
    def parameter(name: str, shape: Shape) -> Parameter:
        return Parameter(name, shape.type_name, compile_check(shape, known, limits=service.has_limits))

    members = model.input_shape.members if model.input_shape else {}
    labels = {
        member.serialization["name"]: parameter(name, member)
        for name, member in members.items()
        if member.serialization.get("location") == "uri"
    }
    uri = str(model.http["requestUri"])
    fixed, names = re.split(r"\{[^}]+\}", uri), re.findall(r"\{([^}]+)\}", uri)
    # An ARN holds slashes, and not every client encodes them.
    groups = ["(.+)" if _is_arn(name) else "([^/]+)" for name in names]
    pattern = "".join(re.escape(part) + group for part, group in zip(fixed, [*groups, ""], strict=True))
    return Operation(
        name=model.name,
        method=str(model.http["method"]),
        pattern=re.compile(pattern),
        labels=tuple(labels[name] for name in names),
        query={
            member.serialization["name"]: (
                parameter(name, member.member if member.type_name == "list" else member),  # type: ignore[attr-defined]
                member.type_name == "list",
            )
            for name, member in members.items()
            if member.serialization.get("location") == "querystring"
        },
        status=int(model.http.get("responseCode") or 200),
        check_body=_body_check(model.input_shape, known, limits=service.has_limits),
        check_answer=_body_check(model.output_shape, known, limits=service.has_limits),
    )


def _body_check(shape: StructureShape | None, known: dict[str, Check], *, limits: bool) -> Check | None:
    if shape is None:
        return None
    payload = shape.serialization.get("payload")
    if payload:
        return compile_check(shape.members[payload], known, limits=limits)
    return compile_members(shape, known, limits=limits)
