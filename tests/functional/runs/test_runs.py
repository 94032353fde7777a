from __future__ import annotations

from tests.functional.runs.cloud import Cloud
from tests.functional.runs.plans import event, expected_messages, put_customers, release


def test_an_event_reaches_each_audience_on_each_channel_once(cloud: Cloud) -> None:
    put_customers(cloud)
    cloud.put_plan(release())

    answer = cloud.run(event())

    assert answer["next"] == "completed"
    assert cloud.messages() == expected_messages()
    assert len(cloud.campaigns()) == 12
    assert not cloud.segments(), "segments go when their campaigns have ended"
