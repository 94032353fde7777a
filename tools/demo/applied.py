"""`examples/complete` on a local cloud that is kept: applied once, taken up again by the next run."""

from __future__ import annotations

import hashlib
import shutil
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local_cloud.process import LocalCloud
from tools.demo import page
from tools.stack import ROOT, Stack, pythons

DIRECTORY = ROOT / ".local" / "demo"
SOURCES = (
    "*.tf",
    "modules/**/*.tf*",
    "examples/complete/*.tf",
    "examples/plans/*.json",
    "examples/plans/connect/*.json",
    "gtm/*.tpl",
    "dist/*.zip",
    "local_cloud/**/*.py",
    "tools/demo/page.py",
)


@contextmanager
def applied(directory: Path) -> Iterator[tuple[LocalCloud, dict[str, Any]]]:
    """Run the cloud until the end of the block; the demo page works.

    Parameters
    ----------
    directory
        Where the cloud is kept. What was made from other sources is made anew.

    Yields
    ------
    tuple
        The cloud, and the example's outputs.

    Raises
    ------
    LocalCloudError, StackError
        If it does not start, or Terraform fails.
    """
    directory.mkdir(parents=True, exist_ok=True)
    mark = directory / "applied"
    fingerprint = _fingerprint()
    if not mark.exists() or mark.read_text() != fingerprint:
        _forget(directory)
    with LocalCloud(directory / "cloud", port=_port(directory), pythons=pythons()) as cloud:
        stack = Stack(cloud, directory / "stack", page.VARIABLES)
        if mark.exists() and _holds(cloud, stack):
            print("The local cloud is applied already.")
        else:
            stack.forget()
            print("Applying examples/complete on the local cloud. The first time takes about two minutes, most of it")
            print("waiting of the AWS provider for queues to settle.")
            stack.apply(print)
            mark.write_text(fingerprint)
        outputs = stack.outputs()
        page.publish(cloud, outputs)
        yield cloud, outputs


def _holds(cloud: LocalCloud, stack: Stack) -> bool:
    """Whether the cloud has what was applied: one that was killed could not save it."""
    application_id = stack.outputs()["application_id"]
    try:
        urllib.request.urlopen(f"{cloud.url}/_local/pinpoint/apps/{application_id}/endpoints", timeout=60).close()  # noqa: S310
    except urllib.error.HTTPError:
        return False
    return True


def _fingerprint() -> str:
    """What an applied cloud was made from; another one means applying again."""
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def _forget(directory: Path) -> None:
    """Start from nothing: an older cloud may hold what this code would not make."""
    for part in ("cloud", "stack"):
        for folder in [path for path in (directory / part).rglob("*") if path.is_dir() and not path.is_symlink()]:
            # The code of functions is read-only, as it is on Lambda.
            folder.chmod(0o700)
        shutil.rmtree(directory / part, ignore_errors=True)
    for kept in ("applied", "port"):
        (directory / kept).unlink(missing_ok=True)


def _port(directory: Path) -> int:
    """The same port as before, because the applied queues' URLs hold it."""
    kept = directory / "port"
    if not kept.exists():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            kept.write_text(str(probe.getsockname()[1]))
    return int(kept.read_text())
