"""Opening a session at Gladia."""

import logging

import pytest
from conversing import KEY, RATE_HZ, client_for, provider_for
from gladia_peer import GladiaPeer, refusal
from gladia_specs import check

from fermata.assemblyai.errors import RequestRejectedError, ServiceUnavailableError
from fermata.errors import UsageError
from fermata.gladia import GladiaClient, LiveRequest, Region
from fermata.live.errors import (
    AuthenticationError,
    BadParameterError,
    BalanceError,
    DroppedError,
    RefusedError,
    Retry,
    ServerError,
    TooManySessionsError,
)


def just_open(connection):
    connection.wait_for_close()


def connect(peer, request=None):
    provider_for(peer, request).connect(RATE_HZ).close()


def test_a_session_is_opened_with_the_key_and_the_region():
    with GladiaPeer() as peer:
        session = client_for(peer, region=Region.EU_WEST).open(LiveRequest(endpointing=0.4))
    path, headers, body = peer.inits[0]
    assert path == "/v2/live?region=eu-west"
    assert headers["x-gladia-key"] == KEY
    assert body["endpointing"] == 0.4
    assert session.session_id


@pytest.mark.parametrize(
    "request_",
    [
        LiveRequest(endpointing=0.4),
        LiveRequest(encoding="wav/ulaw", bit_depth=8, channels=2, endpointing=0.2),
    ],
)
def test_the_body_is_one_that_gladia_documents(request_):
    with GladiaPeer(just_open) as peer:
        connect(peer, request_)
    check(peer.inits[0][2], "StreamingRequest")


def test_a_live_session_asks_for_its_own_audio_and_the_messages_it_needs():
    request = LiveRequest(encoding="wav/ulaw", bit_depth=8, channels=2, endpointing=0.2)
    with GladiaPeer(just_open) as peer:
        connect(peer, request)
    body = peer.inits[0][2]
    audio = [body[name] for name in ("encoding", "bit_depth", "channels", "sample_rate")]
    assert audio == ["wav/pcm", 16, 1, RATE_HZ]
    assert body["endpointing"] == 0.2
    messages = body["messages_config"]
    for wanted in ("partial_transcripts", "final_transcripts", "acknowledgments", "errors"):
        assert messages[f"receive_{wanted}"] is True
    assert messages["receive_lifecycle_events"] is True


def test_a_sample_rate_gladia_does_not_take_is_refused_before_anything_is_sent():
    with GladiaPeer() as peer, pytest.raises(UsageError, match="11,025 Hz: convert"):
        provider_for(peer).connect(11025)
    assert peer.inits == []


@pytest.mark.parametrize(
    ("status", "body", "expected", "words"),
    [
        (
            400,
            refusal(400, "Invalid body", validation_errors=["endpointing must not be over 10"]),
            BadParameterError,
            "Invalid body; endpointing must not be over 10",
        ),
        (401, refusal(401, "gladia key not found"), AuthenticationError, "GLADIA_API_KEY"),
        (402, refusal(402, "Payment required"), BalanceError, "no credit: .*Payment required"),
        (403, refusal(403, "Forbidden"), AuthenticationError, "GLADIA_API_KEY"),
        (422, refusal(422, "Unsupported"), BadParameterError, "Unsupported"),
        (429, refusal(429, "Concurrency limit"), TooManySessionsError, "end others first"),
        (500, b"<html>", ServerError, "try again later"),
        (200, b"<html>", ServerError, "can't be read"),
    ],
)
def test_a_refusal_is_told_in_plain_words_by_one_error_each(status, body, expected, words):
    with GladiaPeer() as peer:
        for _ in range(3):
            peer.replies.put((status, {}, body))
        with pytest.raises(expected, match=words) as caught:
            connect(peer)
    assert KEY not in str(caught.value)


def test_a_key_that_the_service_repeats_is_not_shown():
    with GladiaPeer() as peer:
        peer.replies.put((400, {}, refusal(400, f"no such field {KEY}")))
        with pytest.raises(RequestRejectedError) as caught:
            client_for(peer).open(LiveRequest())
    assert KEY not in str(caught.value)


def test_a_limited_or_troubled_service_is_asked_again_a_bounded_number_of_times():
    with GladiaPeer() as peer:
        peer.replies.put((429, {"Retry-After": "9"}, refusal(429, "Concurrency limit")))
        peer.replies.put((503, {}, b""))
        assert client_for(peer).open(LiveRequest()).session_id
        assert len(peer.inits) == 3
        for _ in range(4):
            peer.replies.put((503, {}, b""))
        with pytest.raises(ServiceUnavailableError):
            client_for(peer).open(LiveRequest())
    assert len(peer.inits) == 6


@pytest.mark.parametrize("status", [400, 401, 422])
def test_a_refusal_is_not_repeated(status):
    with GladiaPeer() as peer:
        peer.replies.put((status, {}, refusal(status, "no")))
        with pytest.raises((BadParameterError, AuthenticationError)) as caught:
            connect(peer)
    assert len(peer.inits) == 1
    assert caught.value.retry is Retry.NEVER


def test_a_service_out_of_reach_may_be_tried_later():
    with GladiaPeer() as peer:
        provider = provider_for(peer)
    with pytest.raises(DroppedError, match="can't connect"):
        provider.connect(RATE_HZ)


def test_the_token_of_a_session_is_in_no_repr_log_or_error(caplog):
    caplog.set_level(logging.DEBUG)
    with GladiaPeer() as peer:
        answer = peer.session()
        # Nothing upgrades at the HTTP port: the socket is refused.
        answer["url"] = answer["url"].replace(
            answer["url"].split(":")[2].split("/")[0], peer.url.rsplit(":", 1)[1]
        )
        peer.replies.put((201, {}, answer))
        peer.replies.put((201, {}, answer))
        session = client_for(peer).open(LiveRequest())
        with pytest.raises(RefusedError) as caught:
            connect(peer)
    token = peer.tokens[0]
    assert token in session.url.get_secret_value()
    shown = [repr(session), str(session), caplog.text, str(caught.value), repr(caught.value)]
    assert not any(token in each or KEY in each for each in shown)
    assert caught.value.__cause__ is None


def test_a_session_whose_audio_would_go_unencrypted_to_another_machine_is_refused():
    answer = {"id": "x", "created_at": "", "url": "ws://example.com/v2/live?token=secret-token"}
    with GladiaPeer() as peer:
        peer.replies.put((201, {}, answer))
        with pytest.raises(UsageError, match=r"example\.com unencrypted") as caught:
            client_for(peer).open(LiveRequest())
    assert "secret-token" not in str(caught.value)


@pytest.mark.parametrize("key", ["", "  ", "two words", "schlüssel"])
def test_a_key_that_cannot_be_one_is_refused(key):
    with pytest.raises(UsageError, match="GLADIA_API_KEY"):
        GladiaClient("https://api.gladia.io", key)


def test_a_key_is_not_sent_in_the_clear_to_another_machine():
    with pytest.raises(UsageError, match="unencrypted"):
        GladiaClient("http://gladia.example.com", KEY)
