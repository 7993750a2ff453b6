"""The client against a real server: uploads, submissions, transcripts, the list."""

import hashlib
import io
import threading
from pathlib import Path

import pytest

from fermata.assemblyai import (
    AssemblyAIClient,
    AuthenticationError,
    ContentChangedError,
    ContentUnreadableError,
    TranscriptOptions,
    UnknownTranscriptError,
)
from fermata.assemblyai.models import TranscriptStatus
from fermata.localserver import LocalServer
from tests.unit.assemblyai.peers import client_of

CONTENT = b"some bytes " * 100_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
URL = "http://127.0.0.1:9/nothing.wav"


def upload(client: AssemblyAIClient, content: bytes, **changes: object) -> str:
    sizes = {"size_bytes": len(CONTENT), "sha256": SHA256, **changes}
    return client.upload(lambda: io.BytesIO(content), **sizes)  # type: ignore[arg-type]


def test_content_arrives_as_it_is(client: AssemblyAIClient, server: LocalServer):
    upload_url = upload(client, CONTENT)
    assert upload_url.startswith(server.url)
    assert server.store.uploads_per_content == {SHA256: 1}


@pytest.mark.parametrize(
    "content",
    [CONTENT[:-1], CONTENT + b"x", CONTENT[:-1] + b"x", b""],
    ids=["shorter", "longer", "different", "empty"],
)
def test_a_file_that_changed_since_it_was_identified_is_not_accepted(
    client: AssemblyAIClient, server: LocalServer, content: bytes
):
    with pytest.raises(ContentChangedError, match="changed since"):
        upload(client, content)
    assert not server.store.uploads


def test_a_file_that_is_gone_is_told_from_a_lost_connection(
    client: AssemblyAIClient, server: LocalServer, tmp_path: Path
):
    with pytest.raises(ContentUnreadableError, match="FileNotFoundError"):
        client.upload((tmp_path / "gone.wav").open, size_bytes=1, sha256=SHA256)
    assert server.store.requests == {}


def test_a_file_that_breaks_off_is_told_from_a_lost_connection(client: AssemblyAIClient):
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("the disk is gone")

    with pytest.raises(ContentUnreadableError, match="OSError"):
        client.upload(Broken, size_bytes=1, sha256=SHA256)


def test_a_submission_gets_an_id_that_can_be_asked_for(
    client: AssemblyAIClient, server: LocalServer, options: TranscriptOptions
):
    transcript_id = client.submit(options, URL)
    sent = server.store.transcripts[transcript_id].request
    assert sent == options.request_body(URL)
    received = client.transcript(transcript_id)
    assert received.answer.id == transcript_id
    assert received.answer.status in TranscriptStatus
    assert received.raw.startswith(b"{")


def test_an_unknown_transcript_is_told_from_other_refusals(client: AssemblyAIClient):
    with pytest.raises(UnknownTranscriptError, match="transcript id not found"):
        client.transcript("0123")
    with pytest.raises(UnknownTranscriptError, match="404"):
        client.transcript("no/such id?")


def test_a_check_costs_nothing_and_finds_a_wrong_key(client: AssemblyAIClient, server: LocalServer):
    client.check()
    with (
        client_of(server.url, api_key="wrong") as stranger,
        pytest.raises(AuthenticationError, match="ASSEMBLYAI_API_KEY"),
    ):
        stranger.check()
    assert not server.store.transcripts
    assert not server.store.uploads


def test_submissions_are_found_by_their_address_over_many_pages(
    client: AssemblyAIClient,
    server: LocalServer,
    options: TranscriptOptions,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("fermata.assemblyai.client._PAGE_LENGTH", 2)
    wanted = [client.submit(options, URL)]
    others = [client.submit(options, f"{URL}?{number}") for number in range(4)]
    wanted.append(client.submit(options, URL))
    found = client.find_submissions(URL, within_s=60)
    assert [item.id for item in found] == wanted
    assert [item.id for item in client.find_submissions(f"{URL}?3", within_s=60)] == others[3:]
    assert client.find_submissions(f"{URL}?4", within_s=60) == ()


def test_older_submissions_are_not_looked_at(
    client: AssemblyAIClient, server: LocalServer, options: TranscriptOptions
):
    client.submit(options, URL)
    assert client.find_submissions(URL, within_s=-60) == ()


def test_an_empty_list_is_no_answer_lost(client: AssemblyAIClient):
    assert client.find_submissions(URL, within_s=60) == ()


def test_one_client_serves_many_threads(client: AssemblyAIClient, server: LocalServer):
    start, urls = threading.Barrier(8), []

    def send() -> None:
        start.wait(60)
        urls.append(upload(client, CONTENT))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(set(urls)) == 8
    assert server.store.uploads_per_content == {SHA256: 8}
