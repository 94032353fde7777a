"""Message templates: operations, versions, and what a campaign makes of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local_cloud.pinpoint.conftest import status_of
from tests.local_cloud.pinpoint.project import Project
from tests.local_cloud.sdk import ACCOUNT, REGION

BAD_REQUEST = (400, "BadRequestException")
NOT_FOUND = (404, "NotFoundException")


def create(project: Project, name: str = "t1", **content: Any) -> Any:
    return project.client.create_email_template(TemplateName=name, EmailTemplateRequest=content)


def get(project: Project, **request: Any) -> dict[str, Any]:
    answer = project.client.get_email_template(TemplateName="t1", **request)
    return dict(answer["EmailTemplateResponse"])


def update(project: Project, request: dict[str, Any], **content: Any) -> Any:
    return project.client.update_email_template(TemplateName="t1", EmailTemplateRequest=content, **request)


def with_template(project: Project, **template: str) -> str:
    given = {"Name": "t1", **template}
    return project.campaign(MessageConfiguration={}, TemplateConfiguration={"EmailTemplate": given})


def test_a_template_reads_back(project: Project) -> None:
    made = create(project, Subject="s", HtmlPart="<p>", tags={"a": "1"})

    arn = f"arn:aws:mobiletargeting:{REGION}:{ACCOUNT}:templates/t1/EMAIL"
    assert made["CreateTemplateMessageBody"]["Arn"] == arn
    found = get(project)
    assert (found["Arn"], found["Subject"], found["HtmlPart"], found["Version"]) == (arn, "s", "<p>", "1")
    assert (found["TemplateName"], found["TemplateType"], found["tags"]) == ("t1", "EMAIL", {"a": "1"})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("_t", {}),
        ("t" * 129, {}),
        ("a.b", {}),
        ("t2", {"DefaultSubstitutions": "{"}),
        ("t2", {"DefaultSubstitutions": "[]"}),
        ("t2", {"Headers": [{"Name": "n", "Value": "v"}] * 16}),
        ("t2", {"RecommenderId": "r"}),
        ("t1", {}),
    ],
)
def test_a_faulty_template_is_refused(project: Project, name: str, content: dict[str, Any]) -> None:
    create(project)

    assert status_of(lambda: create(project, name, **content)) == BAD_REQUEST


def test_an_update_overwrites_the_newest_version_or_makes_a_new_one(project: Project) -> None:
    create(project, Subject="1", tags={"a": "1"})
    update(project, {}, Subject="1b", tags={"b": "1"})
    update(project, {"CreateNewVersion": True}, Subject="2")

    assert (get(project)["Subject"], get(project)["Version"]) == ("2", "2")
    assert (get(project, Version="1")["Subject"], get(project)["tags"]) == ("1b", {"a": "1"})
    assert status_of(lambda: update(project, {"Version": "1"}, Subject="x")) == BAD_REQUEST
    assert status_of(lambda: update(project, {"Version": "2", "CreateNewVersion": True})) == BAD_REQUEST
    update(project, {"Version": "2"}, Subject="2b")
    assert get(project)["Subject"] == "2b"


def test_a_deleted_template_is_gone_with_all_versions(project: Project) -> None:
    create(project)

    project.client.delete_email_template(TemplateName="t1")

    assert status_of(lambda: get(project)) == NOT_FOUND
    assert status_of(lambda: project.client.delete_email_template(TemplateName="t1")) == NOT_FOUND


def test_templates_are_listed_by_type_and_prefix(project: Project) -> None:
    create(project, "release-a", Subject="s")
    project.client.create_sms_template(TemplateName="release-a", SMSTemplateRequest={"Body": "b"})
    project.client.create_push_template(
        TemplateName="other", PushNotificationTemplateRequest={"Default": {"Body": "b"}}
    )

    def names(**request: Any) -> list[tuple[str, str]]:
        items = project.client.list_templates(**request)["TemplatesResponse"]["Item"]
        assert all("Arn" not in item for item in items)
        return [(item["TemplateName"], item["TemplateType"]) for item in items]

    assert len(names()) == 3
    assert names(Prefix="rel") == [("release-a", "EMAIL"), ("release-a", "SMS")]
    assert names(TemplateType="PUSH") == [("other", "PUSH")]
    page = project.client.list_templates(PageSize="2")["TemplatesResponse"]
    assert names(PageSize="2", NextToken=page["NextToken"]) == [("other", "PUSH")]


def test_a_campaign_fills_in_its_template_with_defaults_for_what_is_missing(project: Project) -> None:
    project.endpoint("ada", User={"UserAttributes": {"name": ["A <b> & C"]}})
    project.endpoint("bob")
    create(
        project,
        Subject="{{User.UserAttributes.name}}",
        HtmlPart="<b>{{User.UserAttributes.name}}</b>",
        TextPart="{{User.UserAttributes.name}}: {{Attributes.missing}}.",
        DefaultSubstitutions='{"User.UserAttributes.name": "you"}',
    )
    with_template(project)

    project.later()

    found = {one.endpoint_id: (one.title, one.html, one.body, one.sender) for one in project.sent()}
    assert found == {
        "ada": ("A <b> & C", "<b>A &lt;b&gt; &amp; C</b>", "A <b> & C: .", "shop@example.com"),
        "bob": ("you", "<b>you</b>", "you: .", "shop@example.com"),
    }


def test_a_campaign_takes_the_version_that_it_names_or_the_newest_when_it_runs(project: Project) -> None:
    project.endpoint("ada")
    create(project, Subject="1")
    fixed, moving = with_template(project, Version="1"), with_template(project)
    update(project, {"CreateNewVersion": True}, Subject="2")

    project.later()

    assert {one.campaign_id: one.title for one in project.sent()} == {fixed: "1", moving: "2"}


def test_words_of_the_campaign_win_over_those_of_the_template(project: Project) -> None:
    project.endpoint("ada")
    create(project, Subject="template", TextPart="template")
    project.campaign(
        MessageConfiguration={"EmailMessage": {"FromAddress": "boss@example.com", "Title": "own"}},
        TemplateConfiguration={"EmailTemplate": {"Name": "t1"}},
    )

    project.later()

    [message] = project.sent()
    assert (message.sender, message.title, message.body) == ("boss@example.com", "own", "template")


def test_sms_and_push_have_templates_too(project: Project) -> None:
    project.endpoint("phone", "SMS")
    project.endpoint("android", "GCM")
    project.endpoint("iphone", "APNS")
    project.client.update_apns_channel(ApplicationId=project.id, APNSChannelRequest={"Enabled": True})
    project.client.create_sms_template(TemplateName="t1", SMSTemplateRequest={"Body": "sms {{Id}}"})
    push: Any = {"Default": {"Title": "d", "Body": "default"}, "GCM": {"Title": "g", "Body": "own {{Id}}"}}
    project.client.create_push_template(TemplateName="t1", PushNotificationTemplateRequest=push)
    name = {"Name": "t1"}
    project.campaign(
        MessageConfiguration={"SMSMessage": {"MessageType": "TRANSACTIONAL"}},
        TemplateConfiguration={"SMSTemplate": name, "PushTemplate": name},
    )

    project.later()

    assert {one.endpoint_id: (one.title, one.body) for one in project.sent()} == {
        "phone": ("", "sms phone"),
        "android": ("g", "own android"),
        "iphone": ("d", "default"),
    }


def test_a_text_that_cannot_be_filled_in_is_not_sent(project: Project) -> None:
    project.endpoint("ada")
    project.endpoint("bob", "SMS")
    messages = {"EmailMessage": {"Title": "{{#each a}}"}, "SMSMessage": {"Body": "Hi"}}
    campaign = project.campaign(MessageConfiguration=messages)

    project.later()

    assert (project.reached(), project.skipped(campaign)) == (["bob"], {"rendering_failed": 1})


def test_without_a_channel_nothing_is_delivered(project: Project) -> None:
    project.endpoint("ada")
    campaign = project.campaign()
    project.client.delete_email_channel(ApplicationId=project.id)

    project.later()

    [activity] = project.activities(campaign)
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (1, 0)
    assert (activity["Result"], project.skipped(campaign)) == ("FAIL", {"delivery_failed": 1})


def test_templates_survive(project: Project) -> None:
    create(project, Subject="kept")

    snapshot = project.pinpoint.snapshot()
    project.client.delete_email_template(TemplateName="t1")
    project.pinpoint.restore(snapshot)

    assert get(project)["Subject"] == "kept"
