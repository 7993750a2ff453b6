"""Bundled recordings as live audio, and what is planned to be said in them."""

import json
import re
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np

from fermata.audio import decode

RECORDINGS = Path(__file__).parents[1] / "recordings"
TWO_CHANNELS = RECORDINGS / "ivr/taxi_interrupted.wav"
RATE_HZ = 16_000
FRAME_BYTES = RATE_HZ * 2 // 20


def channels(recording: Path = TWO_CHANNELS) -> list[bytes]:
    """The 16-bit samples of each channel."""
    audio = np.rint(decode(recording, RATE_HZ) * 32768).astype("<i2")
    return [channel.tobytes() for channel in audio]


def interleaved(recording: Path = TWO_CHANNELS) -> bytes:
    """The 16-bit samples of all channels, as in the file."""
    return np.rint(decode(recording, RATE_HZ).T * 32768).astype("<i2").tobytes()


def frames(audio: bytes, size: int = FRAME_BYTES) -> list[bytes]:
    return [audio[start : start + size] for start in range(0, len(audio), size)]


def planned(channel: int, recording: Path = TWO_CHANNELS) -> list[str]:
    """What is said on a channel, utterance by utterance."""
    plans = json.loads((RECORDINGS / "planned.json").read_text())
    (plan,) = [one for one in plans if one["name"] == recording.relative_to(RECORDINGS).as_posix()]
    return [one["text"] for one in plan["utterances"] if one["channel"] == channel]


def likeness(heard: list[str], said: list[str]) -> float:
    """How much of what was said was heard, by words, from 0 to 1."""
    one, other = (re.findall(r"[a-z']+", " ".join(texts).lower()) for texts in (heard, said))
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
