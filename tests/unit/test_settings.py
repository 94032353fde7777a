from __future__ import annotations

from dataclasses import fields

import pytest

from engagement.settings.pixel import PixelSettings
from engagement.settings.reading import SettingsError
from engagement.settings.stamps import StamperSettings, StampHookSettings
from tests.environment import PIXEL, STAMP_HOOK, STAMPER


def test_every_variable_is_read() -> None:
    settings = PixelSettings.parse(PIXEL | {"EVENTS": '["page.*"]', "PUT_EVENTS_RATE": "7.5"})

    assert settings.events == ("page.*",)
    assert settings.put_events_rate == 7.5
    assert settings.maximum_concurrency == 2


def test_all_errors_come_at_once_with_their_remedy() -> None:
    environment = PIXEL | {
        "EVENTS": "page",
        "PUT_EVENTS_RATE": "0",
        "MAXIMUM_CONCURRENCY": "two",
        "ENDPOINT_ID_PATTERN": "(",
        "PINPOINT_APPLICATION_ID": " ",
    }
    del environment["INGEST_QUEUE_URL"]

    with pytest.raises(SettingsError) as caught:
        PixelSettings.parse(environment)

    for part in (
        "EVENTS: not a JSON array of globs",
        "PUT_EVENTS_RATE: not a number above 0",
        "MAXIMUM_CONCURRENCY: not a whole number above 0",
        "ENDPOINT_ID_PATTERN: not a regular expression",
        "PINPOINT_APPLICATION_ID: not ID of the Pinpoint project",
        "INGEST_QUEUE_URL: missing",
    ):
        assert part in str(caught.value)


@pytest.mark.parametrize("text", ["[1]", "{}", "null", '"a"'])
def test_a_list_of_globs_holds_texts_only(text: str) -> None:
    with pytest.raises(SettingsError, match="EVENT_METRICS"):
        PixelSettings.parse(PIXEL | {"EVENT_METRICS": text})


@pytest.mark.parametrize("text", ["inf", "nan", "-1"])
def test_a_rate_is_a_finite_positive_number(text: str) -> None:
    with pytest.raises(SettingsError, match="PUT_EVENTS_RATE"):
        PixelSettings.parse(PIXEL | {"PUT_EVENTS_RATE": text})


def test_the_functions_that_stamp_read_their_variables() -> None:
    hook = StampHookSettings.parse(STAMP_HOOK)
    stamper = StamperSettings.parse(STAMPER | {"UPDATES_PER_SECOND": "1.5"})

    assert (hook.ledger_table, hook.run_retention_days) == ("shop-ledger", 90)
    assert (stamper.updates_per_second, stamper.maximum_concurrency) == (1.5, 2)


@pytest.mark.parametrize("settings", [StampHookSettings, StamperSettings])
def test_the_functions_that_stamp_need_every_variable(settings: type[StampHookSettings | StamperSettings]) -> None:
    with pytest.raises(SettingsError) as caught:
        settings.parse({})

    assert str(caught.value).count("missing; set it to") == len(fields(settings))
