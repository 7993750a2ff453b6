"""Recordings of seconds, one word after another, and what two servers are to hear in them.

The sound is noise that follows from the name, so that the local server knows each block of it
again while it streams. The batch server and the streaming server read references of their own,
which differ in the marks.
"""

import hashlib
import json
import shutil
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any

RATE_HZ = 8_000
WORD_MS = 150
SILENCE_MS = 500
_STEP_MS = WORD_MS + SILENCE_MS


class TwiceHeard:
    """A folder of recordings as the batch server hears them, and one as streaming does.

    Attributes:
        batch: recordings and their transcripts.
        streamed: the same recordings with the marks that streaming hears.
    """

    def __init__(self, folder: Path) -> None:
        self.batch = folder / "batch"
        self.streamed = folder / "streamed"
        self.batch.mkdir(parents=True)
        self.streamed.mkdir(parents=True)

    def add(self, name: str, *channels: tuple[str, str]) -> Path:
        """Adds a recording; of each channel the words as batch and streaming hear them.

        Words are half a second of silence apart, those of the second channel amid those
        silences. The last word is followed by as much.
        """
        path = self.batch / name
        counts = [len(batch.split()) for batch, _ in channels]
        length_ms = max(counts) * _STEP_MS + SILENCE_MS
        for folder in (self.batch, self.streamed):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
        _write_noise(path, len(channels), length_ms)
        shutil.copy(path, self.streamed / name)
        for folder, heard in ((self.batch, 0), (self.streamed, 1)):
            utterances = _utterances([texts[heard].split() for texts in channels])
            transcript: dict[str, Any] = {
                "audio_duration": length_ms / 1000,
                "audio_channels": len(channels),
                "utterances": utterances,
            }
            (folder / name).with_suffix(".json").write_text(json.dumps(transcript))
        return path


def _utterances(channels: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    found = []
    for channel, words in enumerate(channels):
        for index, text in enumerate(words):
            start = 100 + index * _STEP_MS
            word: dict[str, Any] = {"text": text, "start": start, "end": start + WORD_MS}
            if len(channels) > 1:
                word |= {"speaker": str(channel + 1), "channel": str(channel + 1)}
            else:
                word |= {"speaker": "AB"[index % 2]}
            found.append({**word, "words": [word]})
    return sorted(found, key=lambda each: (each["start"], each["speaker"]))


def _write_noise(path: Path, channels: int, length_ms: int) -> None:
    samples = RATE_HZ * length_ms // 1000 * channels
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(hashlib.shake_128(path.name.encode()).digest(2 * samples))
