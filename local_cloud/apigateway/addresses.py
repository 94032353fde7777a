"""Which stage a URL means: that of the API itself, or of a custom domain name."""

from __future__ import annotations

from dataclasses import dataclass

from ministack import app as ministack
from ministack.core.responses import request_scope
from ministack.services import apigateway_v1 as records


@dataclass(frozen=True)
class Address:
    """Where a request goes.

    Attributes
    ----------
    account, region
        Owner of the API.
    api_id, stage_name, path
        The API, its stage, and the path below that.
    domain
        The custom domain name, if the request came by one.
    """

    account: str
    region: str
    api_id: str
    stage_name: str
    path: str
    domain: str = ""


def find(host: str, path: str) -> Address | None:
    """Find the stage that a request is for.

    Parameters
    ----------
    host
        The Host header.
    path
        The decoded path.

    Returns
    -------
    Address or None
        None if it is for no REST API.
    """
    target = ministack._parse_execute_api_url(host, path)
    if target:
        # An unsigned request tells nothing of its account but the API's id.
        owner = _owner(target[0])
        return Address(*owner, *target) if owner else None
    return _find_by_domain(host.partition(":")[0].lower(), path)


def _owner(api_id: str) -> tuple[str, str] | None:
    for (account, region, known), _ in records._rest_apis.all_items():
        if known == api_id:
            return account, region
    return None


def _find_by_domain(name: str, path: str) -> Address | None:
    for (account, region, known), _ in records._domain_names.all_items():
        if known.lower() != name:
            continue
        with request_scope(account, region):
            target = records.resolve_base_path_mapping(name, path)
        if target is None:
            return None
        api_id, stage_name, rest = target
        if not stage_name:
            # A mapping without a stage leaves it to the path.
            stage_name, _, rest = rest.lstrip("/").partition("/")
            rest = f"/{rest}"
        return Address(account, region, api_id, stage_name, rest, known)
    return None
