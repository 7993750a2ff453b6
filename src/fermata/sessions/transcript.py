"""A streamed session in the shape of an AssemblyAI transcript, so that its gaps can be analysed.

As there, an utterance is a run of one speaker's words: what a speaker says goes on until
another one begins, over however many turns. Speakers are named as there: by channel (`1`)
where there are several, by label (`A`), or by both (`1A`). Where nobody knows who spoke, the
speaker is null, and each turn stays an utterance of its own.
"""

import math
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from statistics import fmean
from typing import Any

from fermata.live.events import Word
from fermata.live.turns import HeardTurn, Segment
from fermata.sessions.kept import KeptSession

JsonObject = dict[str, Any]


def transcript_object(kept: KeptSession) -> JsonObject:
    """The transcript of a session, as `GET /v2/transcript/{id}` would answer."""
    turns = [turn for channel in kept.report.channels for turn in channel.turns]
    multichannel = len(kept.plan.channels) > 1
    pieces = sorted(_pieces(turns, multichannel=multichannel), key=itemgetter("start", "end"))
    utterances = list(_merged(pieces))
    words = sorted((word for each in utterances for word in each["words"]), key=itemgetter("start"))
    return {
        "id": kept.session,
        "status": "completed",
        "audio_url": kept.plan.source,
        "audio_duration": math.ceil(kept.report.captured_s),
        "audio_channels": len(kept.plan.channels) if multichannel else None,
        "multichannel": multichannel,
        "speaker_labels": any(each["speaker"] for each in utterances) and not multichannel,
        "speech_model_used": kept.plan.speech_model,
        "language_code": next((turn.language for turn in turns if turn.language), None),
        "text": " ".join(each["text"] for each in utterances),
        "confidence": _mean(each["confidence"] for each in words),
        "words": words,
        "utterances": utterances,
    }


def _pieces(turns: Iterable[HeardTurn], *, multichannel: bool) -> Iterator[JsonObject]:
    """Each part of a turn by one speaker, as an utterance; one without words has no place."""
    for turn in turns:
        channel = str(turn.channel + 1) if multichannel else None
        for segment in turn.segments:
            if segment.words:
                yield _utterance(segment, channel)


def _utterance(segment: Segment, channel: str | None) -> JsonObject:
    speaker = f"{channel or ''}{segment.speaker or ''}" or None
    words = [_word(word, speaker, channel) for word in segment.words]
    named = {"speaker": speaker} if channel is None else {"speaker": speaker, "channel": channel}
    return {
        **named,
        "start": min(word["start"] for word in words),
        "end": max(word["end"] for word in words),
        "text": segment.text,
        "confidence": _mean(word["confidence"] for word in words),
        "words": words,
    }


def _word(word: Word, speaker: str | None, channel: str | None) -> JsonObject:
    start_ms = max(0, round(word.start_ms))
    fields = {
        "text": word.text,
        "start": start_ms,
        "end": max(start_ms, round(word.end_ms)),
        "confidence": word.confidence,
        "speaker": speaker,
    }
    return fields if channel is None else {**fields, "channel": channel}


def _merged(pieces: list[JsonObject]) -> Iterator[JsonObject]:
    """Joins what a speaker says before another one begins."""
    for speaker, run in groupby(pieces, key=itemgetter("speaker")):
        if speaker is None:
            yield from run
        else:
            yield _joined(list(run))


def _joined(run: list[JsonObject]) -> JsonObject:
    words = [word for each in run for word in each["words"]]
    return {
        **run[0],
        "end": max(each["end"] for each in run),
        "text": " ".join(each["text"] for each in run),
        "confidence": _mean(word["confidence"] for word in words),
        "words": words,
    }


def _mean(confidences: Iterable[float | None]) -> float | None:
    known = [each for each in confidences if each is not None]
    return fmean(known) if known else None
