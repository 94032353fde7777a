"""The folder of a cloud: where everything lies, and whether what lies there can be taken up."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local_cloud.patching import VERSIONS

_FORMAT: Final = 5


class StateError(RuntimeError):
    """State that this version cannot take up, or that could not be saved."""


@dataclass(frozen=True)
class Layout:
    """Where everything of one cloud lies.

    Attributes
    ----------
    root
        The cloud's folder.
    """

    root: Path

    @property
    def state(self) -> Path:
        """MiniStack's state files."""
        return self.root / "state"

    @property
    def objects(self) -> Path:
        """Contents of S3 buckets."""
        return self.root / "s3"

    @property
    def functions(self) -> Path:
        """Unpacked code and layers."""
        return self.root / "functions"

    @property
    def temporary(self) -> Path:
        """TMPDIR."""
        return self.root / "tmp"

    @property
    def log(self) -> Path:
        """What the process prints when another process started it."""
        return self.root / "local-cloud.log"

    @property
    def manifest(self) -> Path:
        """Our own state; it exists only while the cloud is stopped, so that a crash leaves nothing half true."""
        return self.root / "local-cloud.json"

    def saved_port(self) -> int | None:
        """Return the port that the saved state was served on, if there is any state."""
        if not self.manifest.exists():
            return None
        port: int = json.loads(self.manifest.read_text())["port"]
        return port

    def prepare(self) -> None:
        """Make the folders for a start: state is kept if it was saved cleanly, everything temporary goes.

        Raises
        ------
        StateError
            If the state was saved by another version.
        """
        if self.manifest.exists():
            self._check_version()
        else:
            for folder in (self.state, self.objects):
                shutil.rmtree(folder, ignore_errors=True)
        self.clean()
        self.temporary.mkdir(parents=True)

    def clean(self) -> None:
        """Remove what no later start needs."""
        for folder in (self.functions, self.temporary):
            # A function's code is read-only, folders too.
            for parent, _, _ in os.walk(folder):
                Path(parent).chmod(0o700)
            shutil.rmtree(folder, ignore_errors=True)

    def stamp(self) -> dict[str, Any]:
        """Return what tells compatible states apart."""
        return {"format": _FORMAT, "versions": dict(VERSIONS)}

    def _check_version(self) -> None:
        written = json.loads(self.manifest.read_text())
        found = {name: written.get(name) for name in self.stamp()}
        if found != self.stamp():
            raise StateError(
                f"the state in {self.root} was saved by another version of the local cloud "
                f"({json.dumps(found)}; this one is {json.dumps(self.stamp())}): delete that folder to start anew"
            )
