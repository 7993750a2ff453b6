"""One local server for the tests that do not look into its books, and a talk that it knows.

What a server knows, it need not recognise: words are heard from sound only where they are the
point.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fermata.localserver import LocalServer, LocalServerConfig
from tests.unit.localserver_streaming import stream_client as client

KEYS = frozenset({"sdk-key", "YOUR-API-KEY"})


@pytest.fixture(scope="session")
def talk() -> bytes:
    """The 16-bit samples of six seconds on one channel: two sentences and a short answer."""
    return client.pcm(client.noise(6000))


@pytest.fixture(scope="session")
def known_talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """References with that talk."""
    folder = tmp_path_factory.mktemp("references")
    client.write_reference(
        folder,
        client.noise(6000),
        client.spoken("Good morning, everybody.", 500, speaker="A"),
        client.spoken("I would like to have some tea.", 1600, speaker="A"),
        client.spoken("Sure.", 4500, speaker="A"),
    )
    return folder


@pytest.fixture(scope="session")
def server(known_talk: Path) -> Iterator[LocalServer]:
    config = LocalServerConfig(api_keys=KEYS, references=known_talk, engine_processes=2)
    with LocalServer(config) as running:
        yield running
