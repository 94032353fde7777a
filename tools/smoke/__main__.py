"""Ask a deployed pixel what the local cloud can only assume.

python -m tools.smoke --url URL [--queue QUEUE_URL] [--origin ORIGIN] [--application-id ID]

Exits with 0 if nothing differs from the local cloud, 1 if something does, 2 if it could not run.
"""

from __future__ import annotations

import argparse
import json
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.smoke import answers, messages, pinpoint
from tools.smoke.calls import calls, make

TABLE = Path(__file__).with_name("local_cloud.json")
OK = 200
DIFFERS, COULD_NOT_RUN = 1, 2


class SmokeError(RuntimeError):
    """The questions could not be asked."""


def main() -> None:
    """Ask, print each observation beside what the local cloud does, and exit."""
    parser = argparse.ArgumentParser(prog="make smoke", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", required=True, help="output url of the pixel, ending in /events")
    parser.add_argument("--queue", default="", help="URL of the ingest queue, while the consumer is paused")
    parser.add_argument("--origin", default="", help="an origin that cors.origins lists")
    parser.add_argument("--application-id", default="", help="Pinpoint project: sends it one event")
    arguments = parser.parse_args()
    try:
        observed = ask(arguments.url, arguments.queue, arguments.origin, arguments.application_id)
    except (SmokeError, BotoCoreError, ClientError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(COULD_NOT_RUN)
    sys.exit(DIFFERS if report(observed, arguments.origin) else 0)


def ask(url: str, queue: str, origin: str, application_id: str) -> dict[str, str]:
    """Ask everything that was asked for.

    Parameters
    ----------
    url
        The pixel's URL.
    queue
        URL of the ingest queue; empty to leave those questions out.
    origin
        A listed origin; empty to leave those questions out.
    application_id
        Pinpoint project; empty to leave that question out.

    Returns
    -------
    dict
        Observations by question.

    Raises
    ------
    SmokeError
        Nobody answers, or the queue holds none of the messages.
    """
    if not url.startswith(("http://", "https://")) or not url.endswith("/events"):
        raise SmokeError("give the pixel's URL as Terraform's output url says it: https://.../events")
    made = calls(uuid.uuid4().hex[:12], origin)
    answered = {call.name: make(url, call) for call in made}
    if not any(answer.status for answer in answered.values()):
        raise SmokeError(f"nobody answers at {url} ({answered['plain'].body.decode()})")
    observed = answers.observe(answered)
    if queue:
        queued = [call for call in made if call.name in messages.CALLS and answered[call.name].status == OK]
        bodies = messages.read(boto3.client("sqs"), queue, queued)
        if not bodies:
            raise SmokeError(
                f"none of the {len(queued)} queued messages was seen in {queue}: pause the consumer, see that this is "
                f"its queue, and that fewer than {messages.MOST_MESSAGES} other messages wait there"
            )
        observed |= messages.observe(bodies)
    if application_id:
        observed |= pinpoint.observe(boto3.client("pinpoint"), application_id)
    return observed


def report(observed: Mapping[str, str], origin: str) -> int:
    """Print each observation beside what the local cloud does; how many differ."""
    differences = 0
    for question, entry in json.loads(TABLE.read_text(encoding="utf-8")).items():
        if question not in observed:
            continue
        expected = [text.replace("{origin}", origin) for text in entry["says"]]
        same = observed[question] in expected
        differences += not same
        print(f"{'same' if same else 'DIFFERS':8}{entry['asks']}\n        observed     {observed[question]}")
        if not same:
            print(f"        local cloud  {' or '.join(expected)}")
    print(f"\n{len(observed)} questions, {differences} differ from the local cloud")
    return differences


if __name__ == "__main__":
    main()
