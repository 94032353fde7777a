"""Questions that the answers settle."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tools.smoke.calls import CHOSEN_REQUEST_ID, Answer

_IMAGES = {
    b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>': "the SVG",
    b"GIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;": "the GIF",
}
_FIXED = ("Cache-Control", "Cross-Origin-Resource-Policy", "X-Content-Type-Options")
_ALLOWED = ("Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Vary")


def observe(answers: Mapping[str, Answer]) -> dict[str, str]:
    """What the answers, by the name of their call, say to each question; those without a call are left out."""
    return {
        question: look(answers[call]) if answers[call].status else f"no answer ({answers[call].body.decode()})"
        for question, (call, look) in _QUESTIONS.items()
        if call in answers
    }


def _status(answer: Answer) -> str:
    return str(answer.status)


def _image(answer: Answer) -> str:
    image = _IMAGES.get(answer.body, f"{len(answer.body)} other bytes")
    return f"{answer.status} {answer.media_type}, {image}"


def _headers(*names: str) -> Callable[[Answer], str]:
    return lambda answer: ", ".join(f"{name}: {answer.header(name) or '(absent)'}" for name in names)


def _named(answer: Answer) -> str:
    names = "names endpoint_id" if b"endpoint_id" in answer.body else "does not name endpoint_id"
    return f"{answer.status} {answer.media_type}, {names}"


def _request_id(answer: Answer) -> str:
    return "the client's" if answer.header("x-amzn-requestid") == CHOSEN_REQUEST_ID else "the gateway's own"


def _origin(answer: Answer) -> str:
    return "not allowed" if not answer.header(_ALLOWED[0]) else f"allowed: {answer.header(_ALLOWED[0])}"


def _preflight(answer: Answer) -> str:
    return f"{answer.status}, {_headers(*_ALLOWED)(answer)}"


def _foreign_preflight(answer: Answer) -> str:
    # A gateway response, which no list can bind, is the answer where the API has no OPTIONS.
    return str(answer.status) if answer.status == 403 else f"{answer.status}, {_origin(answer)}"


_QUESTIONS: Mapping[str, tuple[str, Callable[[Answer], str]]] = {
    "image": ("plain", _image),
    "image_headers": ("plain", _headers(*_FIXED)),
    "missing_parameter": ("missing", _named),
    "blank_parameter": ("blank", _named),
    "not_utf_8": ("not-utf-8", _status),
    "many_parameters": ("many", _status),
    "head": ("head", _status),
    "request_id": ("request-id", _request_id),
    "post_json": ("json", _status),
    "post_text": ("text", _status),
    "post_form": ("form", _status),
    "post_incomplete": ("incomplete", _status),
    "post_multipart": ("multipart", _status),
    "foreign_origin": ("foreign-origin", _origin),
    "foreign_preflight": ("foreign-preflight", _foreign_preflight),
    "listed_origin": ("listed-origin", _headers(*_ALLOWED)),
    "listed_preflight": ("listed-preflight", _preflight),
}
