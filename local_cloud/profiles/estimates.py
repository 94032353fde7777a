"""Estimates of how many profiles a segment would have: counted in the background."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from local_cloud.profiles.membership import Membership
from local_cloud.profiles.segment_rules import check_groups
from local_cloud.profiles.segments import refuse_sql
from local_cloud.profiles.state import Call, Domain, Handler, found
from local_cloud.service.messages import ServiceError


def _create(call: Call) -> dict[str, Any]:
    domain = call.domain
    refuse_sql(call)
    if "SegmentQuery" not in call.parameters:
        raise ServiceError(400, "SegmentQuery must be given")
    check_groups(call.parameters["SegmentQuery"], domain.segments)
    identifier = uuid.uuid4().hex
    domain.estimates[identifier] = {"Status": "RUNNING", "Query": call.parameters["SegmentQuery"]}
    return {"DomainName": domain.name, "EstimateId": identifier}


def _get(call: Call) -> dict[str, Any]:
    domain, identifier = call.domain, call.parameters["EstimateId"]
    known = found(domain.estimates, identifier, "estimate")
    shown = {name: value for name, value in known.items() if name != "Query"}
    return {"DomainName": domain.name, "EstimateId": identifier, **shown}


def count(domain: Domain) -> None:
    """Finish the estimates of a domain that were asked for."""
    for estimate in domain.estimates.values():
        if estimate["Status"] == "RUNNING":
            estimate.update(_counted(domain, estimate["Query"]))


def _counted(domain: Domain, query: Mapping[str, Any]) -> dict[str, str]:
    try:
        check_groups(query, domain.segments)
    except ServiceError as error:
        return {"Status": "FAILED", "Message": error.message[:255]}
    membership = Membership(domain.segments)
    members = [one for one in domain.profiles.documents.values() if membership.fits(one, query)]
    return {"Status": "SUCCEEDED", "Estimate": str(len(members))}


HANDLERS: Final[Mapping[str, Handler]] = {"CreateSegmentEstimate": _create, "GetSegmentEstimate": _get}
