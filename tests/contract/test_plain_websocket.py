"""A plain `websockets` client, as the vendor's guides write it, streams a bundled recording."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from websockets.sync.client import connect

from fermata.localserver import LocalServer
from tests.contract.streaming_material import channels, frames, likeness, planned

CONNECTION_PARAMS = {"sample_rate": 16_000, "speech_model": "u3-rt-pro"}
PROMPT = "Provide a brief summary of the transcript.\n\nTranscript: {{turn}}"


def stream(server: LocalServer, audio: bytes, **parameters: object) -> list[dict]:
    """All messages of a session."""
    query = urlencode({**CONNECTION_PARAMS, **parameters})
    url = f"{server.websocket_url}/v3/ws?{query}"
    with connect(url, additional_headers={"Authorization": "YOUR-API-KEY"}) as websocket:
        for frame in frames(audio):
            websocket.send(frame)
        websocket.send(json.dumps({"type": "Terminate"}))
        messages = [json.loads(message) for message in websocket]
        assert websocket.close_code == 1000
        assert websocket.close_reason == "Session Ended"
    return messages


def test_one_session_per_channel_hears_what_is_said_on_it(server):
    with ThreadPoolExecutor(2) as pool:
        heard = list(pool.map(lambda audio: stream(server, audio), channels()))
    for number, messages in enumerate(heard):
        finals = [one["transcript"] for one in messages if one.get("end_of_turn")]
        assert likeness(finals, planned(number)) > 0.85
        assert messages[0]["type"] == "Begin"
        assert messages[-1]["type"] == "Termination"


def test_the_server_received_the_very_samples_of_the_channel(server, talk):
    session_id = stream(server, talk)[0]["id"]
    record = server.store.streams.records[session_id]
    assert record.audio_sha256 == hashlib.sha256(talk).hexdigest()


def test_the_guides_model_question_is_answered_for_each_turn(server, talk):
    config = {
        "model": "claude-sonnet-4-6",
        "messages": [{"role": "user", "content": PROMPT}],
        "max_tokens": 4000,
    }
    messages = stream(server, talk, format_turns=True, llm_gateway=json.dumps(config))
    ended = [one["turn_order"] for one in messages if one.get("end_of_turn")]
    answers = [one for one in messages if one["type"] == "LLMGatewayResponse"]
    assert [one["turn_order"] for one in answers] == ended
    for one in answers:
        content = one["data"].get("choices", [{}])[0].get("message", {}).get("content", "")
        assert content.split()[1].startswith("word")
