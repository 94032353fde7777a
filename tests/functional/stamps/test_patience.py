from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler

import pytest
from botocore.exceptions import ReadTimeoutError

from tests.environment import STAMP_HOOK
from tests.functional.functions import Context, credentials, load
from tests.functional.stamps.conftest import DATA
from tests.loopback import listening

PINPOINT_WAITS = 15


def test_the_hook_gives_up_while_pinpoint_still_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a ledger that takes calls and never answers
    credentials(monkeypatch)
    over = threading.Event()

    class Silent(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            over.wait(600)

    with listening(Silent) as port:
        environment = STAMP_HOOK | {"AWS_ENDPOINT_URL_DYNAMODB": f"http://127.0.0.1:{port}"}
        hook = load(monkeypatch, "engagement.handlers.hook", environment)
        event = {"Data": json.dumps(DATA), "CampaignId": "c", "Endpoints": {"e-1": {}}}

        def seconds() -> float:
            began = time.monotonic()
            with pytest.raises(ReadTimeoutError):
                hook.handler(event, Context(14))
            return time.monotonic() - began

        # THEN as much again is left for the queue; only a busy machine takes longer, now and then
        assert any(2 * seconds() < PINPOINT_WAITS for _ in range(3))
        over.set()
