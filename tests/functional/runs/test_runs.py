from __future__ import annotations

from tests.functional.runs.cloud import Cloud
from tests.functional.runs.plans import event, expected_messages, put_customers, release


def test_an_event_reaches_each_audience_on_each_channel_once(either: Cloud) -> None:
    put_customers(either)
    either.put_plan(release())

    answer = either.run(event())

    assert answer["next"] == "completed"
    assert either.messages() == expected_messages()
    assert len(either.campaigns()) == 12
    assert not either.segments(), "segments go when their campaigns have ended"


def test_a_run_that_fails_gives_back_the_campaigns_that_were_kept_free_for_it(cloud: Cloud) -> None:
    plan = release()
    plan["steps"][2]["send"] = [{"audience": "gold", "channel": "EMAIL", "template": "nowhere"}]
    cloud.put_plan(plan)

    assert cloud.run(event())["next"] == "failed"

    key = {"pk": {"S": "head_room"}, "sk": {"S": "campaigns"}}
    assert cloud.dynamodb.get_item(TableName=cloud.table, Key=key)["Item"]["reserved"] == {"N": "0"}


def test_a_refused_event_may_come_again_under_its_id_once_its_plan_is_mended(either: Cloud) -> None:
    put_customers(either)
    either.announce(event())
    assert not either.executions(), "there is no plan"

    either.put_plan(release())

    assert either.run(event())["next"] == "completed"
    assert either.messages() == expected_messages()
