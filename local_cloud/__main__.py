"""`python -m local_cloud`: arguments, the environment that MiniStack needs, and the start."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Final

from local_cloud.layout import Layout, StateError

ACCOUNT: Final = "000000000000"
REGION: Final = "us-east-1"
ROOT_KEY: Final = "test"
# Nothing of the person's own AWS configuration reaches the emulator.
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "VIRTUAL_ENV", "PYTHONPATH")


def main() -> None:
    """Replace this process by the server, in an environment of its own."""
    parser = argparse.ArgumentParser(prog="python -m local_cloud", description="A local AWS on one loopback port.")
    parser.add_argument("--port", type=int, required=True, help="loopback port")
    parser.add_argument("--directory", type=Path, required=True, help="folder for state, code and the log")
    parser.add_argument(
        "--pythons", type=json.loads, default={}, help='interpreter per Lambda runtime, JSON: {"python3.13": "..."}'
    )
    parser.add_argument("--parent", type=int, help="process to stop with")
    options = parser.parse_args()
    layout = Layout(options.directory.absolute())
    try:
        layout.prepare()
    except StateError as error:
        sys.exit(f"local cloud: {error}")
    os.execve(  # noqa: S606 - this very program
        sys.executable,
        [sys.executable, "-m", "local_cloud.server"],
        _environment(layout, options.port, options.pythons, options.parent),
    )


def _environment(layout: Layout, port: int, pythons: dict[str, str], parent: int | None) -> dict[str, str]:
    settings = {"directory": str(layout.root), "port": port, "pythons": pythons, "parent": parent}
    return {
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        "LOCAL_CLOUD": json.dumps(settings),
        "HOME": str(layout.temporary),
        "TMPDIR": str(layout.temporary),
        "PYTHONUNBUFFERED": "1",
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ROOT_KEY,
        "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(layout.state),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(layout.objects),
        "LOG_LEVEL": "WARNING",
    }


if __name__ == "__main__":
    main()
