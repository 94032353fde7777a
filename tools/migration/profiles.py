"""Profiles in the shape of CreateProfile, and who of them must not be written to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Final

from tools.migration.endpoints import Endpoint
from tools.migration.findings import Finding
from tools.migration.naming import JOINT, Attribute, Names
from tools.migration.people import Person

# Customer Profiles: at most 3 e-mail addresses and 4 phone numbers in the fields that campaigns send to.
EMAIL_FIELDS: Final = ("EmailAddress", "PersonalEmailAddress", "BusinessEmailAddress")
PHONE_FIELDS: Final = ("PhoneNumber", "MobilePhoneNumber", "HomePhoneNumber", "BusinessPhoneNumber")
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {"EMAIL": EMAIL_FIELDS, "SMS": PHONE_FIELDS, "VOICE": PHONE_FIELDS}
ADDRESS_FIELDS: Final[Mapping[str, str]] = {
    "City": "City",
    "Country": "Country",
    "PostalCode": "PostalCode",
    "Region": "State",
}
_LONGEST: Final = 255
MARKED: Final = "yes"


@dataclass(frozen=True, slots=True)
class Loss:
    """Something of one endpoint that is not in its profile.

    Parameters
    ----------
    what
        Which value; never the value itself.
    """

    account: str
    endpoint: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Silent:
    """An address that is in no profile, since its owner must not be written to."""

    account: str
    endpoint: str
    channel: str
    address: str
    why: str


@dataclass(slots=True)
class Profiles:
    """What became of everybody.

    Parameters
    ----------
    requests
        `CreateProfile` without the domain's name.
    """

    requests: list[dict[str, Any]] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    silent: list[Silent] = field(default_factory=list)

    def findings(self) -> list[Finding]:
        """Losses and silent addresses, counted."""
        counts = Counter((loss.what, loss.why) for loss in self.losses)
        counts.update(("Address", f"not in the profile: {one.why}; see profiles/silent.csv") for one in self.silent)
        return [Finding("lost", what, why, count) for (what, why), count in counts.items()]


def profiles_of(people: Iterable[Person], names: Names, marks: Mapping[str, AbstractSet[str]]) -> Profiles:
    """Make profiles.

    Parameters
    ----------
    people
        Everybody.
    names
        Names of attributes.
    marks
        Ids of endpoints by the profile's attribute that marks them as members of a segment.

    Returns
    -------
    Profiles
        Their requests, and what of them is lost.
    """
    everybody = list(people)
    opted_out = {_spelled(one) for person in everybody for one in person.endpoints if one.has_opted_out and one.address}
    made = Profiles()
    for person in everybody:
        _Profile(person, names, marks, made).make(opted_out)
    return made


class _Profile:
    def __init__(self, person: Person, names: Names, marks: Mapping[str, AbstractSet[str]], made: Profiles) -> None:
        self._person = person
        self._names = names
        self._marks = marks
        self._made = made
        self._request: dict[str, Any] = {"AccountNumber": person.key}

    def make(self, opted_out: AbstractSet[str]) -> None:
        person = self._person
        if _length(person.key) > _LONGEST:
            for one in person.endpoints:
                self._lose(one.id[:_LONGEST], "the whole profile", f"its AccountNumber has over {_LONGEST} characters")
            return
        for one in person.endpoints:
            self._address(one, opted_out)
            for name in one.unknown:
                self._lose(one.id, name, "Pinpoint's model of an endpoint does not have it")
        for name in person.differing:
            self._lose(person.endpoints[0].id, name, "endpoints of the user differ: that of the newest one was taken")
        self._place()
        attributes = dict(self._attributes())
        if attributes:
            self._request["Attributes"] = attributes
        self._made.requests.append(self._request)

    def _address(self, one: Endpoint, opted_out: AbstractSet[str]) -> None:
        why = _silence(one, opted_out)
        if why:
            self._made.silent.append(Silent(self._person.key, one.id, one.channel, one.address, why))
        elif not one.address:
            self._lose(one.id, "Address", "the endpoint has none")
        elif one.channel not in _FIELDS:
            self._lose(one.id, f"Address of {one.channel or 'no channel'}", "profiles have no field for it")
        elif _length(one.address) > _LONGEST:
            self._lose(one.id, "Address", f"over {_LONGEST} characters")
        else:
            self._write(one)

    def _write(self, one: Endpoint) -> None:
        fields = _FIELDS[one.channel]
        if any(self._request.get(name) == one.address for name in fields):
            return
        free = [name for name in fields if name not in self._request]
        if free:
            self._request[free[0]] = one.address
        else:
            self._lose(
                one.id, f"Address of {one.channel}", f"a profile holds {len(fields)} of them: the newest are kept"
            )

    def _place(self) -> None:
        """The place of the newest endpoint that has one."""
        place: dict[str, str] = {}
        for one in self._person.endpoints:
            found = {name: one.location[name] for name in ADDRESS_FIELDS if name in one.location}
            if found and not place:
                place = {name: value for name, value in found.items() if self._fits(one.id, f"Location.{name}", value)}
            elif any(place.get(name) != value for name, value in found.items()):
                self._lose(one.id, "Location", "a profile holds one: that of the newest endpoint was taken")
        if place:
            self._request["Address"] = {ADDRESS_FIELDS[name]: value for name, value in place.items()}

    def _attributes(self) -> Iterator[tuple[str, str]]:
        for (kind, name), values in self._person.values.items():
            attribute = self._names.of(kind, name)
            yield from self._texts(attribute, [value for value in values if self._keeps(attribute, value)])
        members = {one.id for one in self._person.endpoints}
        for mark, marked in self._marks.items():
            if members & marked:
                yield mark, MARKED

    def _keeps(self, attribute: Attribute, value: str) -> bool:
        what = f"{_PLACES[attribute.kind]}{attribute.name}"
        if not value:
            self._lose(self._person.endpoints[0].id, what, "an empty value cannot be written")
            return False
        if attribute.joined and JOINT in value:
            self._lose(self._person.endpoints[0].id, what, f'the value has a "{JOINT}", which would make two of it')
            return False
        return self._fits(self._person.endpoints[0].id, what, value)

    def _texts(self, attribute: Attribute, values: list[str]) -> Iterator[tuple[str, str]]:
        if not attribute.joined:
            yield from zip(attribute.columns, values, strict=False)
            return
        kept: list[str] = []
        for value in values:
            if _length(JOINT.join([*kept, value])) <= _LONGEST:
                kept.append(value)
            else:
                what = f"{_PLACES[attribute.kind]}{attribute.name}"
                self._lose(self._person.endpoints[0].id, what, f"over {_LONGEST} characters with the values before it")
        if kept:
            yield attribute.target, JOINT.join(kept)

    def _fits(self, endpoint: str, what: str, value: str) -> bool:
        if _length(value) <= _LONGEST:
            return True
        self._lose(endpoint, what, f"over {_LONGEST} characters")
        return False

    def _lose(self, endpoint: str, what: str, why: str) -> None:
        self._made.losses.append(Loss(self._person.key, endpoint, what, why))


_PLACES: Final = {"own": "", "user": "User.UserAttributes.", "endpoint": "Attributes.", "metric": "Metrics."}


def _silence(one: Endpoint, opted_out: AbstractSet[str]) -> str:
    """Why an endpoint's address must be in no profile."""
    if one.has_opted_out:
        return "opted out"
    if one.is_inactive:
        return "inactive"
    if one.address and _spelled(one) in opted_out:
        return "another endpoint with this address opted out"
    return ""


def _spelled(one: Endpoint) -> str:
    """What endpoints with one address have in common, on whatever channel."""
    return one.address.casefold()


def _length(text: str) -> int:
    """In UTF-16 code units, as Java counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
