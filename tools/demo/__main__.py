"""The complete example on the local cloud: applied once, then calls that a person can follow."""

from __future__ import annotations

import argparse
import hashlib
import shutil
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

from local_cloud.process import LocalCloud, LocalCloudError
from tools.demo import page, report
from tools.demo.calls import calls
from tools.demo.traffic import Traffic
from tools.stack import ROOT, Stack, StackError, pythons

DIRECTORY = ROOT / ".local" / "demo"
SOURCES = (
    "*.tf",
    "modules/**/*.tf*",
    "examples/complete/*.tf",
    "dist/*.zip",
    "local_cloud/**/*.py",
    "tools/demo/page.py",
)


def main() -> None:
    """Run the demo; Ctrl-C ends it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip())
    parser.add_argument("--once", action="store_true", help="exit after the report")
    parser.add_argument("--directory", type=Path, default=DIRECTORY, help="where the applied cloud is kept")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        _run(arguments.directory, once=arguments.once)
    except (LocalCloudError, StackError) as error:
        sys.exit(f"error: {error}\nTo start from nothing: rm -r {arguments.directory}")
    except KeyboardInterrupt:
        print("\nstopped; the applied cloud is kept, make demo takes it up again")


def _run(directory: Path, *, once: bool) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    applied = directory / "applied"
    fingerprint = _fingerprint()
    if not applied.exists() or applied.read_text() != fingerprint:
        _forget(directory)
    with LocalCloud(directory / "cloud", port=_port(directory), pythons=pythons()) as cloud:
        stack = Stack(cloud, directory / "stack", page.VARIABLES)
        if applied.exists() and _holds(cloud, stack):
            print("The local cloud is applied already.")
        else:
            stack.forget()
            print("Applying examples/complete on the local cloud. The first time takes about a minute, most of it")
            print("waiting of the AWS provider for queues to settle.")
            stack.apply(print)
            applied.write_text(fingerprint)
        outputs = stack.outputs()
        page.publish(cloud, outputs)
        traffic = Traffic(cloud, outputs["pixel"], outputs["application_id"])
        print("\nSending calls ...")
        sent = traffic.send(calls())
        print("Waiting until they arrive (the function collects them for a few seconds) ...\n")
        traffic.follow(sent)
        print(report.table(sent), report.totals(sent), report.endpoints(traffic.endpoints()), sep="\n\n")
        print(_addresses(cloud, outputs["pixel"]["url"], outputs["application_id"]))
        if not all(one.settled for one in sent):
            sys.exit(f"error: not every call was settled; the log is {cloud.log}")
        if not once:
            print("\nCtrl-C stops it.")
            while True:
                time.sleep(3600)


def _addresses(cloud: LocalCloud, url: str, application_id: str) -> str:
    return f"""
Try it yourself:   {cloud.local_url(url)}?event=page_view&endpoint_id=you&evat_page_path=/hello
Endpoints:         {cloud.url}/_local/pinpoint/apps/{application_id}/endpoints
Pinpoint's calls:  {cloud.url}/_local/pinpoint/requests
Deployed as:       {url}

Console:           {cloud.url}/
Demo page:         {cloud.url}{page.PATH}"""


def _holds(cloud: LocalCloud, stack: Stack) -> bool:
    """Whether the cloud has what was applied: one that was killed could not save it."""
    application_id = stack.outputs()["application_id"]
    try:
        urllib.request.urlopen(f"{cloud.url}/_local/pinpoint/apps/{application_id}/endpoints", timeout=10).close()  # noqa: S310
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


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
