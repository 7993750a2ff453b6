"""What a service says reaches nobody with the key, a signature or an escape sequence in it.

Every way in is walked: whatever made a text of these, a person, a table or Prefect gets it next.
"""

import json
from collections.abc import Callable

import pytest
import requests

from fermata.assemblyai.classification import classify
from fermata.assemblyai.gateway.errors import classify_gateway
from fermata.assemblyai.streaming import closing as streaming
from fermata.assemblyai.streaming.messages import read
from fermata.gladia.clock import SentAudio
from fermata.gladia.closing import close_error
from fermata.gladia.http import classify_init
from fermata.gladia.messages import Interpreter
from fermata.live.errors import SessionError
from fermata.live.events import Notice
from fermata.live.wire import Closed
from fermata.redact import MASK, remember_secret

KEY = "planted-0123456789abcdef"
TOLD = f"bad key {KEY}\nat https://host/a?sig=s3cret of sftp://me:p@ss@host \x1b]0;mine\x07\x9b2J"


def answer(status: int, body: object, reason: str = "Bad") -> requests.Response:
    """An answer of a service."""
    response = requests.Response()
    response.status_code, response.reason = status, reason
    response._content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response.url = "https://service.example/v2/live"
    response.request = requests.Request("POST", response.url).prepare()
    return response


def raised(message: dict[str, object]) -> str:
    with pytest.raises(SessionError) as error:
        read(json.dumps(message).encode(), lambda _: None)
    return str(error.value)


def noticed(message: dict[str, object]) -> str:
    event = read(json.dumps(message).encode(), lambda _: None)
    assert isinstance(event, Notice)
    return event.text


def of_gladia(message: dict[str, object]) -> str:
    event = Interpreter(SentAudio(16_000)).event(json.dumps(message).encode())
    assert isinstance(event, Notice)
    return event.text


def unknown(kind: str) -> str:
    told: list[str] = []
    read(json.dumps({"type": kind}).encode(), told.append)
    return told[0]


STATUSES = (400, 401, 402, 403, 404, 422, 429, 500, 503)
WAYS_IN: dict[str, Callable[[], object]] = {
    **{
        f"REST {status}": lambda status=status: classify(answer(status, {"error": TOLD}))
        for status in STATUSES
    },
    "REST, no body": lambda: classify(answer(400, b"", TOLD)),
    **{
        f"Gladia {status}": lambda status=status: classify_init(answer(status, {"message": TOLD}))
        for status in STATUSES
    },
    "Gladia, no body": lambda: classify_init(answer(400, b"", TOLD)),
    "Gladia 5xx, as others say it": lambda: classify_init(answer(502, {"error": TOLD})),
    "Gladia, in detail": lambda: classify_init(
        answer(400, {"message": "no", "validation_errors": [TOLD]})
    ),
    **{
        f"gateway {status}": lambda status=status: classify_gateway(
            answer(status, {"error": {"message": TOLD}}), "a-model"
        )
        for status in STATUSES
    },
    "gateway, in a word": lambda: classify_gateway(answer(400, {"error": TOLD}), "a-model"),
    "gateway, in detail": lambda: classify_gateway(
        answer(400, {"error": {"metadata": {"errors": [TOLD]}}}), "a-model"
    ),
    **{
        f"v3, closed with {code}": lambda code=code: streaming.classify(code, TOLD)
        for code in (1000, 1008, 1011, 3005, 3006, 3007, 4001)
    },
    "v3 Error": lambda: raised({"type": "Error", "error": TOLD}),
    "v3 Error with a code": lambda: raised({"error": TOLD, "error_code": 3006}),
    "v3 Warning": lambda: noticed({"type": "Warning", "warning": TOLD}),
    "v3, unknown type": lambda: unknown(TOLD),
    **{
        f"Gladia, closed with {code}": lambda code=code: close_error(Closed(code, TOLD))
        for code in (1001, 1009, 1011, 4408)
    },
    "Gladia error": lambda: of_gladia({"type": "error", "data": {"message": TOLD}}),
    "Gladia, not acknowledged": lambda: of_gladia(
        {"type": "audio_chunk", "acknowledged": False, "error": {"message": TOLD}}
    ),
}
# What a Gladia in trouble says is not read.
SAY_NOTHING = ("Gladia 500", "Gladia 503")


@pytest.mark.parametrize("way", WAYS_IN)
def test_what_a_service_says_is_quoted_without_secrets_and_steers_nothing(way: str) -> None:
    remember_secret(KEY)
    shown = str(WAYS_IN[way]())
    assert KEY not in shown
    assert "s3cret" not in shown
    assert "p@ss" not in shown
    assert "ss@host" not in shown
    assert shown.isprintable()
    assert MASK in shown or way in SAY_NOTHING


@pytest.mark.parametrize("way", WAYS_IN)
def test_a_text_without_end_is_cut(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "TOLD", "x" * 40_000)
    assert (300 < len(str(WAYS_IN[way]())) < 700) or way in SAY_NOTHING
