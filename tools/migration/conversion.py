"""Everything that was saved, converted in the order in which one part needs the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.migration.findings import Entry, Finding, changes, lost
from tools.migration.journeys import Journey, journeys_of
from tools.migration.naming import JOINT, Lists, Names
from tools.migration.people import Key, People, people_of, widths_of
from tools.migration.placeholders import Variables
from tools.migration.profiles import Profiles, profiles_of
from tools.migration.reading import ENDPOINTS, App, Saved
from tools.migration.segments import Segments, segments_of
from tools.migration.templates import Template, templates_of


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller decides.

    Parameters
    ----------
    key
        What becomes the AccountNumber: `endpoint`, by which the pixel and stamps find profiles, or `user`, which
        merges a user's endpoints.
    lists
        What becomes of several values: attributes with numbers, or one text with commas.
    """

    key: Key = "endpoint"
    lists: Lists = "numbered"


@dataclass(frozen=True, slots=True)
class Conversion:
    """The result.

    Parameters
    ----------
    files
        Documents by the path that they are written to.
    entries
        What became of each input.
    """

    options: Options
    people: People
    names: Names
    profiles: Profiles
    files: Mapping[str, Mapping[str, Any] | str]
    entries: tuple[Entry, ...]


def convert(app: App, options: Options) -> Conversion:
    """Convert everything.

    Parameters
    ----------
    app
        What was saved.
    options
        What the caller decides.

    Returns
    -------
    Conversion
        Files to write, and what became of each input.
    """
    people = people_of(app.endpoints, options.key)
    names = Names(options.lists, widths_of(people.all))
    segments = segments_of(app.segments, names, app.members)
    marks = {mark: app.members[identifier] for mark, identifier in segments.marks.items()}
    profiles = profiles_of(people.all, names, marks)
    templates = list(templates_of(app.templates, Variables(names, options.key)))
    ready = {(str(one.saved.document["TemplateType"]), _template_name(one)) for one in templates if one.ready}
    journeys = list(journeys_of(app.journeys, segments, ready))
    files: dict[str, Mapping[str, Any] | str] = {}
    entries = [
        *_endpoints(app, people, names, profiles, options),
        *_segments(segments, files),
        *_templates(templates, files),
        *(_journey(one, files) for one in journeys),
    ]
    return Conversion(options, people, names, profiles, files, tuple(entries))


def _endpoints(app: App, people: People, names: Names, profiles: Profiles, options: Options) -> Iterator[Entry]:
    if not app.files:
        return
    findings = [*_of_names(names), *_of_people(people, options), *profiles.findings()]
    yield Entry(
        ENDPOINTS, "all endpoints", ", ".join(app.files), ("profiles/",) if profiles.requests else (), tuple(findings)
    )


def _of_names(names: Names) -> Iterator[Finding]:
    for one in names.renamed():
        place = f"{'User.UserAttributes' if one.kind == 'user' else 'Attributes'}.{one.name}"
        joined = f', one text with "{JOINT}" between values' if one.joined else ""
        yield changes(place, f"is now {', '.join(one.columns)}{joined}")
    for one in names.held():
        if one.kind in ("metric", "own"):
            yield changes(one.name, f"is the attribute {', '.join(one.columns)}, as text; nothing changes it later")


def _of_people(people: People, options: Options) -> Iterator[Finding]:
    if options.key == "user":
        text = "a profile is a user now: segments count people, and criteria hold if one of the endpoints meets them"
        yield changes("User.UserId", text)
    if people.repeated:
        yield Finding("changes", "Id", "the endpoint is in several lines: the newest counts", people.repeated)
    if people.rekeyed:
        text = "an endpoint without a user has the id of somebody's user: its AccountNumber begins with endpoint:"
        yield Finding("changes", "Id", text, people.rekeyed)
    if people.company:
        yield Finding("lost", "endpoint", "stands for company events, and is no customer", people.company)


def _segments(segments: Segments, files: dict[str, Mapping[str, Any] | str]) -> Iterator[Entry]:
    number = 0
    for converted in segments.converted.values():
        outputs = []
        for definition in converted.definitions:
            number += 1
            path = f"segments/{number:03}-{definition.name}.json"
            files[path] = definition.request()
            outputs.append(path)
        saved = converted.saved
        identifier = str(saved.document["Id"])
        yield Entry("segment", _segment_name(saved), saved.file, tuple(outputs), converted.findings, identifier)


def _segment_name(saved: Saved) -> str:
    return str(saved.document.get("Name") or saved.document["Id"])


def _templates(templates: list[Template], files: dict[str, Mapping[str, Any] | str]) -> Iterator[Entry]:
    for number, one in enumerate(templates, 1):
        outputs: tuple[str, ...] = ()
        if one.request is not None:
            folder = "templates" if one.ready else "templates/unfinished"
            plain = "".join(
                char if char.isascii() and (char.isalnum() or char in "_-") else "-" for char in _template_name(one)
            )
            outputs = (f"{folder}/{number:03}-{plain[:64]}.json",)
            files[outputs[0]] = one.request
        yield Entry("template", _template_name(one), one.saved.file, outputs, one.findings)


def _template_name(template: Template) -> str:
    return str(template.saved.document["TemplateName"])


def _journey(journey: Journey, files: dict[str, Mapping[str, Any] | str]) -> Entry:
    name, identifier = (str(journey.saved.document[key]) for key in ("Name", "Id"))
    if journey.plan is not None:
        path, content = f"plans/{journey.name}.json", journey.plan
    elif journey.trigger is not None:
        path, content = f"triggers/{journey.name}.json", journey.trigger
    else:
        path = f"journeys/{journey.name}.md"
        files[path] = journey.drawing
        drawn = lost("Activities", "no file does what it did: draw it by hand, as the description says")
        return Entry("journey", name, journey.saved.file, (path,), (drawn, *journey.findings), identifier)
    files[path] = content
    return Entry("journey", name, journey.saved.file, (path,), journey.findings, identifier)
