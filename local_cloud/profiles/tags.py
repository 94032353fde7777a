"""Tags of domains and of what is below them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from local_cloud.profiles.state import Call, Domain, Handler
from local_cloud.service.messages import ServiceError
from local_cloud.service.tags import check_tags


def _tag(call: Call) -> dict[str, Any]:
    document = _resource(call)
    tags = {**document.get("Tags", {}), **call.parameters["tags"]}
    check_tags(tags)
    document["Tags"] = tags
    return {}


def _untag(call: Call) -> dict[str, Any]:
    document = _resource(call)
    gone = call.parameters.get("tagKeys", [])
    tags = {name: value for name, value in document.pop("Tags", {}).items() if name not in gone}
    if tags:
        document["Tags"] = tags
    return {}


def _list(call: Call) -> dict[str, Any]:
    # Service model: a map of tags is never empty.
    tags = _resource(call).get("Tags")
    return {"tags": tags} if tags else {}


def _resource(call: Call) -> dict[str, Any]:
    arn = call.parameters["resourceArn"]
    domain = call.domains.by_arn(arn)
    own = domain is not None and (domain.account, domain.region) == (call.account, call.region)
    document = _below(domain, arn.removeprefix(domain.arn)) if domain and own else None
    if document is None:
        raise ServiceError(404, f"the resource {arn} does not exist")
    return document


def _below(domain: Domain, rest: str) -> dict[str, Any] | None:
    if rest == "":
        return domain.document
    kind, _, name = rest.removeprefix("/").partition("/")
    return domain.tagged.get(kind, {}).get(name)


HANDLERS: Final[Mapping[str, Handler]] = {
    "TagResource": _tag,
    "UntagResource": _untag,
    "ListTagsForResource": _list,
}
