"""A custom template as a file, and a sandbox to run it in."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import playwright
import yaml

HERE = Path(__file__).parent
NODE = Path(playwright.__file__).parent / "driver" / "node"
SOURCE = HERE.parents[1] / "gtm" / "template.tpl"


@dataclass(frozen=True)
class Template:
    """The sections of a template by name, in their order."""

    sections: dict[str, str]

    @classmethod
    def parse(cls, text: str) -> Template:
        """Cut a file at the lines with a section's name."""
        parts = re.split(r"^___([A-Z_]+)___$", text, flags=re.MULTILINE)[1:]
        return cls(dict(zip(parts[::2], parts[1::2], strict=True)))

    @property
    def code(self) -> str:
        """The sandboxed JavaScript."""
        return self.sections["SANDBOXED_JS_FOR_WEB_TEMPLATE"]

    @property
    def tests(self) -> dict[str, Any]:
        """The template's own tests: `setup` and `scenarios` with `name` and `code`."""
        tests: dict[str, Any] = yaml.safe_load(self.sections["TESTS"])
        return tests

    def with_code(self, find: str, replacement: str) -> Template:
        """The template after a change of one place in its code."""
        assert self.code.count(find) == 1, find
        return self.with_section("SANDBOXED_JS_FOR_WEB_TEMPLATE", find, replacement)

    def with_section(self, name: str, find: str, replacement: str) -> Template:
        """The template after a change of one section."""
        assert find in self.sections[name], find
        return Template({**self.sections, name: self.sections[name].replace(find, replacement)})


def run(command: str, **given: Any) -> Any:
    """Run one of the commands of `run.mjs`."""
    program = [str(NODE), "--expose-internals", "--no-warnings", str(HERE / "run.mjs"), command]
    done = subprocess.run(program, input=json.dumps(given), capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def run_scenarios(template: Template) -> dict[str, str | None]:
    """Run the template's own tests: what failed by scenario, None where nothing did."""
    outcome: dict[str, str | None] = run(
        "scenarios",
        code=template.code,
        permissions=template.sections["WEB_PERMISSIONS"],
        setup=template.tests.get("setup", ""),
        scenarios=template.tests["scenarios"],
    )
    return outcome
