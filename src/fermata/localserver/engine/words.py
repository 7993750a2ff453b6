"""What was said: PocketSphinx on one stretch of speech, as words with times."""

import re
from collections.abc import Iterator

import numpy as np
from pocketsphinx import Decoder

from fermata.audio import Samples
from fermata.localserver.engine.heard import SpokenWord
from fermata.speech_detection.silero import RATE_HZ, Span

MARGIN_SAMPLES = RATE_HZ // 10
"""100 ms of what surrounds the speech, which PocketSphinx wants to hear as silence."""

_FRAME_SAMPLES = RATE_HZ // 100
_FILLER = re.compile(r"<.*>|\[.*\]|\+\+.*\+\+")
_VARIANT = re.compile(r"\(\d+\)$")


class WordRecogniser:
    """PocketSphinx with the language model of its wheel. One caller at a time."""

    def __init__(self) -> None:
        self._decoder = Decoder(samprate=RATE_HZ, loglevel="FATAL")

    def words(self, samples: Samples, speech: Span) -> list[SpokenWord]:
        """Recognises one stretch of speech.

        The first word starts where the speech starts and the last one ends where it ends:
        those two borders were measured on the sound, while PocketSphinx counts some silence in.

        Args:
            samples: One channel, shape (samples,), in [-1, 1] at `RATE_HZ`.
            speech: Where in it the speech lies.

        Returns:
            The words in order; none where only noise was heard.
        """
        offset = max(0, speech.start - MARGIN_SAMPLES)
        self._listen(samples[offset : speech.end + MARGIN_SAMPLES])
        heard = [word for word in self._heard(offset) if _lies_in(speech, word[0])]
        starts = [speech.start, *(max(speech.start, word.start) for word, _, _ in heard[1:])]
        ends = [*(min(speech.end, word.end) for word, _, _ in heard[:-1]), speech.end]
        return [
            SpokenWord(text, to_ms(start), to_ms(end), confidence)
            for (_, text, confidence), start, end in zip(heard, starts, ends, strict=False)
            if start < end
        ]

    def _listen(self, samples: Samples) -> None:
        """Runs the search over `samples`."""
        pcm = np.round(samples * 32767).astype("<i2").tobytes()
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, full_utt=True)
        self._decoder.end_utt()

    def _heard(self, offset: int) -> Iterator[tuple[Span, str, float]]:
        """The real words of the best hypothesis, where they lie, and how sure they are."""
        for segment in self._decoder.seg() or ():
            if _FILLER.fullmatch(segment.word):
                continue
            start = offset + segment.start_frame * _FRAME_SAMPLES
            end = offset + (segment.end_frame + 1) * _FRAME_SAMPLES
            confidence = round(min(max(segment.prob, 0.0), 1.0), 5)
            yield Span(start, end), _VARIANT.sub("", segment.word), confidence


def _lies_in(speech: Span, word: Span) -> bool:
    """Whether a stretch of speech holds the middle of a word: the margins may hold others."""
    return speech.start <= (word.start + word.end) // 2 < speech.end


def to_ms(samples: int) -> int:
    """A position in samples at `RATE_HZ`, in whole ms."""
    return round(samples * 1000 / RATE_HZ)
