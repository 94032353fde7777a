"""The complete example on the local cloud: applied once, then calls and a release that a person can follow."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from local_cloud.process import LocalCloud, LocalCloudError
from tools.demo import page, report, timeline
from tools.demo.applied import DIRECTORY, applied
from tools.demo.calls import calls
from tools.demo.release import PLAN, Announcer, ReleaseError
from tools.demo.traffic import Traffic
from tools.stack import StackError


def main() -> None:
    """Run the demo; Ctrl-C ends it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip())
    parser.add_argument("--once", action="store_true", help="exit after the report")
    parser.add_argument("--directory", type=Path, default=DIRECTORY, help="where the applied cloud is kept")
    arguments = parser.parse_args()
    # Also where a shell that started this in the background has SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        _run(arguments.directory, once=arguments.once)
    except ReleaseError as error:
        sys.exit(f"error: {error}")
    except (LocalCloudError, StackError) as error:
        sys.exit(f"error: {error}\nTo start from nothing: rm -r {arguments.directory}")
    except KeyboardInterrupt:
        print("\nstopped; the applied cloud is kept, make demo takes it up again")


def _run(directory: Path, *, once: bool) -> None:
    with applied(directory) as (cloud, outputs):
        traffic = Traffic(cloud, outputs["pixel"], outputs["application_id"])
        print("\nSending calls ...")
        sent = traffic.send(calls())
        print("Waiting until they arrive (the function collects them for a few seconds) ...\n")
        traffic.follow(sent)
        print(report.table(sent), report.totals(sent), report.endpoints(traffic.endpoints()), sep="\n\n")
        if not all(one.settled for one in sent):
            sys.exit(f"error: not every call was settled; the log is {cloud.log}")
        print(f"\nAnnouncing a release to six customers (plan: examples/plans/{PLAN}.json).")
        print("Its wait of two days takes twelve seconds here ...\n")
        release = Announcer(cloud, outputs["company_events"]["bus_name"], outputs["application_id"]).release()
        print(timeline.run(release.run), timeline.messages(release.messages), sep="\n\n")
        if release.surprises:
            sys.exit(f"error: {'; '.join(release.surprises)}; the log is {cloud.log}")
        print(_addresses(cloud, outputs["pixel"]["url"], outputs["application_id"]))
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
Runs:              {cloud.url}/_local/console/#runs
Demo page:         {cloud.url}{page.PATH}"""


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
