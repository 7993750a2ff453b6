"""Recordings of which every word and its place is known, and what a session made of them."""

import json
import random
import threading
import time
import wave
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fermata.live.frames import Block, samples_per_block
from fermata.live.report import ChannelReport
from fermata.live.sources import Losses

RATE_HZ = 8_000
_VOICE = Path(__file__).parents[2] / "tests/recordings/support/slow_phone.wav"
SENTENCE = 5
_PAUSE_MS = 900
_OFF_MS = 200
"""A word may stand elsewhere by this: audio is cut into blocks of 50 ms."""


@dataclass(frozen=True, slots=True)
class Said:
    """A word of a recording, and its place."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Talk:
    """A recording on disk, and all that is said in it."""

    path: Path
    words: tuple[Said, ...]


def make_talk(folder: Path, number: int, length_s: float, chance: random.Random) -> Talk:
    """A voice as no other recording has it, and words beside it that no other recording has."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"talk-{number}.wav"
    voice = _voice(number, int(length_s * RATE_HZ), chance.random())
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(voice.astype("<i2").tobytes())
    words = tuple(_words(number, length_s, chance))
    path.with_suffix(".json").write_text(json.dumps(_reference(words, length_s)))
    return Talk(path, words)


def _voice(number: int, length: int, place: float) -> NDArray[np.int64]:
    """Somebody speaking, from some place on, with noise over it that makes each block unique."""
    with wave.open(str(_VOICE)) as file:
        spoken = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int64)
    assert file.getframerate() == RATE_HZ
    noise = np.random.default_rng(number).integers(-40, 40, length)
    elsewhere = np.roll(spoken, int(place * len(spoken)))
    voice: NDArray[np.int64] = np.clip(np.resize(elsewhere, length) + noise, -32_768, 32_767)
    return voice


def _words(number: int, length_s: float, chance: random.Random) -> Iterable[Said]:
    at_ms, count = chance.randint(100, 700), 0
    while at_ms < length_s * 1_000 - 900:
        count += 1
        length_ms = chance.randint(120, 350)
        ends = count % SENTENCE == 0
        yield Said(f"t{number}w{count}" + "." * ends, at_ms, at_ms + length_ms)
        at_ms += length_ms + (_PAUSE_MS if ends else chance.randint(20, 250))


def _reference(words: tuple[Said, ...], length_s: float) -> dict[str, object]:
    said = [
        {"text": w.text, "start": w.start_ms, "end": w.end_ms, "confidence": 0.9, "speaker": "A"}
        for w in words
    ]
    sentences = [said[at : at + SENTENCE] for at in range(0, len(said), SENTENCE)]
    utterances = [
        {
            "speaker": "A",
            "start": each[0]["start"],
            "end": each[-1]["end"],
            "text": " ".join(str(word["text"]) for word in each),
            "words": each,
        }
        for each in sentences
    ]
    return {"audio_duration": length_s, "utterances": utterances, "words": said}


class Spoken:
    """A source that gives a recording like a microphone, only faster.

    Args:
        talk: What is said.
        speed: How many times real time.
    """

    is_live = True
    channel_names = ("Speaker 1",)
    sample_rate_hz = RATE_HZ

    def __init__(self, talk: Talk, speed: float) -> None:
        self.name = talk.path.name
        self.losses = Losses()
        with wave.open(str(talk.path)) as file:
            self._samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")[None]
        self.duration_s = self._samples.shape[1] / RATE_HZ
        self._speed = speed
        self._closed = threading.Event()

    def blocks(self) -> Generator[Block, None, None]:
        """The recording, block by block, each when it was said."""
        size, begun_s = samples_per_block(RATE_HZ), time.monotonic()
        for at in range(0, self._samples.shape[1], size):
            due_s = begun_s + (at + size) / RATE_HZ / self._speed
            if self._closed.wait(max(0.0, due_s - time.monotonic())):
                return
            yield Block(at, self._samples[:, at : at + size].astype(np.int16))

    def close(self) -> None:
        """Says no more."""
        self._closed.set()


@dataclass(frozen=True, slots=True)
class Heard:
    """A channel's words against what was said.

    Attributes:
        said: How many words were captured.
        lost_marked: Words not heard, in a stretch that is marked.
        lost: Words not heard anywhere else.
        doubled: Words heard more than once.
        invented: Words that were never said.
        misplaced: Words at another place than their own.
    """

    said: int = 0
    lost_marked: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    invented: tuple[str, ...] = ()
    misplaced: tuple[str, ...] = ()


def compare(talk: Talk, report: ChannelReport, captured_ms: float) -> Heard:
    """What became of every word that was captured; a session that can't go on captures no more."""
    said = {_plain(word.text): word for word in talk.words if word.end_ms <= captured_ms}
    places: dict[str, list[float]] = {}
    for turn in report.turns:
        for word in turn.words:
            places.setdefault(_plain(word.text), []).append(word.start_ms)
    unheard = [word for text, word in said.items() if text not in places]
    marked = [word for word in unheard if _is_marked(word, report)]
    every = {_plain(word.text) for word in talk.words}
    return Heard(
        said=len(said),
        lost_marked=tuple(f"{word.text} at {word.start_ms} ms" for word in marked),
        lost=tuple(
            f"{word.text} at {word.start_ms} ms; {_told(report)}"
            for word in unheard
            if word not in marked
        ),
        doubled=tuple(text for text, found in places.items() if len(found) > 1),
        invented=tuple(text for text in places if text not in every),
        misplaced=tuple(
            f"{text} at {found[0]:.0f} ms, not {said[text].start_ms}"
            for text, found in places.items()
            if text in said and abs(found[0] - said[text].start_ms) > _OFF_MS
        ),
    )


def _plain(text: str) -> str:
    # A word that was broken off ends in a dash.
    return text.rstrip(".—").lower()


def _told(report: ChannelReport) -> str:
    """What else the report says, to find out why."""
    holes = [f"{h.start_ms:.0f} to {h.end_ms:.0f} {h.reason}" for h in report.holes]
    ends = [each.error or "ended" for each in report.sessions]
    last = [f"{turn.text} ({turn.state})" for turn in report.turns[-2:]]
    notices = [notice.code for notice in report.notices]
    return f"marked {holes}, sessions {ends}, notices {notices}, last turns {last}"


def _is_marked(word: Said, report: ChannelReport) -> bool:
    return any(hole.start_ms < word.end_ms and word.start_ms < hole.end_ms for hole in report.holes)
