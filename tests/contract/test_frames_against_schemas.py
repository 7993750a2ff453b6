"""Every frame that the server sends passes the vendors' schemas, as far as those go."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from jsonschema import Draft202012Validator

from fermata.localserver import LocalServer, LocalServerConfig
from fermata.localserver.streaming.config import FormatTurns, StreamingConfig
from tests.specifications import SPECIFICATIONS as SPECS
from tests.unit.localserver_streaming import stream_client as client
from tests.unit.localserver_streaming.test_localserver_gladia import live

ASSEMBLYAI = SPECS / "assemblyai"

pytestmark = pytest.mark.skipif(
    not SPECS.is_dir(), reason="the vendors' specifications are not beside this checkout"
)

MODELS = {
    "universal-streaming-english": "usm-streaming.yml",
    "u3-rt-pro": "usm-streaming-u3-pro.yml",
    "universal-3-6-pro": "usm-streaming-u3-pro.yml",
}
PAYLOADS = {
    "Begin": "SessionBeginsPayload",
    "Turn": "TurnPayload",
    "SpeechStarted": "SpeechStartedPayload",
    "Termination": "TerminationPayload",
}
SDK_EVENTS = {
    "LLMGatewayResponse": "LLMGatewayResponseEvent",
    "Error": "ErrorEvent",
    "Silence": "SilenceEvent",
    "Heartbeat": "HeartbeatEvent",
    "SpeakerRevision": "SpeakerRevisionEvent",
    **{kind: f"{kind}Event" for kind in PAYLOADS},
}
GLADIA_MESSAGES = {
    "transcript": "TranscriptMessage",
    "audio_chunk": "AudioChunkAckMessage",
    "stop_recording": "StopRecordingAckMessage",
    "speech_start": "SpeechStartMessage",
    "speech_end": "SpeechEndMessage",
    "start_session": "StartSessionMessage",
    "start_recording": "StartRecordingMessage",
    "end_recording": "EndRecordingMessage",
    "end_session": "EndSessionMessage",
    "post_transcript": "PostTranscriptMessage",
    "post_final_transcript": "PostFinalTranscriptMessage",
    "post_summarization": "PostSummarizationMessage",
}
QUESTION = {"model": "m", "messages": [{"role": "user", "content": "{{turn}}"}], "max_tokens": 9}


@pytest.fixture(scope="module")
def server(known_talk) -> Iterator[LocalServer]:
    streaming = StreamingConfig(
        format_turns=FormatTurns.TWO_MESSAGES, speaker_placeholder="UNKNOWN", clock_speed=50
    )
    config = LocalServerConfig(references=known_talk, streaming=streaming)
    with LocalServer(config) as running:
        yield running


@pytest.fixture(scope="module")
def talk() -> Any:
    return client.noise(6000)


@pytest.fixture(scope="module")
def known_talk(tmp_path_factory, talk) -> Path:
    folder = tmp_path_factory.mktemp("references")
    client.write_reference(
        folder,
        talk,
        client.spoken("Good morning, everybody.", 500, speaker="B"),
        client.spoken("I would like to have some tea.", 1600, speaker="A"),
        client.spoken("Sure.", 4500, speaker="B"),
    )
    return folder


def closed(schema: Any) -> Any:
    """OpenAPI 3.0's `nullable` in the words of JSON Schema."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: closed(value) for key, value in schema.items() if key != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") else plain


@cache
def validator(path: Path, name: str, place: str = "components/schemas") -> Draft202012Validator:
    """The validator of one schema of a document."""
    text = path.read_text()
    document = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    root = closed({"components": document["components"]} if "components" in document else document)
    return Draft202012Validator({**root, "$ref": f"#/{place}/{name}"})


def check(schema: Draft202012Validator, frame: dict) -> None:
    assert [error.message for error in schema.iter_errors(frame)] == []


def sdk_schema(name: str) -> Draft202012Validator:
    document = json.loads((ASSEMBLYAI / "python-sdk-1.8.2-streaming-v3.schema.json").read_text())
    definitions = document["server_to_client"]["$defs"]
    # On the wire it is a Unix time, which the SDK turns into a date.
    definitions["BeginEvent"]["properties"]["expires_at"] = {"type": "integer"}
    return Draft202012Validator({"$defs": definitions, "$ref": f"#/$defs/{name}"})


def everything(server: LocalServer, talk: Any, model: str) -> list[dict]:
    """The frames of a session that asks for all there is."""
    with client.session(
        server,
        speech_model=model,
        format_turns=True,
        speaker_labels=True,
        language_detection=True,
        acknowledge_silence=True,
        session_heartbeat=True,
        llm_gateway=json.dumps(QUESTION),
    ) as connection:
        frames = [client.begin(connection)]
        client.send(connection, client.pcm(talk))
        while frames[-1]["type"] != "Heartbeat":
            frames.append(client.next_frame(connection))
        return frames + client.finish(connection)


@pytest.mark.parametrize("model", list(MODELS))
def test_all_frames_of_a_session_pass_the_official_schemas(server, talk, model):
    frames = everything(server, talk, model)
    kinds = {frame["type"] for frame in frames}
    assert kinds >= {"Begin", "Turn", "Heartbeat", "LLMGatewayResponse", "Termination"}
    for frame in frames:
        if payload := PAYLOADS.get(frame["type"]):
            check(validator(ASSEMBLYAI / MODELS[model], payload), frame)
        check(sdk_schema(SDK_EVENTS[frame["type"]]), frame)


def test_later_messages_pass_the_community_schemas(server, talk):
    path = ASSEMBLYAI / "community-asyncapi-v3-2026-08.json"
    frames = everything(server, talk, "universal-3-6-pro")
    for frame in frames:
        if frame["type"] in {*PAYLOADS, "SpeakerRevision"}:
            name = PAYLOADS.get(frame["type"], "SpeakerRevisionPayload")
            check(validator(path, name), frame)
    assert "SpeakerRevision" in {frame["type"] for frame in frames}
    with client.session(server, key=None) as connection:
        (error,) = client.rest(connection)
    check(validator(path, "ErrorPayload"), error)
    check(sdk_schema("ErrorEvent"), error)


def test_the_schemas_do_refuse_what_is_wrong():
    official = validator(ASSEMBLYAI / "usm-streaming-u3-pro.yml", "TurnPayload")
    gladia = validator(SPECS / "gladia/openapi-2026-08.json", "TranscriptMessage")
    for schema in (official, gladia, sdk_schema("TurnEvent")):
        assert list(schema.iter_errors({"type": "Turn", "words": "none"}))


def test_tokens_pass_the_official_schema(server):
    response = requests.get(
        f"{server.url}/v3/token",
        params={"expires_in_seconds": 60},
        headers={"Authorization": "k"},
        timeout=60,
    )
    document = yaml.safe_load((ASSEMBLYAI / "streaming-token.yml").read_text())
    answers = document["paths"]["/v3/token"]["get"]["responses"]
    schema = answers["200"]["content"]["application/json"]["schema"]
    check(Draft202012Validator(schema), response.json())


def test_completions_pass_the_official_schema(server):
    response = requests.post(
        f"{server.url}/v1/chat/completions",
        json=QUESTION,
        headers={"Authorization": "k"},
        timeout=60,
    )
    check(validator(ASSEMBLYAI / "llm-gateway.yml", "Response"), response.json())


def test_all_messages_of_a_gladia_session_pass_its_schemas(server, talk):
    path = SPECS / "gladia/openapi-2026-08.json"
    session_id, messages = live(
        server,
        client.pcm(talk),
        endpointing=0.3,
        messages_config={"receive_partial_transcripts": True, "receive_lifecycle_events": True},
        post_processing={"summarization": True},
    )
    assert {message["type"] for message in messages} == set(GLADIA_MESSAGES)
    for message in messages:
        check(validator(path, GLADIA_MESSAGES[message["type"]]), message)
    headers = {"x-gladia-key": "k"}
    shown = requests.get(f"{server.url}/v2/live/{session_id}", headers=headers, timeout=60)
    check(validator(path, "StreamingResponse"), shown.json())
    page = requests.get(f"{server.url}/v2/live", headers=headers, timeout=60)
    check(validator(path, "ListStreamingResponse"), page.json())


@pytest.mark.parametrize(
    ("headers", "body", "status", "schema"),
    [
        ({"x-gladia-key": "k"}, {}, 201, "InitStreamingResponse"),
        ({"x-gladia-key": "k"}, {"channels": 9}, 400, "BadRequestErrorResponse"),
        ({}, {}, 401, "UnauthorizedErrorResponse"),
        ({"x-gladia-key": "k"}, {"callback": True}, 422, "UnprocessableEntityErrorResponse"),
    ],
)
def test_answers_to_a_gladia_request_pass_its_schemas(server, headers, body, status, schema):
    response = requests.post(f"{server.url}/v2/live", json=body, headers=headers, timeout=60)
    assert response.status_code == status
    check(validator(SPECS / "gladia/openapi-2026-08.json", schema), response.json())
