"""What becomes of a job: its states, its pace, its place in the queue, and its result."""

import json
import time
import wave
from pathlib import Path

import pytest

from fermata.errors import UsageError
from fermata.localserver import LocalServer, LocalServerConfig
from tests.held_audio import held_audio
from tests.unit.localserver.client import TALK, StartClient, utterance


def write_silence(path: Path, duration_s: float) -> bytes:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * int(8000 * duration_s)))
    return path.read_bytes()


def test_known_audio_is_answered_with_its_reference(start_client: StartClient, references):
    transcript = start_client(references=references).transcribe(TALK, speaker_labels=True)
    assert transcript["status"] == "completed"
    assert transcript["error"] is None
    assert transcript["text"] == "good morning good evening"
    assert [one["speaker"] for one in transcript["utterances"]] == ["A", "B"]
    assert [word["text"] for word in transcript["words"]] == ["good", "morning", "good", "evening"]
    assert transcript["audio_duration"] == 3
    assert transcript["confidence"] == pytest.approx(0.9)
    assert transcript["speech_model_used"] == "reference"


def test_without_labels_there_are_words_but_no_utterances(start_client: StartClient, references):
    transcript = start_client(references=references).transcribe(TALK)
    assert transcript["utterances"] is None
    assert transcript["words"]


def test_a_reference_keeps_its_channels(start_client: StartClient, references):
    one = utterance("1", 0, 500, "hello") | {"channel": "1"}
    two = utterance("2", 700, 1200, "goodbye") | {"channel": "2"}
    (references / "pair[1].flac").write_bytes(b"two channels")
    (references / "pair[1].json").write_text(json.dumps({"utterances": [one, two]}))
    transcript = start_client(references=references).transcribe(b"two channels", multichannel=True)
    assert transcript["audio_channels"] == 2
    assert [one["channel"] for one in transcript["utterances"]] == ["1", "2"]
    assert transcript["audio_duration"] == 2


def test_a_missing_folder_of_references_is_explained(tmp_path):
    server = LocalServer(LocalServerConfig(references=tmp_path / "nothing"))
    with pytest.raises(UsageError, match="does not exist"), server:
        pass


@pytest.mark.parametrize("text", ["{", "{}", '{"utterances": [{"text": "no times"}]}'])
def test_a_reference_that_is_no_transcript_is_explained(references, text):
    (references / "office" / "talk.json").write_text(text)
    with pytest.raises(UsageError, match=r"talk\.json is no transcript with utterances"):
        LocalServer(LocalServerConfig(references=references)).__enter__()


def test_a_taken_port_is_explained(client):
    port = int(client.server.url.rpartition(":")[2])
    with pytest.raises(UsageError, match="choose another port"):
        LocalServer(LocalServerConfig(port=port)).__enter__()


def test_a_job_takes_as_long_as_told(start_client: StartClient, references):
    client = start_client(references=references, processing_time_per_audio_s=0.1)
    before_s = time.monotonic()
    client.transcribe(TALK)
    assert time.monotonic() - before_s >= 0.3


def test_jobs_above_the_concurrency_wait_in_line(start_client: StartClient, references):
    client = start_client(references=references, concurrency=1)
    with held_audio(TALK) as audio:
        first, second = (client.submit(f"{audio.url}/{number}")["id"] for number in range(2))
        client.until(first, "processing")
        assert client.poll(second)["status"] == "queued"
        audio.let_one_go()
        client.until(second, "processing")
        assert client.poll(first)["status"] == "completed"
        audio.let_one_go()
        assert client.finished(second)["status"] == "completed"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"not": "audio"}', "application/json"),
        (b"<!DOCTYPE html><p>not audio", "text/html"),
        (b"recordings/call.wav", "text/plain"),
        (b"\xff\xfe\x00 no audio", "application/octet-stream"),
    ],
)
def test_an_upload_that_is_no_audio_ends_in_an_error(start_client: StartClient, content, kind):
    transcript = start_client(engine_processes=1).transcribe(content)
    assert transcript["status"] == "error"
    assert transcript["error"] == f"File does not appear to contain audio. File type is {kind}"


def test_audio_that_is_too_short_ends_in_an_error(client, tmp_path):
    transcript = client.transcribe(write_silence(tmp_path / "short.wav", 0.1))
    assert transcript["error"] == "Audio duration is too short."


def test_silence_is_a_transcript_without_words(client, tmp_path):
    silence = write_silence(tmp_path / "silence.wav", 2.2)
    transcript = client.transcribe(silence, speaker_labels=True)
    assert transcript["status"] == "completed"
    assert transcript["words"] == transcript["utterances"] == []
    assert transcript["text"] == ""
    assert transcript["confidence"] is None
    assert transcript["audio_duration"] == 3
