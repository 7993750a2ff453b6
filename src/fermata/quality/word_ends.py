"""Word ends against the sound: how far the end of the last word lies from the end of speech.

The sound is heard by the Silero detector of the local engine, whose borders are set to the
loudness around them; against speech with known borders they are 12 ms late
(`fermata.localserver.engine.edges`). All channels are mixed, and only silences of everybody are
compared, so that no label has to be matched to a channel.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fermata.audio import AudioFile, Samples, decode_blocks
from fermata.localserver.engine.edges import refine
from fermata.quality.models import WordEnds
from fermata.speech_detection.silero import RATE_HZ, VoiceDetector, speech_spans
from fermata.turntaking import Conversation

LISTEN_MS = 300_000
"""How much of a recording is listened to. Five minutes hold 61 (earnings21), 63 (ifadv) and 92
(spjallromur) silences of 300 ms or more in the median recording, and take 1.5 s to hear."""

MIN_SOUND_SILENCE_MS = 300
"""The shortest silence of the sound that is compared; longer than any inside a word."""

MIN_WORD_SILENCE_MS = 50
"""The shortest silence between words that can be its counterpart: late word ends shorten it."""

_SAMPLES_PER_MS = RATE_HZ // 1_000


@dataclass(frozen=True, slots=True)
class _Stretch:
    start_ms: int
    end_ms: int

    def overlap_ms(self, other: "_Stretch") -> int:
        return min(self.end_ms, other.end_ms) - max(self.start_ms, other.start_ms)


def word_ends_of(
    conversation: Conversation, file: AudioFile, recording_id: str, options_hash: str
) -> WordEnds:
    """Compares the word ends of a recording's first minutes with its sound.

    Args:
        conversation: its words.
        file: its audio: a path, or a binary file object at its start.
        recording_id: SHA-256 of the content, hex.
        options_hash: hash of the request options.

    Raises:
        NotAudioError: it cannot be decoded as audio.
        OSError: it cannot be read.
    """
    samples = _mixed_start(file)
    listened_ms = len(samples) // _SAMPLES_PER_MS
    spoken = _spoken(conversation, listened_ms)
    heard = [s for s in _silences(_sounding(samples)) if _length(s) >= MIN_SOUND_SILENCE_MS]
    within = [silence for silence in heard if _lies_between(silence, spoken)]
    between_words = list(_silences(spoken))
    differences = [_difference_ms(silence, between_words) for silence in within]
    found = tuple(each for each in differences if each is not None)
    return WordEnds(
        recording_id=recording_id,
        options_hash=options_hash,
        differences_ms=found,
        unmatched=len(within) - len(found),
        listened_ms=listened_ms,
    )


def _mixed_start(file: AudioFile) -> Samples:
    """The first `LISTEN_MS` as one channel, the mean of all."""
    wanted = LISTEN_MS * _SAMPLES_PER_MS
    pieces: list[Samples] = []
    read = 0
    for block in decode_blocks(file, RATE_HZ):
        pieces.append(block.mean(axis=0))
        read += block.shape[1]
        if read >= wanted:
            break
    return np.concatenate(pieces)[:wanted]


def _sounding(samples: Samples) -> list[_Stretch]:
    spans = refine(samples, speech_spans(VoiceDetector().probabilities(samples)))
    return [_Stretch(span.start // _SAMPLES_PER_MS, span.end // _SAMPLES_PER_MS) for span in spans]


def _spoken(conversation: Conversation, listened_ms: int) -> list[_Stretch]:
    """Words of all speakers as stretches, in order, without overlap between neighbours."""
    joined: list[_Stretch] = []
    for word in conversation.words:
        if word.start_ms >= listened_ms:
            break
        if joined and word.start_ms - joined[-1].end_ms < MIN_WORD_SILENCE_MS:
            last = joined.pop()
            joined.append(_Stretch(last.start_ms, max(last.end_ms, word.end_ms)))
        else:
            joined.append(_Stretch(word.start_ms, word.end_ms))
    return joined


def _silences(stretches: Sequence[_Stretch]) -> Iterator[_Stretch]:
    for before, after in pairwise(stretches):
        yield _Stretch(before.end_ms, after.start_ms)


def _length(stretch: _Stretch) -> int:
    return stretch.end_ms - stretch.start_ms


def _lies_between(silence: _Stretch, spoken: Sequence[_Stretch]) -> bool:
    """Whether a silence of the sound lies within the span of the words."""
    if not spoken:
        return False
    return spoken[0].start_ms < silence.start_ms and silence.end_ms < spoken[-1].end_ms


def _difference_ms(silence: _Stretch, between_words: Sequence[_Stretch]) -> int | None:
    """The word end at a silence minus the end of speech; None where words go on over it."""
    best = max(between_words, key=silence.overlap_ms, default=None)
    if best is None or silence.overlap_ms(best) <= 0:
        return None
    return best.start_ms - silence.start_ms
