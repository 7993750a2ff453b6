"""Compares silence by silence: what the batch transcript's mark says, and what streaming did.

A session with a low minimum and the highest maximum ends a turn before the maximum only where
the model takes the silence for complete. So a turn's end at a silence is the verdict
"complete", and none is the verdict "open". Silences and words are matched by where the last
word ends: within `TOLERANCE_MS`, rather by the same text, and by the nearest end otherwise.
Word starts are not used: after a silence, streaming models set them up to a second early.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fermata.errors import UsageError
from fermata.punctuation.heard import HeardChannel, HeardWord
from fermata.punctuation.models import LeftOut, MeasuringParameters
from fermata.punctuation.silences import BatchSilence
from fermata.replay import DEFAULT_CONFIDENCE, Rule, rule_of

TOLERANCE_MS = 300
"""How far apart two recognisers may end the same word.

Of three recognisers on two calls, 95 % of such pairs lie within 140 to 250 ms of each other
(figures of `fermata.punctuation.defaults`); neighbouring words end about as far apart.
"""

MAX_TURN_SILENCE_MS = 10_000
"""The longest maximum that the service takes."""

_MIN_TURN_SILENCE_MS = {Rule.PUNCTUATION: 100, Rule.CONFIDENCE: 160}
"""The lowest minimum that the vendor recommends for any purpose: Universal-3 Pro's default and
the preset Aggressive of Universal-Streaming."""

_MARKS = ".,;:?!\u2014\"'"


@dataclass(frozen=True, slots=True)
class Tally:
    """Silences of one kind in one call, and those of them taken for the other kind."""

    silences: int = 0
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What came of the silences of one call.

    Attributes:
        complete: those after a complete sentence by the batch transcript.
        open: the others.
        left_out: those that cannot be compared, by reason.
    """

    complete: Tally
    open: Tally
    left_out: Mapping[LeftOut, int]


def measuring_parameters(speech_model: str) -> MeasuringParameters:
    """With which silences to stream a model, and which silences to compare.

    Raises:
        UsageError: it is documented for no rule that a mark or a confidence decides.
    """
    rule = rule_of(speech_model)
    if rule is None:
        raise UsageError(
            f"what ends a turn of the model {speech_model!r} is not documented; "
            "measure a model of the families universal-streaming, u3 or universal-3"
        )
    min_ms = _MIN_TURN_SILENCE_MS[rule]
    return MeasuringParameters(
        min_turn_silence_ms=min_ms,
        max_turn_silence_ms=MAX_TURN_SILENCE_MS,
        end_of_turn_confidence_threshold=DEFAULT_CONFIDENCE if rule is Rule.CONFIDENCE else None,
        # The word's end, where a silence begins, is known no better than that.
        shortest_silence_ms=min_ms + TOLERANCE_MS,
        tolerance_ms=TOLERANCE_MS,
    )


def compare(
    silences: Iterable[BatchSilence],
    channels: Sequence[HeardChannel],
    parameters: MeasuringParameters,
) -> Verdicts:
    """Compares the silences of a call with what was streamed of it.

    Args:
        silences: of the part that was to be streamed; those too short to be compared are
            passed over.
        channels: what was heard, one for each channel of the recording.
        parameters: of the sessions.
    """
    seen: Counter[tuple[bool, bool]] = Counter()
    left_out: Counter[LeftOut] = Counter()
    for silence in silences:
        if silence.quiet_ms is not None and silence.quiet_ms < parameters.shortest_silence_ms:
            continue
        found = _verdict(silence, channels[silence.channel], parameters)
        if isinstance(found, LeftOut):
            left_out[found] += 1
        else:
            seen[silence.is_complete, found] += 1
    return Verdicts(
        complete=Tally(seen[True, True] + seen[True, False], seen[True, False]),
        open=Tally(seen[False, True] + seen[False, False], seen[False, True]),
        left_out=dict(left_out),
    )


def _verdict(
    silence: BatchSilence, heard: HeardChannel, parameters: MeasuringParameters
) -> bool | LeftOut:
    """Whether the streaming model took the silence for complete."""
    start_ms, until_ms = silence.start_ms, silence.start_ms + parameters.shortest_silence_ms
    if until_ms > heard.until_ms:
        return LeftOut.NOT_STREAMED
    if (silence.quiet_ms or 0) >= parameters.max_turn_silence_ms:
        return LeftOut.TOO_LONG
    begins_ms = start_ms - parameters.tolerance_ms
    if any(begins_ms < end and start < until_ms for start, end in heard.holes):
        return LeftOut.LOST
    word = word_ending_at(silence, heard.words, parameters.tolerance_ms)
    if word is None:
        return LeftOut.NO_WORD
    if word.was_cut:
        return LeftOut.LOST
    return LeftOut.LAST_WORD if word.ends_session else word.ends_turn


def word_ending_at(
    silence: BatchSilence, words: Sequence[HeardWord], tolerance_ms: int
) -> HeardWord | None:
    """The heard word that is the last one before a silence; None where none ends there.

    Args:
        silence: of the batch transcript.
        words: of the same channel, by their ends.
        tolerance_ms: how far apart the ends may lie.
    """
    first = bisect_left(words, float(silence.start_ms - tolerance_ms), key=_end)
    last = bisect_right(words, float(silence.start_ms + tolerance_ms), key=_end)
    wanted = _bare(silence.last_word)
    return min(
        words[first:last],
        key=lambda word: (_bare(word.text) != wanted, abs(word.end_ms - silence.start_ms)),
        default=None,
    )


def _end(word: HeardWord) -> float:
    return word.end_ms


def _bare(text: str) -> str:
    return text.strip(_MARKS).lower()
