"""Transcripts with words, made to plan: two speakers who pause in mid-sentence."""

import itertools
import random
from typing import Any

WORD_MS = 220
TURNS = 40


def thoughtful_talk(
    seed: int, pauses_ms: tuple[int, int] = (1_100, 1_500), breath_ms: int = 250
) -> dict[str, Any]:
    """A talk whose speakers pause once in each sentence, and answer each other soon.

    Args:
        seed: two seeds make two talks.
        pauses_ms: the shortest and the longest pause in mid-sentence.
        breath_ms: a short pause that each sentence has besides.
    """
    chance = random.Random(seed)
    utterances: list[dict[str, Any]] = []
    at_ms = 0
    for speaker in itertools.islice(itertools.cycle("AB"), TURNS):
        words = []
        for position in range(8):
            text = "so." if position == 7 else "so"
            words.append({"text": text, "start": at_ms, "end": at_ms + WORD_MS, "speaker": speaker})
            at_ms += WORD_MS + (breath_ms if position == 1 else 30)
            if position == 4:
                at_ms += chance.randint(*pauses_ms)
        utterances.append(
            {
                "text": " ".join(word["text"] for word in words),
                "start": words[0]["start"],
                "end": words[-1]["end"],
                "speaker": speaker,
                "words": words,
            }
        )
        at_ms += chance.randint(150, 600)
    return {"utterances": utterances, "audio_duration": at_ms // 1_000 + 1}
