"""A plain HTTP client that knows the API, and a conversation to ask it about."""

import time
from collections.abc import Callable
from typing import Any

import requests

from fermata.localserver import LocalServer

TIMEOUT_S = 60
DEADLINE_S = 200
POLL_S = 0.02

Body = dict[str, Any]


class Client:
    """What a careful user of the API would write, without retries."""

    def __init__(self, server: LocalServer, key: str = "some-key") -> None:
        self.server = server
        self.session = requests.Session()
        self.session.headers["Authorization"] = key

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.session.request(
            method, f"{self.server.url}{path}", timeout=TIMEOUT_S, **options
        )

    def upload(self, content: bytes) -> str:
        response = self.request("POST", "/v2/upload", data=content)
        assert response.status_code == 200
        return str(response.json()["upload_url"])

    def submit(self, audio_url: str, **options: Any) -> Body:
        response = self.request("POST", "/v2/transcript", json={"audio_url": audio_url, **options})
        assert response.status_code == 200, response.text
        return dict(response.json())

    def poll(self, transcript_id: str) -> Body:
        return dict(self.request("GET", f"/v2/transcript/{transcript_id}").json())

    def finished(self, transcript_id: str) -> Body:
        return self.until(transcript_id, "completed", "error")

    def until(self, transcript_id: str, *statuses: str) -> Body:
        deadline = time.monotonic() + DEADLINE_S
        while (transcript := self.poll(transcript_id))["status"] not in statuses:
            assert time.monotonic() < deadline, transcript["status"]
            time.sleep(POLL_S)
        return transcript

    def transcribe(self, content: bytes, **options: Any) -> Body:
        return self.finished(self.submit(self.upload(content), **options)["id"])


StartClient = Callable[..., Client]


TALK = b"not a sound, but known by its content"


def utterance(speaker: str, start: int, end: int, text: str) -> Body:
    """An utterance whose words share its time evenly."""
    words = text.split()
    step = (end - start) // len(words)
    return {
        "speaker": speaker,
        "channel": None,
        "start": start,
        "end": end,
        "text": text,
        "confidence": 0.9,
        "words": [
            {
                "text": word,
                "start": start + step * index,
                "end": start + step * (index + 1),
                "confidence": 0.9,
                "speaker": speaker,
                "channel": None,
            }
            for index, word in enumerate(words)
        ],
    }
