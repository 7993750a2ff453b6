"""What a finished job says, made of what the engine heard."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from statistics import fmean
from typing import Any

from fermata.localserver.engine.heard import MODEL_NAME, Heard, SpokenWord

JsonObject = dict[str, Any]

UTTERANCE_ENDS_AFTER_MS = 300
"""On one channel, silence this long ends an utterance. The engine can't tell speakers apart
there, so only silence can separate turns; flite, like people, pauses up to 200 ms inside a
sentence, and the gaps between turns that the presets are about are longer."""


@dataclass(frozen=True, slots=True)
class Result:
    """The part of a transcript that its audio decides.

    Attributes:
        duration_s: How long the audio is.
        channels: How many channels were listened to, one by one or mixed.
        words: All words as the API shows them, in order of their start.
        utterances: The words in turns, as the API shows them.
        model: What did the recognising.
    """

    duration_s: float
    channels: int
    words: tuple[JsonObject, ...]
    utterances: tuple[JsonObject, ...]
    model: str

    @property
    def audio_duration(self) -> int:
        """Whole seconds, rounded up, as measured on the service."""
        return math.ceil(self.duration_s)

    @property
    def text(self) -> str:
        """Everything that was said, in order."""
        return " ".join(word["text"] for word in self.words)

    @property
    def confidence(self) -> float | None:
        """The mean confidence of the words."""
        return mean_confidence(self.words)


def mixed_result(heard: Heard, *, speaker: str | None) -> Result:
    """The result of one channel with one voice; its utterances end where there is silence.

    Args:
        heard: What was heard, on one channel.
        speaker: How to name the voice, None when no names were asked for.
    """
    (channel,) = heard.channels
    words = [_word(word, speaker, None) for word in channel]
    return _result(heard, words, cut=_after_silence)


def channels_result(heard: Heard, *, diarized: bool) -> Result:
    """The result of a recording with a voice per channel; its utterances end with the channel.

    Args:
        heard: What was heard, channel by channel.
        diarized: Whether speakers were asked for as well: they are then named "1A", "2A", …
    """
    suffix = "A" if diarized else ""
    words = [
        _word(word, f"{number}{suffix}", str(number))
        for number, channel in enumerate(heard.channels, start=1)
        for word in channel
    ]
    words.sort(key=lambda word: (word["start"], word["end"]))
    return _result(heard, words, cut=_between_channels)


def mean_confidence(words: Iterable[JsonObject]) -> float | None:
    """The mean confidence of some words, None of none; words of references may have none."""
    values = [word["confidence"] for word in words if "confidence" in word]
    return round(fmean(values), 5) if values else None


def _result(
    heard: Heard, words: Sequence[JsonObject], cut: Callable[[JsonObject, JsonObject], bool]
) -> Result:
    """Puts a result together from words in order."""
    return Result(
        duration_s=heard.duration_s,
        channels=len(heard.channels),
        words=tuple(words),
        utterances=tuple(_utterance(run) for run in _runs(words, cut)),
        model=MODEL_NAME,
    )


def _word(word: SpokenWord, speaker: str | None, channel: str | None) -> JsonObject:
    """One word as the API shows it."""
    return {
        "text": word.text,
        "start": word.start_ms,
        "end": word.end_ms,
        "confidence": word.confidence,
        "speaker": speaker,
        "channel": channel,
    }


def _utterance(words: Sequence[JsonObject]) -> JsonObject:
    """One utterance as the API shows it."""
    return {
        "confidence": mean_confidence(words),
        "start": words[0]["start"],
        "end": max(word["end"] for word in words),
        "text": " ".join(word["text"] for word in words),
        "words": list(words),
        "speaker": words[0]["speaker"],
        "channel": words[0]["channel"],
    }


def _runs(
    words: Sequence[JsonObject], cut: Callable[[JsonObject, JsonObject], bool]
) -> list[Sequence[JsonObject]]:
    """Cuts the words between any two that `cut` tells apart."""
    cuts = [index for index, pair in enumerate(pairwise(words), start=1) if cut(*pair)]
    borders = chain([0], cuts, [len(words)]) if words else ()
    return [words[start:end] for start, end in pairwise(borders)]


def _after_silence(before: JsonObject, after: JsonObject) -> bool:
    """Whether two words are far enough apart to be of two utterances."""
    return bool(after["start"] - before["end"] >= UTTERANCE_ENDS_AFTER_MS)


def _between_channels(before: JsonObject, after: JsonObject) -> bool:
    """Whether two words are of two channels."""
    return bool(before["channel"] != after["channel"])
