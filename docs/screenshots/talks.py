"""Planned talks to calibrate on: transcripts with word times, and tones in place of voices."""

import json
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

RATE_HZ = 8_000
TURNS = 50

_LINES = {
    "A": (
        "Thank you for calling. How can I help you today?",
        "I see. Could you give me | the number of your order, please?",
        "Just a moment. I am looking it up | in our system.",
        "It left our warehouse on Monday. It should be with you | by tomorrow.",
        "Would you like me to send it | to another address?",
    ),
    "B": (
        "Hello. I am calling about | a parcel that I ordered.",
        "Yes, of course. It is four seven | nine | two one.",
        "I was told | that it would arrive last week. It did not.",
        "That would be | fine, I think.",
        "No. Well, perhaps | my office would be better. Let me look | for the address.",
    ),
}
_PITCH_HZ = {"A": 180.0, "B": 260.0}
_BETWEEN_WORDS_MS = 40
_PER_LETTER_MS = 45
_WORD_MS = 110


@dataclass(frozen=True, slots=True)
class Kind:
    """How people of a group talk, in ms.

    Attributes:
        pause_ms: the middle of the pauses in mid-sentence.
        breath_ms: that of the pauses after a sentence of the same speaker.
        gap_ms: that of the silences before the other one answers.
    """

    pause_ms: float
    breath_ms: float
    gap_ms: float


KINDS = {
    "ivr": Kind(pause_ms=420, breath_ms=380, gap_ms=350),
    "support": Kind(pause_ms=800, breath_ms=520, gap_ms=900),
}


def write_talks(folder: Path, calls_of_each: int) -> None:
    """Writes talks of each kind: `<kind>/call_<n>.wav` with its transcript beside it.

    Args:
        folder: where to.
        calls_of_each: how many talks of each kind.
    """
    for name, kind in KINDS.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(calls_of_each):
            chance = np.random.default_rng([number, *name.encode()])
            utterances = _talk(kind, chance)
            base = folder / name / f"call_{number + 1:02}"
            base.with_suffix(".json").write_text(json.dumps({"utterances": utterances}))
            _write_audio(base.with_suffix(".wav"), utterances)


def _talk(kind: Kind, chance: np.random.Generator) -> list[dict[str, Any]]:
    utterances: list[dict[str, Any]] = []
    at_ms = 500
    for turn in range(TURNS):
        speaker = "AB"[turn % 2]
        lines = _LINES[speaker]
        words = _words(lines[int(chance.integers(len(lines)))], speaker, at_ms, kind, chance)
        utterances.append(
            {
                "speaker": speaker,
                "start": words[0]["start"],
                "end": words[-1]["end"],
                "text": " ".join(word["text"] for word in words),
                "words": words,
            }
        )
        at_ms = words[-1]["end"] + _around(kind.gap_ms, chance)
    return utterances


def _words(
    line: str, speaker: str, at_ms: int, kind: Kind, chance: np.random.Generator
) -> list[dict[str, Any]]:
    """The words of a line; `|` is a pause in mid-sentence."""
    words: list[dict[str, Any]] = []
    for text in line.split():
        if text == "|":
            at_ms += _around(kind.pause_ms, chance)
            continue
        if words and words[-1]["text"][-1] in ".?":
            at_ms += _around(kind.breath_ms, chance)
        end_ms = at_ms + _WORD_MS + _PER_LETTER_MS * len(text)
        words.append({"text": text, "start": at_ms, "end": end_ms, "speaker": speaker})
        at_ms = end_ms + _BETWEEN_WORDS_MS
    return words


def _around(middle_ms: float, chance: np.random.Generator) -> int:
    return round(middle_ms * float(chance.lognormal(0.0, 0.5)))


def _write_audio(path: Path, utterances: Sequence[dict[str, Any]]) -> None:
    words = [word for utterance in utterances for word in utterance["words"]]
    sound = np.zeros((words[-1]["end"] + 500) * RATE_HZ // 1_000)
    for word in words:
        first, last = (word[name] * RATE_HZ // 1_000 for name in ("start", "end"))
        sound[first:last] = _tone(last - first, _PITCH_HZ[word["speaker"]])
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((sound * 12_000).astype("<i2").tobytes())


def _tone(samples: int, pitch_hz: float) -> npt.NDArray[np.float64]:
    time_s = np.arange(samples) / RATE_HZ
    tone: npt.NDArray[np.float64] = np.sin(2 * np.pi * pitch_hz * time_s) * np.hanning(samples)
    return tone
