from __future__ import annotations

from dataclasses import fields

import pytest

from engagement.domain.destinations import DestinationName
from engagement.settings.pixel import PixelSettings
from engagement.settings.reading import SettingsError
from engagement.settings.stamps import StamperSettings, StampHookSettings
from tests.environment import CONNECT, PIXEL, STAMP_HOOK, STAMPER


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
        "PUT_OBJECTS_RATE": "",
    }
    del environment["INGEST_QUEUE_URL"]

    with pytest.raises(SettingsError) as caught:
        PixelSettings.parse(environment)

    for part in (
        "EVENTS: not a JSON array of globs",
        "PUT_EVENTS_RATE: not a number above 0",
        "MAXIMUM_CONCURRENCY: not a whole number above 0",
        "ENDPOINT_ID_PATTERN: not a regular expression",
        "PUT_OBJECTS_RATE: not a number above 0",
        "INGEST_QUEUE_URL: missing",
    ):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        ({}, ["pinpoint"]),
        (CONNECT, ["connect"]),
        (CONNECT | {"PINPOINT_APPLICATION_ID": "app"}, ["pinpoint", "connect"]),
    ],
)
def test_the_destinations_are_those_that_have_a_name(variables: dict[str, str], names: list[str]) -> None:
    settings = PixelSettings.parse(PIXEL | variables)

    takes = settings.destinations()

    assert list(takes) == names
    assert [matches("plan") for matches in takes.values()] == [True] * len(names)
    assert takes.get(DestinationName.CONNECT, settings.profile_attributes.__contains__)("city") is False


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"PINPOINT_APPLICATION_ID": " "}, "set one of them or both"),
        (CONNECT | {"TRUSTED_OBJECT_TYPE": ""}, "PROFILES_DOMAIN needs both"),
    ],
)
def test_a_destination_that_is_not_complete_is_an_error(variables: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        PixelSettings.parse(PIXEL | variables)


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
