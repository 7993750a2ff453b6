"""A plain `websockets` client of the local server, and audio to send."""

import json
import time
import wave
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from fermata.localserver import LocalServer

TIMEOUT_S = 60
CLOSE_TIMEOUT_S = 0.5
"""A stalled server never answers the close; a well one does so at once."""

KEY = "some-key"
RATE_HZ = 16_000
FRAME_BYTES = RATE_HZ * 2 // 20

SILENCE = bytes(FRAME_BYTES)
"""50 ms of digital silence."""

Frame = dict[str, Any]
StartServer = Callable[..., LocalServer]


@contextmanager
def session(
    server: LocalServer, *, key: str | None = KEY, **parameters: Any
) -> Iterator[ClientConnection]:
    """An open connection to /v3/ws; u3-rt-pro at 16 kHz, unless said otherwise."""
    query = {"speech_model": "u3-rt-pro", "sample_rate": RATE_HZ, **parameters}
    headers = {} if key is None else {"Authorization": key}
    url = f"{server.websocket_url}/v3/ws?{urlencode(query)}"
    with connect(
        url, additional_headers=headers, open_timeout=TIMEOUT_S, close_timeout=CLOSE_TIMEOUT_S
    ) as connection:
        yield connection


def begin(connection: ClientConnection) -> Frame:
    frame = next_frame(connection)
    assert frame["type"] == "Begin", frame
    return frame


def next_frame(connection: ClientConnection) -> Frame:
    return dict(json.loads(connection.recv(timeout=TIMEOUT_S)))


def say(connection: ClientConnection, kind: str, **fields: Any) -> None:
    connection.send(json.dumps({"type": kind, **fields}))


def send(connection: ClientConnection, audio: bytes, frame_bytes: int = FRAME_BYTES) -> None:
    for start in range(0, len(audio), frame_bytes):
        connection.send(audio[start : start + frame_bytes])


def rest(connection: ClientConnection) -> list[Frame]:
    """All frames until the connection is closed, however that is."""
    frames = []
    try:
        while True:
            frames.append(next_frame(connection))
    except ConnectionClosed:
        return frames


def closed(connection: ClientConnection) -> tuple[int | None, str | None]:
    """What the connection is closed with."""
    rest(connection)
    return connection.close_code, connection.close_reason


def error_and_close(connection: ClientConnection) -> tuple[int, str]:
    """The Error frame before the close, which must be the last frame, and the close itself."""
    frames = rest(connection)
    assert [frame["type"] for frame in frames].count("Error") == 1
    assert frames[-1]["type"] == "Error"
    assert not any(frame["type"] == "Termination" for frame in frames)
    assert frames[-1]["error_code"] == connection.close_code
    assert connection.close_reason == "See Error message for details"
    return frames[-1]["error_code"], frames[-1]["error"]


def finish(connection: ClientConnection) -> list[Frame]:
    """Terminates, and takes in what is left."""
    say(connection, "Terminate")
    return rest(connection)


def transcribe(server: LocalServer, audio: bytes, **parameters: Any) -> list[Frame]:
    """Streams some audio as fast as it goes, and gives back all frames after Begin."""
    with session(server, **parameters) as connection:
        begin(connection)
        send(connection, audio)
        return finish(connection)


def of(frames: Sequence[Frame], kind: str) -> list[Frame]:
    return [frame for frame in frames if frame["type"] == kind]


def finals(frames: Sequence[Frame]) -> list[Frame]:
    return [frame for frame in of(frames, "Turn") if frame["end_of_turn"]]


def until(condition: Callable[[], bool]) -> None:
    """Waits until the server's thread has come to something that nothing else tells of."""
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def noise(duration_ms: int, channels: int = 1, rate_hz: int = RATE_HZ, seed: int = 0) -> np.ndarray:
    """Samples that occur nowhere else, of shape (channels, samples)."""
    generator = np.random.default_rng(seed)
    return generator.integers(-500, 500, (channels, duration_ms * rate_hz // 1000), dtype=np.int16)


def pcm(samples: np.ndarray) -> bytes:
    return samples.astype("<i2").tobytes()


def wav(samples: np.ndarray, rate_hz: int = RATE_HZ) -> bytes:
    file = BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(samples.shape[0])
        writer.setsampwidth(2)
        writer.setframerate(rate_hz)
        writer.writeframes(samples.T.astype("<i2").tobytes())
    return file.getvalue()


def spoken(text: str, start_ms: int, word_ms: int = 200, **extra: Any) -> list[Frame]:
    """Words one after the other, as a transcript has them."""
    return [
        {
            "text": word,
            "start": start_ms + word_ms * index,
            "end": start_ms + word_ms * (index + 1),
            "confidence": 0.9,
            "speaker": None,
            "channel": None,
            **extra,
        }
        for index, word in enumerate(text.split())
    ]


def write_reference(
    folder: Path, samples: np.ndarray, *utterances: list[Frame], name: str = "talk"
) -> None:
    """A recording and its transcript, side by side."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.wav").write_bytes(wav(samples))
    transcript = {
        "utterances": [
            {
                "start": words[0]["start"],
                "end": words[-1]["end"],
                "text": " ".join(word["text"] for word in words),
                "confidence": 0.9,
                "speaker": words[0]["speaker"],
                "channel": words[0]["channel"],
                "words": words,
            }
            for words in utterances
        ]
    }
    (folder / f"{name}.json").write_text(json.dumps(transcript))
