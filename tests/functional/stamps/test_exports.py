from __future__ import annotations

import gzip
import json
import time

import pytest

from engagement.adapters import clients
from engagement.adapters.pinpoint.exports import Exports
from engagement.domain.destination import Call
from engagement.domain.stamps.exports import ExportError, ExportState, Progress
from tests.functional.stamps.conftest import BUCKET, INDEX, ROLE_ARN, RUN, Stamping

FOLDER = f"{RUN}/002/premium"


@pytest.fixture
def exports(stamping: Stamping) -> Exports:
    """With the client that functions have: one attempt per call."""
    return Exports(clients.pinpoint(), stamping.s3, stamping.application_id, BUCKET, ROLE_ARN)


def completed(exports: Exports, job_id: str) -> ExportState:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        state = exports.state(job_id, FOLDER)
        if state.progress is not Progress.RUNNING:
            return state
        time.sleep(0.02)
    raise AssertionError("the job did not end within 120 seconds")


def write(stamping: Stamping, key: str, ids: list[str]) -> None:
    lines = "".join(json.dumps({"Id": name, "EndpointStatus": "ACTIVE"}) + "\n" for name in ids)
    stamping.s3.put_object(Bucket=BUCKET, Key=f"{FOLDER}/{key}", Body=gzip.compress(lines.encode()))


def test_an_export_stamps_those_too_whom_no_campaign_reaches(stamping: Stamping, exports: Exports) -> None:
    # GIVEN
    ids = stamping.enroll(450)
    for name, change in {"e-7": {"EndpointStatus": "INACTIVE"}, "e-8": {"OptOut": "ALL"}}.items():
        stamping.pinpoint.update_endpoint(
            ApplicationId=stamping.application_id, EndpointId=name, EndpointRequest=change
        )

    # WHEN
    state = completed(exports, exports.start(stamping.segment(), FOLDER))
    for page in exports.endpoints(FOLDER):
        assert len(page.endpoints) <= 100
        stamping.stamps.put(RUN, INDEX, "premium", page.endpoints)
    assert stamping.pending() == 5
    stamping.drain()

    # THEN
    assert state == ExportState(Progress.COMPLETED, 450)
    assert sum(len(page.endpoints) for page in exports.endpoints(FOLDER)) == 450
    assert stamping.stamped() == set(ids)
    endpoints = stamping.endpoints()
    assert endpoints["e-7"]["EndpointStatus"] == "INACTIVE"
    assert endpoints["e-8"]["OptOut"] == "ALL"
    assert len(stamping.updates()) == 5


def test_pages_read_again_are_the_same_batches(stamping: Stamping, exports: Exports) -> None:
    write(stamping, "part-1.json.gz", [f"a-{number}" for number in range(250)])

    for _ in range(2):
        for page in exports.endpoints(FOLDER):
            stamping.stamps.put(RUN, INDEX, "premium", page.endpoints)

    assert stamping.pending() == 3


def test_reading_goes_on_where_it_stopped(stamping: Stamping, exports: Exports) -> None:
    # GIVEN several files, and others than files of endpoints
    sizes = {"b.json.gz": 200, "a.json.gz": 130, "c.json.gz": 0, "d.json.gz": 1}
    for key, size in sizes.items():
        write(stamping, key, [f"{key}-{number}" for number in range(size)])
    stamping.s3.put_object(Bucket=BUCKET, Key=f"{FOLDER}/manifest.json", Body=b"{}")
    stamping.s3.put_object(Bucket=BUCKET, Key=f"{FOLDER}-2/z.json.gz", Body=gzip.compress(b'{"Id": "z"}'))
    pages = list(exports.endpoints(FOLDER))

    # THEN every endpoint is there once, and reading can begin after any page
    assert [len(page.endpoints) for page in pages] == [100, 30, 100, 100, 1]
    assert len({name for page in pages for name in page.endpoints}) == sum(sizes.values()) == 331
    for number, page in enumerate(pages, start=1):
        assert list(exports.endpoints(FOLDER, page.next)) == pages[number:]


@pytest.mark.parametrize(
    ("fault", "call", "started"),
    [
        ({"kind": "throttle"}, Call.THROTTLED, False),
        ({"kind": "error", "status": 500, "processed": True}, Call.UNKNOWN, True),
        ({"kind": "cut", "processed": True}, Call.UNKNOWN, True),
        ({"kind": "cut"}, Call.UNKNOWN, False),
        ({"kind": "error", "status": 403}, Call.UNUSABLE, False),
    ],
)
def test_a_start_that_fails_says_whether_it_may_have_happened(
    stamping: Stamping, exports: Exports, fault: dict[str, object], call: Call, started: bool
) -> None:
    segment = stamping.segment()
    stamping.faults.put([{"target": "pinpoint.CreateExportJob", "times": 1, **fault}])

    with pytest.raises(ExportError) as caught:
        exports.start(segment, FOLDER)

    assert caught.value.call is call
    jobs = stamping.pinpoint.get_export_jobs(ApplicationId=stamping.application_id)["ExportJobsResponse"]["Item"]
    assert [job["Definition"]["S3UrlPrefix"] for job in jobs] == [f"s3://{BUCKET}/{FOLDER}/"] * started


def test_a_job_that_cannot_write_fails(stamping: Stamping) -> None:
    stamping.enroll(1)
    exports = Exports(stamping.pinpoint, stamping.s3, stamping.application_id, BUCKET, f"{ROLE_ARN}-of-another")

    state = completed(exports, exports.start(stamping.segment(), FOLDER))

    assert state.progress is Progress.FAILED
