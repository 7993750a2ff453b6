"""A local server and a client of it."""

from collections.abc import Iterator

import pytest

from fermata.assemblyai import AssemblyAIClient, MultichannelMode, TranscriptOptions, options_for
from fermata.localserver import LocalServer, LocalServerConfig
from tests.unit.assemblyai.peers import KEY, client_of


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with LocalServer(LocalServerConfig(api_keys=frozenset({KEY}))) as running:
        yield running


@pytest.fixture
def client(server: LocalServer) -> Iterator[AssemblyAIClient]:
    with client_of(server.url) as opened:
        yield opened


@pytest.fixture
def options() -> TranscriptOptions:
    return options_for(
        1,
        MultichannelMode.AUTO,
        engine="assemblyai",
        speech_models=("universal-2",),
        language_detection=False,
    )
