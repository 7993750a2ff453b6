"""What the tests of recordings share: audio that takes no time to make."""

import io
import wave
from collections.abc import Iterator

import fsspec
import pytest


def wav_bytes(seconds: float = 0.1, channels: int = 1, rate_hz: int = 8000) -> bytes:
    """A valid WAV file of silence."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(bytes(2 * channels * int(seconds * rate_hz)))
    return buffer.getvalue()


@pytest.fixture
def wav() -> bytes:
    """A tenth of a second of silence, mono, 8 kHz."""
    return wav_bytes()


@pytest.fixture
def bucket() -> Iterator[fsspec.AbstractFileSystem]:
    """Remote storage, empty before and after."""
    storage = fsspec.filesystem("memory")
    storage.store.clear()
    yield storage
    storage.store.clear()
