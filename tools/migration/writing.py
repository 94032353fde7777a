"""The files of a conversion: all of them, or none."""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any, Final

from tools.migration import report
from tools.migration.conversion import Conversion
from tools.migration.profiles import ADDRESS_FIELDS, EMAIL_FIELDS, PHONE_FIELDS, Loss, Profiles, Silent

# The columns of attributes have a prefix, so that an attribute may be called City too.
_PREFIX: Final = "Attributes_"
_KEY: Final = "AccountNumber"
# Customer Profiles keeps what an upload job brought for two weeks unless it is told otherwise, and at most so long.
_EXPIRY_DAYS: Final = 1098
_CONTENT: Final = {
    **dict.fromkeys(EMAIL_FIELDS, "EMAIL_ADDRESS"),
    **dict.fromkeys(PHONE_FIELDS, "PHONE_NUMBER"),
}


class OutputError(Exception):
    """The folder cannot be written; says what to do."""


def write(conversion: Conversion, folder: Path) -> None:
    """Write everything beside the folder, and then give it its name.

    Parameters
    ----------
    conversion
        The result.
    folder
        Must not exist.

    Raises
    ------
    OutputError
        It exists, or cannot be written.
    """
    if folder.exists():
        raise OutputError(f"{folder}: exists. Give TO a folder that does not, or remove it.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            _fill(conversion, draft)
            draft.rename(folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    except OSError as error:
        raise OutputError(f"{folder}: {error.strerror}. Give TO a folder that can be written.") from error


def _fill(conversion: Conversion, folder: Path) -> None:
    for path, content in conversion.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content if isinstance(content, str) else _json(content), encoding="utf-8")
    if conversion.people.all:
        (folder / "profiles").mkdir()
        _profiles(conversion.profiles, folder / "profiles")
    (folder / "report.json").write_text(_json(report.as_json(conversion)), encoding="utf-8")
    (folder / "report.md").write_text(report.as_markdown(conversion), encoding="utf-8")


def _profiles(profiles: Profiles, folder: Path) -> None:
    with (folder / "create-profile.jsonl").open("w", encoding="utf-8") as lines:
        lines.writelines(f"{json.dumps(request)}\n" for request in profiles.requests)
    rows = [dict(_row(request)) for request in profiles.requests]
    columns = [_KEY, *sorted({column for row in rows for column in row} - {_KEY})]
    _csv(folder / "upload.csv", columns, ([row.get(column, "") for column in columns] for row in rows))
    (folder / "upload-job.json").write_text(_json(_upload_job(columns)), encoding="utf-8")
    _csv(folder / "silent.csv", [one.name for one in fields(Silent)], map(astuple, profiles.silent))
    _csv(folder / "lost.csv", [one.name for one in fields(Loss)], map(astuple, profiles.losses))


def _row(request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in request.items():
        if name == "Attributes":
            yield from ((f"{_PREFIX}{attribute}", text) for attribute, text in value.items())
        elif name == "Address":
            yield from value.items()
        else:
            yield name, value


def _upload_job(columns: Iterable[str]) -> dict[str, Any]:
    """`CreateUploadJob` without the domain's name."""
    job = {column: {"Source": f"_source.{column}", **_target(column)} for column in columns}
    return {"DisplayName": "from-pinpoint", "Fields": job, "UniqueKey": _KEY, "DataExpiry": _EXPIRY_DAYS}


def _target(column: str) -> dict[str, str]:
    if column.startswith(_PREFIX):
        place = f"Attributes.{column.removeprefix(_PREFIX)}"
    else:
        place = f"Address.{column}" if column in ADDRESS_FIELDS.values() else column
    return {"Target": f"_profile.{place}", "ContentType": _CONTENT.get(column, "STRING")}


def _csv(path: Path, header: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _json(document: object) -> str:
    return json.dumps(document, indent=2) + "\n"
