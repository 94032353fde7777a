"""Write the reference part of every README from the code, between the markers that terraform-docs uses.

docs.py write   write them
docs.py check   fail if one is out of date
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- BEGIN_TF_DOCS -->", "<!-- END_TF_DOCS -->"


class DocsError(Exception):
    """A README has no place for its reference."""


def readmes() -> list[Path]:
    """READMEs with a reference: the root's and those of the modules."""
    return [ROOT / "README.md", *sorted(ROOT.glob("modules/*/README.md"))]


def rendered(readme: Path) -> str:
    """The README as it should be."""
    text = readme.read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise DocsError(f"{readme.relative_to(ROOT)}: needs {BEGIN} and {END}, once each")
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n\n{reference(readme.parent)}\n\n{END}{rest.split(END)[1]}"


def reference(folder: Path) -> str:
    """Inputs and outputs of a module, in Markdown."""
    inputs = [_input(name, block) for name, block in _blocks(folder / "variables.tf", "variable")]
    outputs = [_output(name, block) for name, block in _blocks(folder / "outputs.tf", "output")]
    return "\n\n".join(["### Inputs", *inputs, "### Outputs", *outputs])


def _blocks(path: Path, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for block in hcl2.loads(path.read_text()).get(kind, []):
        for name, content in block.items():
            yield name.strip('"'), content


def _input(name: str, block: dict[str, Any]) -> str:
    need = f"default `{_value(block['default'])}`" if "default" in block else "required"
    form = _type(block["type"])
    if "\n" not in form:
        return f"#### `{name}` ({form}, {need})\n\n{_text(block['description'])}"
    return f"#### `{name}` (object, {need})\n\n{_text(block['description'])}\n\n```hcl\n{form}\n```"


def _output(name: str, block: dict[str, Any]) -> str:
    return f"#### `{name}`\n\n{_text(block['description'])}"


def _text(description: str) -> str:
    text = description.strip('"')
    if text.startswith("<<-"):
        text = text.partition("\n")[2].rpartition("\n")[0]
    return textwrap.dedent(text).strip().replace('\\"', '"').replace("$${", "${")


def _value(default: Any) -> str:  # noqa: ANN401 (any JSON)
    return default if isinstance(default, str) else json.dumps(default).replace('\\"', "").replace('""', '"')


def _type(expression: str) -> str:
    """A type with one line per field of an object."""
    text = expression.removeprefix("${").removesuffix("}") if expression.startswith("${") else expression
    lines, open_brackets, position = "", "", 0
    while position < len(text):
        if text.startswith("{}", position):
            lines, position = f"{lines}{{}}", position + 2
            continue
        character = text[position]
        position += 1
        if character in "({[":
            open_brackets += character
        elif character in ")}]":
            open_brackets = open_brackets[:-1]
        indentation = "\n" + "  " * open_brackets.count("{")
        if character == "{":
            lines += character + indentation
        elif character == "}":
            lines += indentation + character
        elif character == "," and open_brackets.endswith("{"):
            lines, position = lines + indentation, position + 1
        else:
            lines += character
    return lines


def main() -> None:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("command", choices=["write", "check"])
    command = parser.parse_args().command
    try:
        texts = {readme: rendered(readme) for readme in readmes()}
    except DocsError as error:
        sys.exit(f"error: {error}")
    stale = [readme for readme, text in texts.items() if readme.read_text() != text]
    if command == "check" and stale:
        names = ", ".join(str(readme.relative_to(ROOT)) for readme in stale)
        sys.exit(f"error: out of date: {names}; run make docs and commit the result")
    for readme in stale:
        readme.write_text(texts[readme])
    print(f"{len(texts)} READMEs say what the code says")


if __name__ == "__main__":
    main()
