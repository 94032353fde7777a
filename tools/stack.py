"""A Terraform root applied on the local cloud, with its state outside the tree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from local_cloud.process import LocalCloud
from tools.provider import attached

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ROOT / ".local" / "pythons.json"
CLI_CONFIG = ROOT / ".local" / "terraformrc"
COMPLETE = ROOT / "examples" / "complete"

LOCAL_VARIABLES: Mapping[str, Any] = {
    "function": {"architecture": "x86_64"},
    "company_events": {"function": {"architecture": "x86_64"}},
}
"""Functions run on this machine's processor; everything else is as an account would have it."""

Say = Callable[[str], None]


class StackError(RuntimeError):
    """Terraform failed; the text is what it said."""


def pythons() -> dict[str, str]:
    """Interpreters that run the functions, as `make` prepared them."""
    found: dict[str, str] = json.loads(PYTHONS.read_text())
    return found


class Stack:
    """One root module in one account of a local cloud.

    Parameters
    ----------
    cloud
        A running local cloud.
    directory
        Where variables, state and Terraform's own data are kept.
    variables
        Inputs of the root; they may be replaced between two applies.
    folder
        The root; `examples/complete` by default.
    account
        Twelve digits; the cloud's default account otherwise.
    """

    def __init__(
        self,
        cloud: LocalCloud,
        directory: Path,
        variables: Mapping[str, Any],
        folder: Path = COMPLETE,
        account: str | None = None,
    ) -> None:
        self.cloud = cloud
        self._directory = directory
        self._folder = folder
        self.variables = variables
        self._outputs: dict[str, Any] | None = None
        self._data = directory / "terraform"
        self._environment = (
            os.environ
            | cloud.environment
            | {"TF_CLI_CONFIG_FILE": str(CLI_CONFIG), "TF_DATA_DIR": str(self._data), "TF_IN_AUTOMATION": "1"}
            | ({"AWS_ACCESS_KEY_ID": account} if account else {})
        )
        # The cloud speaks plain HTTP, and a provider that is configured once more refuses a bundle.
        self._environment.pop("AWS_CA_BUNDLE", None)

    def apply(self, say: Say = lambda _: None) -> dict[str, Any]:
        """Create or change everything and return the outputs; `say` hears of each resource."""
        self._outputs = None
        self._directory.mkdir(parents=True, exist_ok=True)
        self._write_variables()
        self._terraform("init", "-input=false", "-no-color", "-backend=false")
        planned = done = 0
        for message in self._messages("apply", "-auto-approve"):
            planned += message["type"] == "planned_change" and message["change"]["action"] != "read"
            if message["type"] == "apply_complete" and message["hook"]["action"] != "read":
                done += 1
                seconds = message["hook"].get("elapsed_seconds", 0)
                say(f"{done:3} of {planned}  {message['hook']['resource']['addr']} ({seconds:.0f} s)")
            # Of a sensitive output, only the command `output` tells the value.
            if message["type"] == "outputs" and all("value" in output for output in message["outputs"].values()):
                self._outputs = _values(message["outputs"])
        return self.outputs()

    def outputs(self) -> dict[str, Any]:
        """Outputs of the applied root by name."""
        # Terraform starts the provider to tell them, so it is asked only for what another apply has made.
        if self._outputs is None:
            text = self._terraform("output", "-json", self._state())
            self._outputs = _values(json.loads(text))
        return self._outputs

    def changes(self) -> list[str]:
        """What a plan would change: addresses with their actions, empty on a second plan."""
        self._write_variables()
        return [
            f"{message['change']['action']} {message['change']['resource']['addr']}"
            for message in self._messages("plan")
            if message["type"] == "planned_change"
        ]

    def forget(self) -> None:
        """Drop what is known of an applied root, for a cloud that does not hold it any more."""
        shutil.rmtree(self._directory, ignore_errors=True)

    def destroy(self) -> None:
        """Remove everything."""
        for _ in self._messages("destroy", "-auto-approve"):
            pass

    def _write_variables(self) -> None:
        (self._directory / "variables.tfvars.json").write_text(json.dumps(self.variables))

    def _state(self) -> str:
        return f"-state={self._directory / 'terraform.tfstate'}"

    def _variable_file(self) -> str:
        return f"-var-file={self._directory / 'variables.tfvars.json'}"

    def _messages(self, command: str, *arguments: str) -> Iterator[dict[str, Any]]:
        """Run a command and yield its messages as they come; an error ends in StackError."""
        errors: list[str] = []
        with (
            attached(self._data, self._folder, self._environment) as environment,
            subprocess.Popen(
                ["terraform", command, "-json", "-input=false", *arguments, self._state(), self._variable_file()],
                cwd=self._folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ) as process,
        ):
            for line in process.stdout or ():
                try:
                    message: dict[str, Any] = json.loads(line)
                except ValueError:
                    errors.append(line.rstrip())
                    continue
                if message["type"] == "diagnostic" and message["diagnostic"]["severity"] == "error":
                    errors.append(f"{message['diagnostic']['summary']}: {message['diagnostic'].get('detail', '')}")
                yield message
        if process.returncode:
            raise StackError(f"terraform {command} failed:\n" + "\n".join(errors))

    def _terraform(self, *arguments: str) -> str:
        result = subprocess.run(
            ["terraform", *arguments],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            raise StackError(f"terraform {arguments[0]} failed:\n{result.stdout}{result.stderr}")
        return result.stdout


def _values(outputs: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Values of outputs by name."""
    return {name: output["value"] for name, output in outputs.items()}
