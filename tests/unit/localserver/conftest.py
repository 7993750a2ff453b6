"""A local server per test."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from fermata.localserver import LocalServer, LocalServerConfig
from tests.unit.localserver.client import TALK, Client, StartClient, utterance


@pytest.fixture
def start_client() -> Iterator[StartClient]:
    """Starts a server with the settings given, and hands out a client of it."""
    with ExitStack() as stack:

        def start(**settings: Any) -> Client:
            server = stack.enter_context(LocalServer(LocalServerConfig(**settings)))
            client = Client(server)
            stack.callback(client.session.close)
            return client

        yield start


@pytest.fixture
def client(start_client: StartClient) -> Client:
    """A client of a server as it is by default."""
    return start_client()


@pytest.fixture
def references(tmp_path: Path) -> Path:
    """A folder with one known conversation, whose audio is `TALK`."""
    folder = tmp_path / "references"
    (folder / "office").mkdir(parents=True)
    (folder / "office" / "talk.wav").write_bytes(TALK)
    transcript = {
        "utterances": [
            utterance("A", 100, 900, "good morning"),
            utterance("B", 1650, 2400, "good evening"),
        ],
        "audio_duration": 3,
    }
    (folder / "office" / "talk.json").write_text(json.dumps(transcript))
    return folder
