"""Files that were saved from Pinpoint: endpoints, segments, templates, journeys."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tools.migration.endpoints import Endpoint, EndpointError, endpoint

ENDPOINTS: Final = "endpoints"
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "segments": ("Id", "SegmentType"),
    "templates": ("TemplateName", "TemplateType"),
    "journeys": ("Id", "Name"),
}
_LISTED_TEMPLATE: Final = frozenset(
    {"Arn", "CreationDate", "DefaultSubstitutions", "LastModifiedDate", "tags", "TemplateDescription", "TemplateName"}
    | {"TemplateType", "Version"}
)
_HALF_CHARACTER: Final = re.compile(r"\\u[dD][89a-fA-F]")
_ENDINGS: Final = (".json", ".jsonl", ".csv", ".json.gz", ".jsonl.gz", ".csv.gz", ".gz")


class InputError(Exception):
    """A file that cannot be converted: which, where, the rule and the remedy."""

    def __init__(self, file: str, rule: str, remedy: str, line: int | None = None) -> None:
        place = file if line is None else f"{file}:{line}"
        super().__init__(f"{place}: {rule}. {remedy}.")


@dataclass(frozen=True, slots=True)
class Saved:
    """A document as Pinpoint's API answered it, and the file that holds it."""

    file: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class App:
    """Everything that was saved of an application.

    Parameters
    ----------
    endpoints
        Every line of every export, in the order of the files; one endpoint may come several times.
    members
        Ids of the endpoints in each segment whose members were exported, by the segment's id.
    files
        How many endpoints each file of endpoints has.
    """

    endpoints: tuple[Endpoint, ...] = ()
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    files: Mapping[str, int] = field(default_factory=dict)
    segments: tuple[Saved, ...] = ()
    templates: tuple[Saved, ...] = ()
    journeys: tuple[Saved, ...] = ()


def read_app(folder: Path) -> App:
    """Read `endpoints/`, `segments/`, `templates/` and `journeys/`.

    Parameters
    ----------
    folder
        Holds these folders and nothing else. `endpoints/<segment id>/` holds exports of one segment.

    Returns
    -------
    App
        What they hold.

    Raises
    ------
    InputError
        A file cannot be read, or nobody would read it.
    """
    if not folder.is_dir():
        raise InputError(str(folder), "no such folder", "Give FROM the folder with what was saved of Pinpoint")
    kinds = (ENDPOINTS, *_NEEDED)
    for path in sorted(folder.iterdir()):
        if path.name not in kinds or not path.is_dir():
            rule = f"only the folders {', '.join(kinds)} are converted"
            raise InputError(path.name, rule, "Move it out of FROM, or into the folder that it belongs to")
    endpoints: list[Endpoint] = []
    members: dict[str, set[str]] = {}
    files: dict[str, int] = {}
    for path in _files(folder / ENDPOINTS):
        name = path.relative_to(folder).as_posix()
        found = list(_endpoints(path, name))
        endpoints += found
        files[name] = len(found)
        if path.parent != folder / ENDPOINTS:
            segment = path.relative_to(folder / ENDPOINTS).parts[0]
            members.setdefault(segment, set()).update(one.id for one in found)
    documents = {kind: tuple(_documents(folder, kind)) for kind in _NEEDED}
    frozen = {segment: frozenset(ids) for segment, ids in members.items()}
    known = {str(saved.document["Id"]) for saved in documents["segments"]}
    for segment in frozen.keys() - known:
        rule = "the folder is named by no segment of segments/"
        raise InputError(f"{ENDPOINTS}/{segment}", rule, "Name it by the segment's Id, or save the segment as well")
    return App(tuple(endpoints), frozen, files, **documents)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []


def _endpoints(path: Path, name: str) -> Iterator[Endpoint]:
    if not path.name.endswith(_ENDINGS):
        rule = f"not a file of endpoints: those end in {', '.join(_ENDINGS)}"
        raise InputError(name, rule, "Keep the names of the exported files")
    text = _text(path, name)
    lines = _rows(text, name) if ".csv" in path.name else _json_lines(text, name)
    for number, document in lines:
        try:
            yield endpoint(document)
        except EndpointError as error:
            raise InputError(name, error.rule, error.remedy, number) from error


def _text(path: Path, name: str) -> str:
    try:
        content = path.read_bytes()
        # What is compressed shows in its first bytes: exports are renamed on their way through buckets.
        return (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(name, "cannot be read, or is cut off", "Copy the exported file again") from error
    except UnicodeDecodeError as error:
        raise InputError(name, "not UTF-8", "Save it as UTF-8") from error


def _json_lines(text: str, name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    # A line of JSON may hold U+2028, which is the end of a line for splitlines.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                document = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise InputError(name, "not JSON", "Copy the exported file again", number) from error
            if not isinstance(document, dict):
                raise InputError(name, "not a JSON object", "Each line of an export is one endpoint", number)
            if _HALF_CHARACTER.search(line) and not _is_whole(document):
                raise InputError(name, "half of a character (a lone surrogate)", "Mend the value", number)
            yield number, document


def _is_whole(document: Mapping[str, Any]) -> bool:
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _rows(text: str, name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Rows of a CSV as documents: `User.UserAttributes.plan` is a column; a column that comes again adds a value."""
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(rows, [])
        for row in rows:
            if len(row) != len(header):
                rule = f"{len(row)} values for {len(header)} columns"
                raise InputError(
                    name, rule, "Write each value that has a comma or a line break in quotes", rows.line_num
                )
            yield rows.line_num, _document(header, row)
    except csv.Error as error:
        raise InputError(name, "not CSV", "Copy the exported file again", rows.line_num) from error


def _document(header: list[str], row: list[str]) -> Mapping[str, Any]:
    document: dict[str, Any] = {}
    for column, cell in zip(header, row, strict=True):
        if cell == "":
            continue
        for prefix in ("User.UserAttributes.", "Attributes.", "Metrics."):
            if column.startswith(prefix):
                place = _inside(document, prefix.split(".")[:-1])
                key = column.removeprefix(prefix)
                if prefix == "Metrics.":
                    place[key] = _parsed_number(cell)
                else:
                    place.setdefault(key, []).append(cell)
                break
        else:
            *parents, key = column.split(".")
            _inside(document, parents)[key] = _parsed_number(cell) if key in ("Latitude", "Longitude") else cell
    return document


def _inside(document: dict[str, Any], parents: list[str]) -> dict[str, Any]:
    for parent in parents:
        document = document.setdefault(parent, {})
    return document


def _parsed_number(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell


def _documents(folder: Path, kind: str) -> Iterator[Saved]:
    seen: dict[str, str] = {}
    for path in _files(folder / kind):
        name = path.relative_to(folder).as_posix()
        if path.suffix != ".json":
            raise InputError(name, "not a .json file", "Save what the AWS CLI prints as .json")
        text = _text(path, name)
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            line = error.lineno if isinstance(error, json.JSONDecodeError) else None
            raise InputError(name, "not JSON", "Save what the AWS CLI prints as it is", line) from error
        for document in _items(value, name):
            missing = [key for key in _NEEDED[kind] if not isinstance(document.get(key), str)]
            if missing:
                rule = f"not one of Pinpoint's {kind}: {' and '.join(missing)} must be there, as text"
                raise InputError(name, rule, "Save the answer of the API as it is")
            if kind == "templates" and set(document) <= _LISTED_TEMPLATE:
                rule = "the list of templates holds no texts"
                raise InputError(name, rule, "Save each template by get-email-template, get-sms-template and so on")
            identifier = "/".join(str(document[key]) for key in _NEEDED[kind] if key != "SegmentType")
            if identifier in seen:
                rule = f"the same {kind.removesuffix('s')} is in {seen[identifier]}"
                raise InputError(name, rule, "Keep the newer one")
            seen[identifier] = name
            yield Saved(name, document)


def _items(value: object, name: str) -> Iterator[Mapping[str, Any]]:
    """The documents in an answer of the AWS CLI or of an SDK, alone or in a list."""
    if isinstance(value, dict):
        inner = [key for key in value if key.endswith("Response")]
        if len(inner) == 1:
            value = value[inner[0]]
    if isinstance(value, dict) and isinstance(value.get("Item"), list):
        if value.get("NextToken"):
            raise InputError(name, "one page of several", "Save the other pages too, and remove NextToken")
        value = value["Item"]
    for one in value if isinstance(value, list) else [value]:
        if not isinstance(one, dict):
            raise InputError(name, "not a JSON object", "Save the answer of the API as it is")
        yield one
