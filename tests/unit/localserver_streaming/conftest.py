"""Local servers for live sessions, and a conversation that they know."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fermata.localserver import LocalServer, LocalServerConfig, parse_fault
from fermata.localserver.streaming.config import StreamingConfig
from tests.unit.localserver_streaming.stream_client import (
    StartServer,
    noise,
    spoken,
    write_reference,
)


@pytest.fixture
def start_server(known_talk: Path) -> Iterator[StartServer]:
    """Starts a server: `faults` as text, `references`, and settings of the streaming side.

    A server that knows some audio starts no engine before it is sent other sounds.
    """
    with ExitStack() as stack:

        def start(*faults: str, references: Path = known_talk, **settings: Any) -> LocalServer:
            config = LocalServerConfig(
                references=references,
                faults=tuple(parse_fault(fault) for fault in faults),
                streaming=StreamingConfig(**settings),
            )
            return stack.enter_context(LocalServer(config))

        yield start


@pytest.fixture(scope="session")
def talk() -> np.ndarray:
    """Six seconds on one channel, known by `known_talk`."""
    return noise(6000)


@pytest.fixture(scope="session")
def known_talk(tmp_path_factory: pytest.TempPathFactory, talk: np.ndarray) -> Path:
    """References with one conversation: a whole sentence, one that breaks off, a short answer."""
    folder = tmp_path_factory.mktemp("references")
    write_reference(
        folder,
        talk,
        spoken("Good morning, everybody.", 500, speaker="B"),
        spoken("I would like to", 1600, speaker="A"),
        spoken("have some tea.", 2900, speaker="A"),
        spoken("Sure.", 4500, speaker="B"),
    )
    return folder


@pytest.fixture(scope="session")
def server(known_talk: Path) -> Iterator[LocalServer]:
    """A server that knows `talk`, as it is by default; its books hold all tests' sessions."""
    with LocalServer(LocalServerConfig(references=known_talk)) as running:
        yield running
