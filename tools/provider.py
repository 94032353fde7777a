"""One process of the AWS provider, where a Terraform command would start and describe several, and each its own."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

# The provider's schema fills the heap of every command: collecting it less often saves a quarter of their work.
COLLECTED_LESS = {"GOGC": "400"}
ADDRESS = re.compile(r"^\s*TF_REATTACH_PROVIDERS='(.+)'$")


class ProviderError(RuntimeError):
    """The provider did not start; the text is what it said."""


@contextmanager
def attached(data: Path, folder: Path, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Run a provider in the mode that debuggers use.

    Parameters
    ----------
    data
        Terraform's data directory of a root that has been initialised: the provider is taken from there.
    folder
        The root: what the configuration names by a relative path, the provider looks for from here.
    environment
        What the provider sees. Credentials and endpoints that are not in the configuration are read from here, not
        from the environment of the commands; all of them share one configuration of the provider.

    Yields
    ------
    dict[str, str]
        The environment of commands that use this process.

    Raises
    ------
    ProviderError
        If there is no provider, or if it does not start.
    """
    found = sorted((data / "providers").glob("*/hashicorp/aws/*/*/terraform-provider-aws*"))
    if not found:
        raise ProviderError(f"{data}: no AWS provider; run terraform init first")
    environment = {**environment, **COLLECTED_LESS}
    with subprocess.Popen(
        [found[0], "-debug"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # As the local cloud's process: Ctrl-C reaches Terraform only, which still needs the provider.
        process_group=0,
    ) as process:
        try:
            yield {**environment, "TF_REATTACH_PROVIDERS": _address(process)}
        finally:
            process.terminate()


def _address(process: subprocess.Popen[str]) -> str:
    """Where the provider listens, which it prints when it is ready."""
    said: list[str] = []
    for line in process.stdout or ():
        if match := ADDRESS.match(line):
            return match[1]
        said.append(line)
    raise ProviderError("".join(["the AWS provider did not start:\n", *said]))
