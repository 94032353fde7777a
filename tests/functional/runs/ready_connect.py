"""Amazon Connect as a platform team has set it up: a domain, an instance, and templates; made once for all tests."""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud.amazon_connect import AmazonConnect
from local_cloud.outbound.setting_up import ReadyInstance, create_template, set_up_instance
from local_cloud.service.front import Front
from tests.functional.runs.clock import Clock
from tests.functional.runs.plans import AUDIENCES
from tests.local_cloud.profiles.place import Client

ACCOUNT = "000000000000"
DOMAIN = "shop"
CHANNELS = ("EMAIL", "SMS")
_TEXTS = {
    "news": "News",
    **{f"new-{name}-digest": f"New: News ({name})" for name in AUDIENCES},
    **{f"tried-{name}-digest": f"Have you tried News? ({name})" for name in AUDIENCES},
    **{f"new-{name}": f"New: Dark mode ({name})" for name in AUDIENCES},
    **{f"tried-{name}": f"Have you tried Dark mode? ({name})" for name in AUDIENCES},
}
"""What templates say, by their names."""


@dataclass(frozen=True)
class ReadyConnect:
    """What was made.

    Attributes
    ----------
    domain_arn, instance
        The domain of Customer Profiles and the instance.
    templates
        ARNs by name; a template is for one channel, which ends its name.
    profiles, outbound
        Snapshots of the emulators.
    """

    domain_arn: str
    instance: ReadyInstance
    templates: Mapping[str, str]
    profiles: Mapping[str, Any]
    outbound: Mapping[str, Any]

    def restore(self, connect: AmazonConnect) -> None:
        """Let emulators begin with it."""
        connect.profiles.restore(copy.deepcopy(self.profiles))
        connect.outbound.restore(copy.deepcopy(self.outbound))


@functools.cache
def ready() -> ReadyConnect:
    """Set everything up, as by hand."""
    clock = Clock()
    connect = AmazonConnect(clock=clock.time, wall_clock=clock.now)
    lift_rates(connect)

    def client(service: str) -> Client:
        return client_of(connect.fronts, service)

    client("customer-profiles").create_domain(DomainName=DOMAIN, DefaultExpirationDays=366)
    [domain] = connect.profiles.domains()
    instance = set_up_instance(client, DOMAIN, domain["arn"])
    templates = {
        name: create_template(client, instance.knowledge_base_id, name, channel, subject=text, text=text)
        for text in _TEXTS.values()
        for channel in CHANNELS
        for name in [template_of(text, channel)]
    }
    return ReadyConnect(domain["arn"], instance, templates, connect.profiles.snapshot(), connect.outbound.snapshot())


def template_of(text: str, channel: str) -> str:
    """Name of the template that says a text on a channel."""
    return f"{next(name for name, known in _TEXTS.items() if known == text)}-{channel.lower()}"


def lift_rates(connect: AmazonConnect) -> None:
    """Let calls come as fast as they like."""
    for emulator in (connect.profiles, connect.outbound):
        emulator.configure({name: 0 for name in emulator.settings if name.endswith("_rate")})


def client_of(fronts: Iterable[Front], service: str) -> Client:
    """An SDK client of a service, by its name in boto3."""
    return next(Client(front.handle, service, ACCOUNT) for front in fronts if front.service.model == service)
