"""Segments as definitions of Customer Profiles.

One group of a definition joins its tests and its source segments in one way each. What Pinpoint nests deeper becomes a
definition of its own. A segment that profiles cannot answer becomes a mark on those who were in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tools.migration.criteria import EXPORT_IT, Clause, Joined, Note, NoTwinError, attribute_test, clauses_of
from tools.migration.findings import Finding, changes, lost
from tools.migration.naming import Names
from tools.migration.profiles import MARKED
from tools.migration.reading import Saved

# Plans name existing segments by letters, digits and hyphens (plan.schema.json); Customer Profiles takes 64.
_UNFIT: Final = re.compile(r"[^A-Za-z0-9]+")
_LENGTH: Final = 64
# Customer Profiles: different attributes in a segment, together with those that it builds on.
_ATTRIBUTES: Final = 60
_KNOWN: Final = frozenset(
    {"ApplicationId", "Arn", "CreationDate", "Dimensions", "Id", "ImportDefinition", "LastModifiedDate", "Name"}
    | {"SegmentGroups", "SegmentType", "tags", "Version"}
)
_NOBODY: Final = "engagement-nobody"


@dataclass(frozen=True, slots=True)
class Definition:
    """A segment definition.

    Parameters
    ----------
    groups
        `Groups` of CreateSegmentDefinition, which must all hold.
    attributes
        Every attribute that it reads, also through the definitions that it builds on.
    """

    name: str
    display: str
    groups: tuple[Mapping[str, Any], ...]
    attributes: frozenset[str]

    def request(self) -> dict[str, Any]:
        """`CreateSegmentDefinition` without the domain's name."""
        groups = {"Include": "ALL", "Groups": list(self.groups)}
        return {"SegmentDefinitionName": self.name, "DisplayName": self.display, "SegmentGroups": groups}


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of a segment.

    Parameters
    ----------
    definitions
        Its own last, before it those that it builds on; none if it is lost.
    """

    saved: Saved
    definitions: tuple[Definition, ...]
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class Segments:
    """What became of all segments.

    Parameters
    ----------
    converted
        In the order in which definitions have to be made, by the segments' ids.
    marks
        Ids of segments by the profile's attribute that marks their members.
    """

    converted: dict[str, Converted] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)

    def name_of(self, segment_id: str) -> str | None:
        """Name of the definition that a segment became, None if it is lost or was never saved."""
        found = self.converted.get(segment_id)
        return found.definitions[-1].name if found and found.definitions else None


def segments_of(saved: Iterable[Saved], names: Names, exported: Iterable[str]) -> Segments:
    """Convert segments.

    Parameters
    ----------
    saved
        `SegmentResponse` documents.
    names
        Names of attributes.
    exported
        Ids of the segments whose members were exported.

    Returns
    -------
    Segments
        What became of each.
    """
    return _Conversion({str(one.document["Id"]): one for one in saved}, names, frozenset(exported)).convert()


class _Conversion:
    def __init__(self, saved: Mapping[str, Saved], names: Names, exported: frozenset[str]) -> None:
        self._saved = saved
        self._names = names
        self._exported = exported
        self._taken: set[str] = set()
        self._made = Segments()
        self._open: list[str] = []

    def convert(self) -> Segments:
        for identifier in self._saved:
            self._segment(identifier)
        return self._made

    def _segment(self, identifier: str) -> Converted:
        """A segment, after those that it builds on."""
        if identifier in self._made.converted:
            return self._made.converted[identifier]
        saved = self._saved[identifier]
        self._open.append(identifier)
        findings = [
            lost(name, "Pinpoint's model of a segment does not have it") for name in saved.document.keys() - _KNOWN
        ]
        if saved.document.get("tags"):
            findings.append(lost("tags", "not taken over: give the definitions tags of your own"))
        attempt = _Attempt(self._display(saved.document), self)
        try:
            definitions = attempt.definitions(saved.document)
            findings += attempt.findings
        except NoTwinError as error:
            definitions = self._marked(identifier, self._display(saved.document))
            if definitions:
                text = f"{error.text}: its members of the export are marked, and stay the same people"
                findings.append(changes(error.place, text))
            else:
                findings.append(lost(error.place, f"{error.text}; {EXPORT_IT}"))
        self._open.pop()
        self._made.converted[identifier] = Converted(saved, definitions, tuple(findings))
        return self._made.converted[identifier]

    def _marked(self, identifier: str, display: str) -> tuple[Definition, ...]:
        if identifier not in self._exported:
            return ()
        mark = self._names.of("own", f"segment_{identifier}").target
        self._made.marks[mark] = identifier
        group = {"Type": "ALL", "Dimensions": [attribute_test(mark, "INCLUSIVE", [MARKED])]}
        return (Definition(self.fresh(display), display, (group,), frozenset({mark})),)

    def source(self, reference: Mapping[str, Any], place: str) -> tuple[Definition, tuple[Note, ...]]:
        """The definition that a referenced segment became, and what is different about it."""
        identifier = str(reference.get("Id", ""))
        if identifier not in self._saved:
            raise NoTwinError(place, f"the segment {identifier} was not saved: save it into segments/")
        if identifier in self._open:
            raise NoTwinError(place, "it builds on itself")
        converted = self._segment(identifier)
        if not converted.definitions:
            raise NoTwinError(place, f"it builds on the segment {identifier}, which is lost")
        version, current = reference.get("Version"), converted.saved.document.get("Version")
        differs = version not in (None, current)
        notes = ((place, f"builds on version {version}; version {current} was saved"),) if differs else ()
        return converted.definitions[-1], notes

    def clauses(self, dimensions: Mapping[str, Any], place: str) -> Iterator[Clause]:
        return clauses_of(dimensions, self._names, place)

    def fresh(self, display: str) -> str:
        """A name that no definition has."""
        base = _UNFIT.sub("-", display).strip("-")[:_LENGTH].strip("-") or "segment"
        name, count = base, 1
        while name.lower() in self._taken:
            count += 1
            name = f"{base[: _LENGTH - len(str(count)) - 1]}-{count}"
        self._taken.add(name.lower())
        return name

    @staticmethod
    def _display(document: Mapping[str, Any]) -> str:
        return str(document.get("Name") or document["Id"])[:255]


class _Attempt:
    """The definitions of one segment, as long as nothing of it is without a twin."""

    def __init__(self, display: str, conversion: _Conversion) -> None:
        self._display = display
        self._conversion = conversion
        self._helpers: list[Definition] = []
        self._is_everybody = False
        self._notes: dict[Note, None] = {}

    @property
    def findings(self) -> list[Finding]:
        found = [changes(*note) for note in self._notes]
        if self._is_everybody:
            found.append(
                changes("Dimensions", "without a criterion everybody belongs: also who becomes a profile later")
            )
        if self._helpers:
            text = f"takes {len(self._helpers)} definitions more, which are made first"
            found.append(changes("SegmentGroups", text))
        return found

    def definitions(self, document: Mapping[str, Any]) -> tuple[Definition, ...]:
        if document["SegmentType"] != "DIMENSIONAL":
            raise NoTwinError("SegmentType", "an imported segment is a list of people, not a rule")
        if document.get("SegmentGroups"):
            groups, read = self._joined_groups(document["SegmentGroups"])
        else:
            groups, read = self._all(document.get("Dimensions") or {}, "Dimensions")
        if len(read) > _ATTRIBUTES:
            text = f"reads {len(read)} attributes, and a segment can read {_ATTRIBUTES}"
            raise NoTwinError("Dimensions", text)
        self._is_everybody = not groups
        last = Definition(self._conversion.fresh(self._display), self._display, groups or (_everybody(),), read)
        return (*self._helpers, last)

    def _joined_groups(self, joined: Mapping[str, Any]) -> tuple[tuple[Mapping[str, Any], ...], frozenset[str]]:
        include: Joined = joined.get("Include") or "ALL"
        if not joined.get("Groups"):
            raise NoTwinError("SegmentGroups", "it has no group")
        made = [
            self._group(group, f"SegmentGroups.Groups[{place}]")
            for place, group in enumerate(joined.get("Groups") or [])
        ]
        if include == "ALL":
            return tuple(one for groups, _ in made for one in groups), frozenset().union(*(read for _, read in made))
        return self._alternatives(made, include)

    def _group(self, group: Mapping[str, Any], place: str) -> tuple[tuple[Mapping[str, Any], ...], frozenset[str]]:
        """Source segments and criteria of a group: both must hold."""
        groups: list[Mapping[str, Any]] = []
        read: frozenset[str] = frozenset()
        if sources := group.get("SourceSegments"):
            found = []
            for number, reference in enumerate(sources):
                definition, notes = self._conversion.source(reference, f"{place}.SourceSegments[{number}]")
                found.append(definition)
                read |= definition.attributes
                self._notes |= dict.fromkeys(notes)
            groups.append(_sources(found, group.get("SourceType") or "ALL"))
        criteria = group.get("Dimensions") or []
        made = [self._all(one, f"{place}.Dimensions[{number}]") for number, one in enumerate(criteria)]
        kind: Joined = group.get("Type") or "ALL"
        if kind == "ALL":
            groups += [one for parts, _ in made for one in parts]
            read |= frozenset().union(*(its for _, its in made))
        elif made:
            alternatives, its = self._alternatives(made, kind)
            groups += alternatives
            read |= its
        return tuple(groups), read

    def _all(self, dimensions: Mapping[str, Any], place: str) -> tuple[tuple[Mapping[str, Any], ...], frozenset[str]]:
        """Groups of one set of criteria, which must all hold; tests that stand alone share one."""
        clauses = list(self._conversion.clauses(dimensions, place))
        for clause in clauses:
            self._notes |= dict.fromkeys(clause.notes)
        single = [clause.dimensions[0] for clause in clauses if clause.is_single]
        groups = [{"Type": "ALL", "Dimensions": single}] if single else []
        groups += [
            {"Type": clause.joined, "Dimensions": list(clause.dimensions)} for clause in clauses if not clause.is_single
        ]
        return tuple(groups), frozenset().union(*(clause.attributes for clause in clauses))

    def _alternatives(
        self, made: list[tuple[tuple[Mapping[str, Any], ...], frozenset[str]]], joined: Joined
    ) -> tuple[tuple[Mapping[str, Any], ...], frozenset[str]]:
        """Any, or none, of several sets of groups: single tests stand side by side, the rest become definitions."""
        read: frozenset[str] = frozenset().union(*(its for _, its in made))
        if all(len(groups) == 1 and len(groups[0].get("Dimensions", ())) == 1 for groups, _ in made) and all(
            groups[0].get("Type") != "NONE" for groups, _ in made
        ):
            return ({"Type": joined, "Dimensions": [groups[0]["Dimensions"][0] for groups, _ in made]},), read
        helpers = []
        for groups, its in made:
            name = self._conversion.fresh(f"{self._display[:48]}-part")
            helper = Definition(name, f"{self._display[:230]} (part)", groups or (_everybody(),), its)
            helpers.append(helper)
        self._helpers += helpers
        return (_sources(helpers, joined),), read


def _sources(definitions: Iterable[Definition], joined: Joined) -> Mapping[str, Any]:
    sources = [{"SegmentDefinitionName": one.name} for one in definitions]
    return {"SourceSegments": sources, "SourceType": joined}


def _everybody() -> Mapping[str, Any]:
    """A group without criteria is not published as possible, and each profile of ours has a number."""
    number = {"DimensionType": "EXCLUSIVE", "Values": [_NOBODY]}
    return {"Type": "ALL", "Dimensions": [{"ProfileAttributes": {"AccountNumber": number}}]}
