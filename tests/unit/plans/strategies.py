"""Plans without faults, and the people that they are about."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.unit.plans.customers import COMPANY, Endpoint

NAMES = st.sampled_from(["plan", "tier"])
VALUES = st.sampled_from(["gold", "golden", "silver"])
COUNTRIES = st.sampled_from(["GB", "DE"])
CHANNELS = st.sampled_from(["EMAIL", "SMS", "CUSTOM"])
SEGMENT_IDS = st.sampled_from(["segment-1", "segment-2"])
ATTRIBUTES = ("feature", "slug")


def lists(values: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(values, min_size=1, max_size=2, unique=True)


def tests_of(values: st.SearchStrategy[str], *operators: str) -> st.SearchStrategy[Any]:
    """A test on texts: a list, or an object with one operator."""
    return lists(values) | st.builds(lambda operator, its: {operator: its}, st.sampled_from(operators), lists(values))


METRIC_TESTS = st.dictionaries(
    st.sampled_from(["equals", "above", "at_least", "below", "at_most"]), st.integers(0, 3), min_size=1, max_size=2
)
RECENCY = st.builds(
    lambda kind, span: {kind: span}, st.sampled_from(["active", "inactive"]), st.sampled_from(["P1D", "P7D", "P30D"])
)
WHERE = st.one_of(
    st.tuples(NAMES.map("user.{}".format), tests_of(VALUES, "is", "is_not", "contains")),
    st.tuples(NAMES.map("endpoint.{}".format), tests_of(VALUES, "is", "is_not", "contains")),
    st.tuples(st.just("metric.orders"), METRIC_TESTS),
    st.tuples(st.just("channel"), tests_of(CHANNELS, "is", "is_not")),
    st.tuples(st.just("country"), tests_of(COUNTRIES, "is", "is_not")),
    st.tuples(st.just("recency"), RECENCY),
)
WHERES = st.lists(WHERE, min_size=1, max_size=2, unique_by=lambda pair: pair[0]).map(dict)


@st.composite
def audience(
    draw: st.DrawFn,
    known: tuple[str, ...],
    depth: int = 2,
    wheres: st.SearchStrategy[dict[str, Any]] = WHERES,
    segment_ids: st.SearchStrategy[str] = SEGMENT_IDS,
) -> dict[str, Any]:
    """An audience that may refer to known ones."""
    leaves = [wheres.map(lambda where: {"where": where}), segment_ids.map(lambda its: {"segment_id": its})]
    leaves.append(st.just({"everyone": True}))
    if known:
        leaves.append(st.sampled_from(known).map(lambda name: {"audience": name}))
    document = draw(st.one_of(leaves))
    if depth and draw(st.booleans()):
        joint = draw(st.sampled_from(["all", "any", "none"]))
        inner = draw(st.lists(audience(known, depth - 1, wheres, segment_ids), min_size=1, max_size=3))
        document = (document if draw(st.booleans()) else {}) | {joint: inner}
    return document


@st.composite
def audiences(draw: st.DrawFn) -> dict[str, Any]:
    """One to three audiences by name; later ones may refer to earlier ones."""
    names = ("first", "second", "third")[: draw(st.integers(1, 3))]
    return {name: draw(audience(names[:place])) for place, name in enumerate(names)}


def optional(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=keys)


TEXTS = st.lists(
    st.sampled_from(["Hello ", "{{event.feature}}", "{{ event.slug }}", " & <b>", "{{User.UserId}} "]),
    min_size=1,
    max_size=4,
).map(lambda parts: "New: " + "-".join(parts))
HTML = TEXTS.map(lambda text: f'<p>{text}</p><a href="https://www.example.com/{{{{event.slug}}}}">x</a>')
MESSAGES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "EMAIL": st.fixed_dictionaries({"subject": TEXTS, "text": TEXTS}, optional={"html": HTML}),
    "SMS": st.fixed_dictionaries({"body": TEXTS}),
    "PUSH": st.fixed_dictionaries(
        {"body": TEXTS}, optional={"title": TEXTS, "url": st.just("https://www.example.com/{{event.slug}}")}
    ),
    "CUSTOM": st.fixed_dictionaries(
        {"data": st.dictionaries(st.text(max_size=5), TEXTS | st.integers() | st.lists(TEXTS), max_size=3)}
    ),
}
COMMON = optional(
    name=TEXTS,
    holdout_percent=st.integers(1, 40),
    start=st.sampled_from(["now", "PT2H", "P1DT5M", "2027-06-01T12:00:00Z"]),
    quiet_time=st.just({"from": "22:00", "to": "07:00", "action": "skip"}),
    limits=st.just({"daily": 1, "total": 2, "messages_per_second": 50, "maximum_duration": "PT6H"}),
)


def content(channel: str) -> st.SearchStrategy[dict[str, Any]]:
    message = MESSAGES[channel].map(lambda its: {"message": its})
    if channel == "CUSTOM":
        return message
    return message | optional(template_version=st.just("2")).map(lambda its: {"template": "stored"} | its)


@st.composite
def send(draw: st.DrawFn, name: str, channel: str) -> dict[str, Any]:
    """A send of one audience on one channel."""
    document = {"audience": name, "channel": channel} | draw(content(channel)) | draw(COMMON)
    if channel == "CUSTOM":
        document["custom_channel"] = "letter"
    if channel == "SMS":
        document |= draw(
            optional(message_type=st.just("TRANSACTIONAL"), sender=st.sampled_from(["EXAMPLE", "+441632960000"]))
        )
    if channel == "EMAIL":
        document |= draw(optional(sender=st.just("news@example.com")))
    if draw(st.booleans()):
        variant = {"name": "b", "percent": draw(st.integers(1, 50))} | draw(content(channel))
        document["treatments"] = [variant]
    return document


@st.composite
def step(draw: st.DrawFn, number: int, names: tuple[str, ...], kind: str) -> dict[str, Any]:
    """One step of a kind."""
    some = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
    document: dict[str, Any] = {"id": f"step-{number}"}
    if kind == "wait":
        return document | {"wait": draw(st.sampled_from(["PT1M", "P2D", "P1W"]))}
    if kind == "stamp":
        values = st.dictionaries(NAMES, TEXTS | st.lists(TEXTS, min_size=1, max_size=2), min_size=1)
        via = draw(st.sampled_from(["custom", "hook", "export"]))
        return document | {"stamp": {"audiences": some, "set": draw(values), "via": via}}
    pairs = [(name, channel) for name in some for channel in draw(lists(st.sampled_from(list(MESSAGES))))]
    return document | {"send": [draw(send(name, channel)) for name, channel in pairs]}


@st.composite
def plans(draw: st.DrawFn) -> dict[str, Any]:
    """A plan without faults."""
    given = draw(audiences())
    kinds = [*draw(st.lists(st.sampled_from(["stamp", "send", "wait"]), max_size=3)), "send"]
    steps = [draw(step(number, tuple(given), kind)) for number, kind in enumerate(kinds)]
    return {"event": "release", "audiences": given, "steps": steps}


def texts_of(values: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, tuple[str, ...]]]:
    return st.dictionaries(NAMES, lists(values).map(tuple))


ENDPOINTS = st.builds(
    Endpoint,
    channel=CHANNELS,
    country=COUNTRIES,
    user=texts_of(VALUES),
    attributes=texts_of(VALUES),
    metrics=st.dictionaries(st.just("orders"), st.integers(0, 3).map(float)),
    days_since_seen=st.integers(0, 40),
    segments=st.frozensets(SEGMENT_IDS),
)
PEOPLE = st.lists(ENDPOINTS, min_size=1, max_size=6).map(lambda people: [*people, COMPANY])
HOSTILE = st.text() | st.lists(
    st.sampled_from(
        [
            "{{",
            "}}",
            "{",
            "}",
            "<script>",
            '"',
            "'",
            "`",
            "&",
            "\r\nBcc: x@example.com",
            "\u202e",
            "\ud800",
            "x",
            "javascript:",
            " ",
        ]
    ),
    max_size=6,
).map("".join)
