"""The texts of a plan that a run fills in: where they stand, what they are for, and how long they may be."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engagement.domain.limits import USER_VALUE_LENGTH, length
from engagement.domain.plans import limits
from engagement.domain.plans.escaping import address, fill_html, line, stamped
from engagement.domain.plans.faults import Fault, Path
from engagement.domain.plans.model import Channel, Content, Plan, Send, Step
from engagement.domain.plans.placeholders import PLACEHOLDER, fill, names

Fill = Callable[[str, Mapping[str, str]], str]


def _with(escape: Callable[[str], str]) -> Fill:
    return lambda text, values: fill(text, values, escape)


_PLAIN = _with(line)


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a plan that may hold `{{event.x}}`.

    Parameters
    ----------
    where
        Its place in the plan.
    text
        As it stands there.
    fill
        Puts an event's values in, escaped for the place.
    limit
        UTF-16 code units that it may have when it is filled; None for no limit.
    html
        Whether it is HTML.
    """

    where: Path
    text: str
    fill: Fill = _PLAIN
    limit: int | None = None
    html: bool = False

    def missing(self, values: Mapping[str, str]) -> list[str]:
        """Attributes that it asks for and an event does not have."""
        return [name for name in names(self.text) if name not in values]

    def too_long(self, filled: str | None = None) -> Fault | None:
        """What to say if it is longer than its limit: once it is filled, else without any value at all."""
        size = length(PLACEHOLDER.sub("", self.text) if filled is None else filled)
        if self.limit is None or size <= self.limit:
            return None
        values = "" if filled is None or filled == self.text else ", with the event's values"
        rule = f"{size} characters{values}, where {self.limit} is the most"
        return Fault(self.where, rule, "Shorten it, or the values that stand in it" if values else "Shorten it")


def of_plan(plan: Plan) -> Iterator[Text]:
    """Every text of a plan that may hold placeholders."""
    for step in plan.steps:
        yield from of_step(step)


def of_step(step: Step) -> Iterator[Text]:
    """Every text of a step that may hold placeholders."""
    if step.stamp is not None:
        for name, values in step.stamp.values.items():
            for value in values:
                yield stamp_value((*step.stamp.where, "set", name), value)
    for send in step.sends:
        yield from of_send(send)


def of_send(send: Send) -> Iterator[Text]:
    """Every text of a send that may hold placeholders."""
    if send.name is not None:
        yield Text((*send.where, "name"), send.name)
    for content in send.contents:
        yield from of_content(send.channel, content).values()


def of_content(channel: Channel, content: Content) -> Mapping[Path, Text]:
    """The texts of an inline message, by their way inside it; none for a template."""
    if content.message is None:
        return {}
    return {
        way: Text((*content.where, "message", *way), text, **_KINDS.get((channel, str(way[0])), {}))
        for way, text in _inside(content.message)
    }


def stamp_value(where: Path, value: str) -> Text:
    """The value of a user attribute."""
    return Text(where, value, _with(stamped), USER_VALUE_LENGTH)


def data_text(data: object) -> str:
    """The data of a CUSTOM message as its function gets it."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def data_too_large(content: Content, data: object) -> Fault | None:
    """What to say about data of a CUSTOM message, filled or not, that is larger than the service takes."""
    size = len(data_text(data).encode("utf-8", "surrogatepass"))
    if size <= limits.CUSTOM_DATA_BYTES:
        return None
    rule = f"{size} bytes of JSON, where {limits.CUSTOM_DATA_BYTES} are the most"
    return Fault((*content.where, "message", "data"), rule, "Write less; let the function look up the rest")


def _inside(value: object) -> Iterator[tuple[Path, str]]:
    """Every text in a value, with the way to it."""
    if isinstance(value, str):
        yield (), value
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in pairs:
        for way, text in _inside(below):
            yield (key, *way), text


_KINDS: Mapping[tuple[Channel, str], Mapping[str, Any]] = {
    (Channel.EMAIL, "subject"): {"limit": limits.LINE_LENGTH},
    (Channel.EMAIL, "html"): {"fill": fill_html, "html": True},
    (Channel.SMS, "body"): {"limit": limits.SMS_BODY_LENGTH},
    (Channel.PUSH, "title"): {"limit": limits.LINE_LENGTH},
    (Channel.PUSH, "body"): {"limit": limits.PUSH_BODY_LENGTH},
    (Channel.PUSH, "url"): {"fill": _with(address)},
}
