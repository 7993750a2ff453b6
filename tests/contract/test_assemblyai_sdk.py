"""The vendor's own Python SDK works against the local server."""

import json
from collections.abc import Iterator
from pathlib import Path

import assemblyai as aai
import pytest
import requests
from assemblyai.api import delete_transcript

from fermata.localserver import LocalServer, parse_fault

# The SDK still calls pydantic's old names.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

RECORDINGS = Path(__file__).parents[1] / "recordings"
MONO = RECORDINGS / "ivr/lost_parcel.wav"
STEREO = RECORDINGS / "ivr/taxi_interrupted.wav"


@pytest.fixture
def transcriber(server: LocalServer) -> Iterator[aai.Transcriber]:
    settings = aai.Settings(api_key="sdk-key", base_url=server.url, polling_interval=0.05)
    client = aai.Client(settings=settings)
    yield aai.Transcriber(client=client)
    client.http_client.close()


def planned_text(recording: Path) -> list[str]:
    plans = json.loads((RECORDINGS / "planned.json").read_text())
    (plan,) = [one for one in plans if one["name"] == recording.relative_to(RECORDINGS).as_posix()]
    return [one["text"] for one in plan["utterances"]]


def test_the_sdk_gets_utterances_with_speaker_labels(transcriber: aai.Transcriber):
    transcript = transcriber.transcribe(str(MONO), aai.TranscriptionConfig(speaker_labels=True))
    assert transcript.status is aai.TranscriptStatus.completed
    assert [one.speaker for one in transcript.utterances] == ["A"] * len(planned_text(MONO))
    assert [one.text for one in transcript.utterances] == planned_text(MONO)
    for one in transcript.utterances:
        assert one.words[0].start == one.start < one.end == one.words[-1].end


def test_the_sdk_gets_utterances_per_channel(transcriber: aai.Transcriber):
    transcript = transcriber.transcribe(str(STEREO), aai.TranscriptionConfig(multichannel=True))
    assert [one.channel for one in transcript.utterances] == ["1", "2"] * 3
    assert [one.text for one in transcript.utterances] == planned_text(STEREO)


def test_the_sdk_finds_a_transcript_by_its_id(transcriber: aai.Transcriber, server: LocalServer):
    submitted = transcriber.submit(str(MONO), aai.TranscriptionConfig(speaker_labels=True))
    submitted.wait_for_completion()
    stored = server.store.transcripts[submitted.id]
    assert stored.result is not None
    assert submitted.text == stored.result.text
    assert submitted.audio_duration == stored.result.audio_duration


def test_the_sdk_walks_the_list_and_deletes(transcriber: aai.Transcriber):
    ids = [transcriber.submit("http://127.0.0.1:9/a.wav").id for _ in range(3)]
    newest = transcriber.list_transcripts(aai.ListTranscriptParameters(limit=2))
    assert [one.id for one in newest.transcripts] == [ids[2], ids[1]]
    older = transcriber.list_transcripts(
        aai.ListTranscriptParameters(limit=1, before_id=newest.page_details.before_id_of_prev_url)
    )
    assert [one.id for one in older.transcripts] == [ids[0]]
    deleted = delete_transcript(transcriber._client.http_client, ids[0])
    assert (deleted.id, deleted.audio_url) == (ids[0], "http://deleted_by_user")


def test_the_sdk_names_the_error_of_a_job(transcriber: aai.Transcriber, tmp_path):
    path = tmp_path / "call.wav"
    path.write_text("this is no sound")
    transcript = transcriber.transcribe(str(path))
    assert transcript.status is aai.TranscriptStatus.error
    assert transcript.error == "File does not appear to contain audio. File type is text/plain"


def test_the_sdk_names_a_refusal(transcriber: aai.Transcriber, server: LocalServer):
    server.faults.add(parse_fault("submit:status=429,text=Too Many Requests,times=1"))
    with pytest.raises(aai.TranscriptError, match="Too Many Requests"):
        transcriber.submit("http://127.0.0.1:9/a.wav")


def test_every_answer_to_a_submission_has_the_keys_of_a_finished_one(server: LocalServer):
    headers = {"Authorization": "sdk-key"}
    url = f"{server.url}/v2/transcript"
    body = {"audio_url": "http://127.0.0.1:9/a.wav"}
    submitted = requests.post(url, json=body, headers=headers, timeout=60).json()
    finished = requests.get(f"{url}/{submitted['id']}", headers=headers, timeout=60).json()
    assert submitted.keys() == finished.keys()
