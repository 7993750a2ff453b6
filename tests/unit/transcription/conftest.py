"""A local server that knows one conversation by heart, and everything needed to send it there."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fermata.ledger import Ledger
from fermata.localserver import LocalServer, LocalServerConfig
from fermata.recordings import Recording
from tests.unit.transcription.bench import Bench, client_of, recording_of

TRANSCRIPT = {
    "utterances": [
        {"speaker": "A", "start": 0, "end": 900, "text": "hello", "words": [], "confidence": 1},
        {"speaker": "B", "start": 1500, "end": 2500, "text": "hi", "words": [], "confidence": 1},
    ],
    "audio_duration": 3,
}


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """The conversation's audio, as far as the server minds."""
    folder = tmp_path / "references"
    folder.mkdir()
    (folder / "talk.json").write_text(json.dumps(TRANSCRIPT))
    path = folder / "talk.wav"
    path.write_bytes(b"known by its content, " * 1000)
    return path


@pytest.fixture
def recording(talk: Path) -> Recording:
    return recording_of(talk)


@pytest.fixture
def server(talk: Path) -> Iterator[LocalServer]:
    with LocalServer(LocalServerConfig(references=talk.parent)) as running:
        yield running


@pytest.fixture
def ledger_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture
def bench(server: LocalServer, ledger_url: str, recording: Recording) -> Iterator[Bench]:
    with Ledger(ledger_url) as ledger, client_of(server.url) as client:
        bench = Bench(server, client, ledger)
        bench.plan(recording)
        yield bench
