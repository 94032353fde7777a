from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.local_cloud.pinpoint.conftest import ACCOUNT, REGION, App, client_of, event, status_of

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient

    from local_cloud.pinpoint.server import PinpointServer


def test_an_application_is_created_read_and_deleted(shared_client: PinpointClient) -> None:
    created = shared_client.create_app(CreateApplicationRequest={"Name": "shop", "tags": {"team": "growth"}})
    application = created["ApplicationResponse"]
    app_id = application["Id"]

    assert created["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert application["Arn"] == f"arn:aws:mobiletargeting:{REGION}:{ACCOUNT}:apps/{app_id}"
    assert shared_client.get_app(ApplicationId=app_id)["ApplicationResponse"] == application
    assert shared_client.delete_app(ApplicationId=app_id)["ApplicationResponse"] == application
    assert status_of(lambda: shared_client.get_app(ApplicationId=app_id)) == (404, "NotFoundException")
    assert status_of(lambda: shared_client.delete_app(ApplicationId=app_id)) == (404, "NotFoundException")


def test_the_creation_date_is_a_text(shared_client: PinpointClient) -> None:
    application = shared_client.create_app(CreateApplicationRequest={"Name": "shop"})["ApplicationResponse"]

    assert application["CreationDate"].endswith("Z")


def test_an_application_needs_a_name(shared_client: PinpointClient) -> None:
    assert status_of(lambda: shared_client.create_app(CreateApplicationRequest={"Name": ""})) == (
        400,
        "BadRequestException",
    )


def test_tags_are_added_replaced_and_removed(shared_client: PinpointClient) -> None:
    application = shared_client.create_app(CreateApplicationRequest={"Name": "shop", "tags": {"a": "1", "b": "1"}})
    arn = application["ApplicationResponse"]["Arn"]

    shared_client.tag_resource(ResourceArn=arn, TagsModel={"tags": {"b": "2", "x:/ =+&": "Ünï &="}})
    assert shared_client.list_tags_for_resource(ResourceArn=arn)["TagsModel"]["tags"] == {
        "a": "1",
        "b": "2",
        "x:/ =+&": "Ünï &=",
    }
    shared_client.untag_resource(ResourceArn=arn, TagKeys=["x:/ =+&", "a", "unknown"])
    assert shared_client.list_tags_for_resource(ResourceArn=arn)["TagsModel"]["tags"] == {"b": "2"}
    app_id = application["ApplicationResponse"]["Id"]
    assert shared_client.get_app(ApplicationId=app_id)["ApplicationResponse"]["tags"] == {"b": "2"}


@pytest.mark.parametrize(
    "tags",
    [
        {f"key-{number}": "v" for number in range(51)},
        {"k" * 129: "v"},
        {"k": "v" * 257},
        {"": "v"},
    ],
)
def test_tags_beyond_their_limits_are_refused(shared_client: PinpointClient, tags: dict[str, str]) -> None:
    application = shared_client.create_app(CreateApplicationRequest={"Name": "shop"})["ApplicationResponse"]

    status = status_of(lambda: shared_client.tag_resource(ResourceArn=application["Arn"], TagsModel={"tags": tags}))

    assert status == (400, "BadRequestException")
    assert shared_client.list_tags_for_resource(ResourceArn=application["Arn"])["TagsModel"]["tags"] == {}


def test_tags_of_an_unknown_resource_are_not_found(shared_client: PinpointClient) -> None:
    arn = f"arn:aws:mobiletargeting:{REGION}:{ACCOUNT}:apps/unknown"

    assert status_of(lambda: shared_client.list_tags_for_resource(ResourceArn=arn))[0] == 404
    assert status_of(lambda: shared_client.tag_resource(ResourceArn=arn, TagsModel={"tags": {}}))[0] == 404


@pytest.mark.parametrize(("account", "region"), [("210987654321", REGION), (ACCOUNT, "eu-central-1"), ("test", REGION)])
def test_another_account_or_region_sees_nothing(
    app: App, unlimited_server: PinpointServer, account: str, region: str
) -> None:
    stranger = client_of(unlimited_server, account=account, region=region)
    arn = app.client.get_app(ApplicationId=app.id)["ApplicationResponse"]["Arn"]
    batch = {"ada": {"Endpoint": {}, "Events": {"e": event()}}}

    assert status_of(lambda: stranger.get_app(ApplicationId=app.id))[0] == 404
    assert status_of(lambda: stranger.list_tags_for_resource(ResourceArn=arn))[0] == 404
    assert status_of(lambda: stranger.delete_app(ApplicationId=app.id))[0] == 404
    assert status_of(lambda: stranger.put_events(ApplicationId=app.id, EventsRequest={"BatchItem": batch})) == (
        404,
        "NotFoundException",
    )
    assert app.id not in {item["Id"] for item in stranger.get_apps()["ApplicationsResponse"]["Item"]}
    assert unlimited_server.pinpoint.endpoints(app.id) == {}


def test_applications_are_listed_in_pages(unlimited_server: PinpointServer) -> None:
    client = client_of(unlimited_server, account="333333333333")
    names = [f"app-{number}" for number in range(5)]
    for name in names:
        client.create_app(CreateApplicationRequest={"Name": name})

    listed: list[str] = []
    answer = client.get_apps(PageSize="2")["ApplicationsResponse"]
    while True:
        assert len(answer["Item"]) <= 2
        listed += [item["Name"] for item in answer["Item"]]
        if "NextToken" not in answer:
            break
        answer = client.get_apps(PageSize="2", Token=answer["NextToken"])["ApplicationsResponse"]

    assert listed == names
    assert status_of(lambda: client.get_apps(PageSize="0"))[0] == 400


def test_the_answer_names_its_request(app: App) -> None:
    with pytest.raises(app.client.exceptions.NotFoundException) as caught:
        app.client.get_app(ApplicationId="unknown")

    response = caught.value.response
    assert response["RequestID"] == response["ResponseMetadata"]["RequestId"]
    assert response["Error"]["Message"] == "the application does not exist"
