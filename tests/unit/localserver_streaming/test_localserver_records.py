"""What the server puts down of its sessions, and what it echoes."""

import hashlib
import math
import time
import uuid

import pytest
import requests

from fermata.localserver.streaming.server_messages import API_VERSION
from tests.unit.localserver_streaming.stream_client import (
    FRAME_BYTES,
    SILENCE,
    begin,
    finish,
    next_frame,
    noise,
    pcm,
    rest,
    send,
    session,
    transcribe,
)

PLACE = "User Input Validation Error: Invalid "


def test_begin_echoes_eight_settings_and_nothing_else(server):
    with session(
        server, speech_model="universal-3-5-pro", speaker_labels=True, mode="min_latency"
    ) as connection:
        frame = begin(connection)
    assert uuid.UUID(frame["id"])
    assert isinstance(frame["expires_at"], int)
    assert frame["configuration"] == {
        "model": "universal-3-5-pro",
        "mode": "min_latency",
        "api_version": API_VERSION,
        "speaker_labels": True,
        "redact_pii": False,
        "filter_profanity": False,
        "domain": None,
        "voice_focus": None,
    }


def test_misspelt_parameters_are_ignored_without_a_word(server):
    with session(server, min_turn_silense=1, speaker_label="yes") as connection:
        assert begin(connection)["configuration"]["model"] == "u3-rt-pro"


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("speech_model", "universal-3-pro", "'speech_model': Input should be 'universal-str"),
        ("sample_rate", 7999, "'sample_rate': sample_rate must be at least 8,000 Hz"),
        ("encoding", "mp3", "'encoding': Input should be "),
        ("min_turn_silence", "soon", "'min_turn_silence': Input should be a valid integer"),
        ("end_of_turn_confidence_threshold", 1.5, "'end_of_turn_confidence_threshold': "),
        ("speaker_labels", "perhaps", "'speaker_labels': Input should be a valid boolean"),
        ("max_speakers", 11, "'max_speakers': "),
        ("inactivity_timeout", 4, "'inactivity_timeout': "),
        ("mode", "fast", "'mode': Input should be "),
        ("language_codes", '["xx"]', "'language_codes': Input should be 'en', 'es'"),
        (
            "keyterms_prompt",
            str(["a"] * 101).replace("'", '"'),
            "'keyterms_prompt': Value error, Max",
        ),
        ("keyterms_prompt", "[oops", "'keyterms_prompt': Value error, "),
        ("prompt", "x" * 1751, "'prompt': String should have at most 1750 characters"),
        ("llm_gateway", "{}", "'llm_gateway': Field required"),
    ],
)
def test_wrong_values_are_refused_with_3006_before_begin(server, name, value, text):
    with session(server, **{name: value}) as connection:
        (frame,) = rest(connection)
    assert (frame["type"], frame["error_code"]) == ("Error", 3006)
    assert frame["error"].startswith(PLACE + text)


@pytest.mark.parametrize(
    ("era", "model"), [("summer", "universal-3-5-pro"), ("autumn", "universal-3-6-pro")]
)
def test_each_era_has_its_model_where_none_is_named(era, model):
    from fermata.localserver.era import Era
    from fermata.localserver.streaming.parameters import read_parameters

    assert read_parameters({}, Era(era)).speech_model == model


def test_in_spring_a_model_had_to_be_named():
    from fermata.localserver.era import Era
    from fermata.localserver.streaming.parameters import read_parameters
    from fermata.localserver.streaming.refusal import RefusalError

    with pytest.raises(RefusalError, match="speech_model"):
        read_parameters({}, Era.SPRING)
    assert read_parameters({"speech_model": "u3-rt-pro"}, Era.SPRING)


def test_silences_out_of_range_are_taken_for_the_nearest():
    from fermata.localserver.era import Era
    from fermata.localserver.streaming.parameters import read_parameters

    asked = {"min_end_of_turn_silence_when_confident": "1", "max_turn_silence": "99999"}
    turns = read_parameters(asked, Era.AUTUMN).turns
    assert (turns.min_turn_silence_ms, turns.max_turn_silence_ms) == (50, 10_000)


def test_the_books_tell_the_very_bytes_that_were_received(server):
    audio = pcm(noise(1230, seed=3))
    with session(server) as connection:
        session_id = begin(connection)["id"]
        send(connection, audio)
        finish(connection)
    record = server.store.streams.records[session_id]
    assert record.audio_sha256 == hashlib.sha256(audio).hexdigest()
    assert record.audio_bytes == len(audio)
    assert record.audio_s == 1.23


def test_open_time_is_billed_idle_or_not(server):
    started_s = time.monotonic()
    with session(server) as connection:
        session_id = begin(connection)["id"]
        time.sleep(1.05)
        last = finish(connection)[-1]
    elapsed_s = time.monotonic() - started_s
    assert 2 <= last["session_duration_seconds"] <= math.ceil(elapsed_s)
    assert last["audio_duration_seconds"] == 0
    billed_s = server.store.streams.records[session_id].billed_s
    assert last["session_duration_seconds"] <= billed_s <= math.ceil(elapsed_s)


def test_the_state_shows_all_sessions(start_server):
    server = start_server()
    with session(server, key=None) as connection:
        rest(connection)
    with session(server) as connection:
        session_id = begin(connection)["id"]
        send(connection, SILENCE * 4)
        state = requests.get(f"{server.url}/_fermata/state", timeout=60).json()["streams"]
        assert state["open"] == 1
        finish(connection)
    state = requests.get(f"{server.url}/_fermata/state", timeout=60).json()["streams"]
    billed_s = server.store.streams.records[session_id].billed_s
    assert (state["open"], state["billed_s"], state["refused"]) == (0, billed_s, {"1008": 1})
    (shown,) = state["sessions"]
    assert shown["session_id"] == session_id
    assert shown["provider"] == "assemblyai"
    assert shown["parameters"] == {"speech_model": "u3-rt-pro"}
    assert shown["audio_sha256"] == hashlib.sha256(SILENCE * 4).hexdigest()


def test_a_heartbeat_comes_every_five_seconds_if_asked(start_server):
    server = start_server(clock_speed=20)
    with session(server, session_heartbeat="true") as connection:
        begin(connection)
        send(connection, SILENCE * 4)
        while (frame := next_frame(connection))["total_audio_received_ms"] < 200:
            assert frame["type"] == "Heartbeat"
    assert frame["type"] == "Heartbeat"
    assert frame["total_audio_received_ms"] == 200
    assert frame["total_duration_ms"] >= 240
    assert frame["max_speech_probability"] == 0


def test_mu_law_is_heard_as_well(server):
    frames = transcribe(server, bytes([255]) * FRAME_BYTES, encoding="pcm_mulaw", sample_rate=8000)
    assert frames[-1]["audio_duration_seconds"] == 1


def test_many_sessions_are_held_at_once(server, talk):
    connections = []
    try:
        for _ in range(20):
            manager = session(server)
            connections.append((manager, manager.__enter__()))
        for _, connection in connections:
            begin(connection)
            send(connection, pcm(talk))
        heard = [[one for one in finish(each) if one.get("end_of_turn")] for _, each in connections]
    finally:
        for manager, _ in connections:
            manager.__exit__(None, None, None)
    assert {len(turns) for turns in heard} == {3}
