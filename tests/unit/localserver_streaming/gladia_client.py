"""A plain client of Gladia's live API."""

from contextlib import contextmanager

import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.unit.localserver_streaming.stream_client import (
    CLOSE_TIMEOUT_S,
    FRAME_BYTES,
    next_frame,
    rest,
    send,
)

HEADERS = {"x-gladia-key": "some-key"}

CHUNK_BYTES = 2 * FRAME_BYTES

EVERYTHING = {"receive_partial_transcripts": True, "receive_lifecycle_events": True}


def init(server, headers=HEADERS, **body):
    return requests.post(f"{server.url}/v2/live", json=body, headers=headers, timeout=60)


def get(server, path=""):
    return requests.get(f"{server.url}/v2/live{path}", headers=HEADERS, timeout=60)


@contextmanager
def opened(url):
    with connect(url, close_timeout=CLOSE_TIMEOUT_S) as connection:
        yield connection


def stop(connection):
    connection.send('{"type":"stop_recording"}')
    return rest(connection)


def live(server, audio, **body):
    """A whole session; gives back its id and all its messages."""
    begun = init(server, **body).json()
    with opened(begun["url"]) as connection:
        send(connection, audio, CHUNK_BYTES)
        messages = stop(connection)
        assert connection.close_code == 1000
    return begun["id"], messages


def send_until_lost(connection, audio):
    """Sends each chunk when the one before was acknowledged; gives back all messages."""
    messages = []
    for start in range(0, len(audio), CHUNK_BYTES):
        connection.send(audio[start : start + CHUNK_BYTES])
        while not messages or messages[-1]["type"] != "audio_chunk":
            try:
                messages.append(next_frame(connection))
            except ConnectionClosed:
                return messages
        messages.append({"type": "sent"})
    return messages


def of(messages, kind):
    return [message for message in messages if message["type"] == kind]


def texts(messages):
    finals = [one["data"] for one in of(messages, "transcript") if one["data"]["is_final"]]
    return [(one["id"], one["utterance"]["text"]) for one in finals]
