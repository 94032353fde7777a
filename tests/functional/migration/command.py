"""`make migrate-app` and the files that it writes."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from tools.migration import __main__ as command


@dataclass(frozen=True)
class Result:
    """What the command did."""

    code: int
    said: str
    folder: Path

    def json(self, path: str) -> Any:
        return json.loads((self.folder / path).read_text(encoding="utf-8"))

    def all(self, folder: str) -> list[Any]:
        """The documents of a folder, in the order of their names."""
        return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((self.folder / folder).glob("*.json"))]

    def profiles(self) -> list[dict[str, Any]]:
        lines = (self.folder / "profiles" / "create-profile.jsonl").read_text(encoding="utf-8").split("\n")
        return [json.loads(line) for line in lines if line]

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self.folder / "profiles" / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, strict=True))

    def entries(self, kind: str) -> dict[str, dict[str, Any]]:
        return {one["name"]: one for one in self.json("report.json")["inputs"] if one["kind"] == kind}


def run(source: Path, target: Path, *options: str) -> Result:
    """Run the command."""
    arguments = ["make migrate-app", *options, "--", str(source), str(target)]
    said = io.StringIO()
    code = 0
    streams = contextlib.redirect_stdout(said), contextlib.redirect_stderr(said)
    with mock.patch.object(sys, "argv", arguments), streams[0], streams[1]:
        try:
            command.main()
        except SystemExit as end:
            code = int(end.code or 0)
    return Result(code, said.getvalue(), target)
