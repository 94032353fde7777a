"""Endpoints put together to those who become profiles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from tools.migration.endpoints import Endpoint, number
from tools.migration.naming import Kind, values_of

Key = Literal["endpoint", "user"]
COUNTRY = "country"
Values = Mapping[tuple[Kind, str], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Person:
    """One profile to be.

    Parameters
    ----------
    key
        Its AccountNumber.
    endpoints
        The newest first.
    values
        Values of all of them, by kind and name of the attribute.
    differing
        Names of what its endpoints do not agree on, where only one value can be kept.
    """

    key: str
    endpoints: tuple[Endpoint, ...]
    values: Values
    differing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class People:
    """Everybody.

    Parameters
    ----------
    repeated
        How many lines were about an endpoint that another line is about too.
    company
        How many endpoints stand for company events, and are nobody.
    rekeyed
        Endpoints without a user whose id is the id of somebody else's user.
    """

    all: tuple[Person, ...]
    repeated: int
    company: int
    rekeyed: int


def people_of(endpoints: Iterable[Endpoint], key: Key) -> People:
    """Put endpoints together.

    Parameters
    ----------
    endpoints
        Lines of exports. Of several about one endpoint the newest counts, but an opt-out in any of them holds.
    key
        What becomes the AccountNumber: each endpoint's id, or the user's, which merges a user's endpoints.

    Returns
    -------
    People
        Everybody once.
    """
    lines = list(endpoints)
    customers = [one for one in lines if not one.stands_for_company]
    newest = _newest(customers)
    groups: dict[str, list[Endpoint]] = {}
    users = {one.user_id for one in newest if one.user_id} if key == "user" else set()
    rekeyed = 0
    for one in newest:
        name = (one.user_id if key == "user" else "") or one.id
        if not one.user_id and one.id in users:
            name, rekeyed = f"endpoint:{one.id}", rekeyed + 1
        groups.setdefault(name, []).append(one)
    everybody = tuple(_person(name, group) for name, group in groups.items())
    company = len({one.id for one in lines if one.stands_for_company})
    return People(everybody, len(customers) - len(newest), company, rekeyed)


def widths_of(people: Iterable[Person]) -> dict[tuple[Kind, str], int]:
    """How many values of each attribute somebody has at most."""
    widths: Counter[tuple[Kind, str]] = Counter()
    for person in people:
        for name, values in person.values.items():
            widths[name] = max(widths[name], len(values))
    return dict(widths)


def _newest(endpoints: Iterable[Endpoint]) -> list[Endpoint]:
    """Each endpoint once, the newest first; nobody who opted out in one export is let in by another."""
    known: dict[str, Endpoint] = {}
    for one in sorted(endpoints, key=lambda one: one.effective_date, reverse=True):
        kept = known.setdefault(one.id, one)
        if one.has_opted_out and not kept.has_opted_out:
            known[one.id] = replace(kept, opt_out=one.opt_out)
    return list(known.values())


def _person(key: str, endpoints: list[Endpoint]) -> Person:
    values: dict[tuple[Kind, str], tuple[str, ...]] = {}
    differing: set[str] = set()
    for one in endpoints:
        for (kind, name), found in values_of(one).items():
            before = values.get((kind, name))
            if before is None:
                values[kind, name] = found
            elif kind == "user" and set(before) != set(found):
                # Pinpoint copies them to all endpoints of a user: they differ only between exports.
                differing.add(f"User.UserAttributes.{name}")
            elif kind != "user":
                values[kind, name] = tuple(dict.fromkeys((*before, *found)))
        for name, value in one.metrics.items():
            text = (number(value),)
            if values.setdefault(("metric", name), text) != text:
                differing.add(f"Metrics.{name}")
    values |= _identity(key, endpoints)
    return Person(key, tuple(endpoints), values, tuple(sorted(differing)))


def _identity(key: str, endpoints: list[Endpoint]) -> Iterator[tuple[tuple[Kind, str], tuple[str, ...]]]:
    """What the AccountNumber does not say, and who must not be written to."""
    users = dict.fromkeys(one.user_id for one in endpoints if one.user_id not in ("", key))
    found = {
        "user_id": users,
        "endpoint_id": dict.fromkeys(one.id for one in endpoints if one.id != key),
        "opted_out": dict.fromkeys(one.channel or "?" for one in endpoints if one.has_opted_out),
        "inactive": dict.fromkeys(one.channel or "?" for one in endpoints if one.is_inactive),
    }
    for name, values in found.items():
        if values:
            yield ("own", name), tuple(values)
    countries = dict.fromkeys(one.location["Country"] for one in endpoints if "Country" in one.location)
    if len(countries) > 1:
        # The profile's address holds one.
        yield ("own", COUNTRY), tuple(countries)
