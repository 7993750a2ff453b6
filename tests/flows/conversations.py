"""Recordings whose transcripts are known: a short sound of their own each, utterances beside.

The local server answers with those utterances, so a run takes no longer than its requests.
"""

import hashlib
import itertools
import json
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any

RATE_HZ = 8_000
SAMPLES = 800
TURN_MS = 1_000
LENGTH_S = 60

Utterances = list[dict[str, Any]]


def alternating(gaps_ms: Sequence[int]) -> Utterances:
    """Two speakers in turn, a second each, with these gaps between them."""
    utterances, start = [], 0
    for gap, speaker in zip([*gaps_ms, 0], itertools.cycle("AB"), strict=False):
        end = start + TURN_MS
        said = {"text": "so", "start": start, "end": end, "speaker": speaker}
        utterances.append({**said, "words": [said]})
        start = end + gap
    return utterances


class Conversations:
    """A folder of such recordings, to be read by a run and by a local server alike."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, name: str, gaps_ms: Sequence[int] = (300, 700)) -> str:
        """Adds a conversation with these gaps and returns its content's SHA-256."""
        return self.add_transcript(name, {"utterances": alternating(gaps_ms)})

    def add_transcript(self, name: str, transcript: dict[str, Any]) -> str:
        """Adds a conversation with this transcript and returns its content's SHA-256."""
        recording_id = write_sound(self.folder / name, name)
        (self.folder / name).with_suffix(".json").write_text(
            json.dumps({"audio_duration": _length_s(transcript)} | transcript)
        )
        return recording_id

    def add_many(self, count: int, prefix: str = "call") -> list[str]:
        """Adds that many, and returns their contents' SHA-256."""
        return [self.add(f"{prefix}_{index:02d}.wav") for index in range(count)]

    def content_id(self, name: str) -> str:
        """The SHA-256 of a recording's content."""
        return hashlib.sha256((self.folder / name).read_bytes()).hexdigest()


def _length_s(transcript: dict[str, Any]) -> int:
    """As long as what is said in it, and a minute at least."""
    said = [*(transcript.get("utterances") or ()), *(transcript.get("words") or ())]
    return max([LENGTH_S, *(each["end"] // 1_000 + 1 for each in said)])


def write_sound(path: Path, seed: str) -> str:
    """Writes a tenth of a second of noise that follows from `seed`; returns its SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(hashlib.shake_128(seed.encode()).digest(2 * SAMPLES))
    return hashlib.sha256(path.read_bytes()).hexdigest()
