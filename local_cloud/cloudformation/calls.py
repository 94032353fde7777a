"""Calls of emulated services, as CloudFormation makes them."""

from __future__ import annotations

import json
import time
import urllib.parse
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import botocore.session
from botocore.serialize import create_serializer
from ministack.core.responses import get_account_id, get_region

from local_cloud.service.front import Front
from local_cloud.service.messages import Request

# CloudFormation tries again when a service throttles it. 30 tries see the slowest rate of one per second through.
_TRIES: Final = 30
_PAUSE_SECONDS: Final = 0.5


@dataclass(frozen=True)
class Calls:
    """Calls one service in the account and Region of the stack.

    Attributes
    ----------
    front
        The service.
    name
        Its name in messages.
    """

    front: Front
    name: str

    def call(
        self, operation: str, parameters: Mapping[str, Any], accepted: Collection[int] = ()
    ) -> dict[str, Any] | None:
        """Call an operation.

        Parameters
        ----------
        operation, parameters
            As for an SDK.
        accepted
            Statuses of failures that do not matter.

        Returns
        -------
        dict or None
            The answer's document, None after a failure that does not matter.

        Raises
        ------
        ValueError
            With what the service said, as a stack's events show it.
        """
        model = botocore.session.get_session().get_service_model(self.front.service.model)
        serializer = create_serializer(model.metadata["protocol"], include_validation=False)
        try:
            written = serializer.serialize_to_request(dict(parameters), model.operation_model(operation))
        except KeyError as error:
            raise ValueError(f"Encountered unsupported property {error.args[0]}") from error
        body = written["body"]
        request = Request(
            written["method"],
            written["url_path"],
            urllib.parse.urlencode(written["query_string"], doseq=True),
            body if isinstance(body, bytes) else str(body).encode(),
            get_account_id(),
            get_region(),
        )
        for _ in range(_TRIES):
            response = self.front.handle(request)
            if response.headers.get("x-amzn-errortype") != self._throttled:
                break
            time.sleep(_PAUSE_SECONDS)
        document: dict[str, Any] = json.loads(response.body or b"{}")
        if response.status < 300:
            return document
        if response.status in accepted:
            return None
        message = document.get("Message", "")
        raise ValueError(f"{operation}: {message} (Service: {self.name}, Status Code: {response.status})")

    @property
    def _throttled(self) -> str | None:
        service = self.front.service
        return service.throttled.name or service.errors.get(service.throttled.status)
