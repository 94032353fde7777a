"""Operations of Q in Connect on knowledge bases of message templates."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from local_cloud.outbound.calls import Call, Handler
from local_cloud.outbound.errors import conflict, invalid, missing
from local_cloud.outbound.store import Account, KnowledgeBase

_TYPE: Final = "MESSAGE_TEMPLATES"
# Service model, ListKnowledgeBases.
_PAGE: Final = 100


def knowledge_base_of(account: Account, named: str) -> KnowledgeBase:
    """Return a knowledge base.

    Parameters
    ----------
    account
        Whose.
    named
        Its id or ARN.

    Returns
    -------
    KnowledgeBase
        The knowledge base.

    Raises
    ------
    ServiceError
        404 if there is none.
    """
    found = account.knowledge_bases.get(named.removeprefix(account.arn("wisdom", "knowledge-base/")))
    if found is None:
        raise missing("the knowledge base")
    return found


def _create(account: Account, call: Call) -> dict[str, Any]:
    request, identifier = call.body, str(uuid.uuid4())
    if request["knowledgeBaseType"] != _TYPE:
        raise invalid(f"of knowledge bases only the type {_TYPE} is emulated")
    if any(one.document["name"] == request["name"] for one in account.knowledge_bases.values()):
        raise conflict(f"a knowledge base is called {request['name']} already")
    document = {
        "knowledgeBaseId": identifier,
        "knowledgeBaseArn": account.arn("wisdom", f"knowledge-base/{identifier}"),
        "status": "ACTIVE",
        **{name: value for name, value in request.items() if name != "clientToken"},
    }
    account.knowledge_bases[identifier] = KnowledgeBase(document)
    return {"knowledgeBase": document}


def _get(account: Account, call: Call) -> dict[str, Any]:
    return {"knowledgeBase": knowledge_base_of(account, call.parameters["knowledgeBaseId"]).document}


def _list(account: Account, call: Call) -> dict[str, Any]:
    found = [one.document for one in account.knowledge_bases.values()]
    return call.page("knowledgeBaseSummaries", found, _PAGE, call.parameters, "nextToken", "maxResults")


def _delete(account: Account, call: Call) -> dict[str, Any]:
    """Its templates go with it."""
    found = knowledge_base_of(account, call.parameters["knowledgeBaseId"])
    del account.knowledge_bases[found.document["knowledgeBaseId"]]
    return {}


HANDLERS: Final[Mapping[str, Handler]] = {
    "CreateKnowledgeBase": _create,
    "GetKnowledgeBase": _get,
    "ListKnowledgeBases": _list,
    "DeleteKnowledgeBase": _delete,
}
