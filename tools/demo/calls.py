"""A realistic set of pixel calls, good and bad."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Call:
    """One call: what it shows, and its parameters in order."""

    what: str
    parameters: dict[str, str] = field(default_factory=dict)


def calls() -> list[Call]:
    """The calls of the demo, for the lists of `examples/complete`."""
    return [
        Call("plain", {"event": "page_view", "endpoint_id": "anna", "evat_page_path": "/", "gtmcb": "184467"}),
        Call("Unicode", {"event": "search", "endpoint_id": "anna", "evat_search_term": "Käse 😀 寿司"}),
        Call("& in a value", {"event": "view_item", "endpoint_id": "ben", "evat_item_name": "Tom & Jerry = fun"}),
        Call(
            "quotes and signs",
            {"event": "add_to_cart", "endpoint_id": "ben", "evat_item_name": 'O\'Brien & Söhne "A+B" 100%'},
        ),
        Call(
            "metrics and a time of its own",
            {"event": "purchase_success", "endpoint_id": "ben", "evme_value": "49.90", "evat_currency": "EUR"},
        ),
        Call(
            "an allowed user attribute", {"event": "sign_up", "endpoint_id": "chloe", "usat_interest": "mountain bikes"}
        ),
        Call(
            "a user attribute that nobody allowed",
            {"event": "page_view", "endpoint_id": "chloe", "usat_tier": "platinum", "evat_page_path": "/account"},
        ),
        Call(
            "unset GTM variables",
            {"event": "page_view", "endpoint_id": "dora", "evat_page_path": "undefined", "evme_value": "NaN"},
        ),
        Call("an unknown parameter", {"event": "page_view", "endpoint_id": "dora", "email": "dora@example.com"}),
        Call("a value over the limit", {"event": "page_view", "endpoint_id": "dora", "evat_page_title": "long " * 60}),
        Call("an unset endpoint id", {"event": "page_view", "endpoint_id": "undefined"}),
        Call("an event that no list allows", {"event": "lottery", "endpoint_id": "eve"}),
        Call("a reserved event", {"event": "order_refunded", "endpoint_id": "eve"}),
        Call("an event of Pinpoint's own", {"event": "_email.open", "endpoint_id": "eve"}),
        Call("a reserved endpoint id", {"event": "page_view", "endpoint_id": "company-run-1"}),
        Call("an attack on the queue's parameters", {"event": "page_view", "endpoint_id": "eve&DelaySeconds=900&X="}),
        Call("a blank event", {"event": "", "endpoint_id": "eve"}),
        Call("no endpoint id", {"event": "page_view"}),
    ]
