"""The silences of a batch transcript at which a streaming session hears nobody."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from fermata.turntaking import Conversation, Silence, Word, turn_taking
from fermata.turntaking.shapes import read_transcript


@dataclass(frozen=True, slots=True)
class BatchSilence:
    """A silence after one of the words of a channel; times in ms from the recording's start.

    Attributes:
        channel: index of the channel, which is that of the session that hears it.
        start_ms: where the last word ends.
        quiet_ms: until somebody on that channel speaks; None where nobody does any more.
        last_word: the word before it.
        is_complete: whether that word ends a sentence.
    """

    channel: int
    start_ms: int
    quiet_ms: int | None
    last_word: str
    is_complete: bool


class UnfitTranscriptError(Exception):
    """A transcript that streaming cannot be compared with; the text says why in a few words."""


def batch_silences(transcript: Mapping[str, Any], channels: int) -> tuple[BatchSilence, ...]:
    """The holds, shifts and lapses after which the speaker's channel is quiet, by their start.

    A session hears one channel. Where several people share it, a silence of one of them counts
    only when nobody else is speaking as it begins, and it lasts until anybody speaks.

    Args:
        transcript: a pre-recorded v2 transcript.
        channels: of the recording.

    Raises:
        UnfitTranscriptError: it has no terminal marks, or does not say who is on which channel.
        MalformedTranscriptError: a time in it is unusable.
    """
    conversation = read_transcript(transcript)
    if not conversation.is_punctuated:
        raise UnfitTranscriptError("transcribed without punctuation")
    channel_of = _channels(transcript, conversation, channels)
    found = turn_taking(conversation).silences
    by_channel: defaultdict[int, list[Word]] = defaultdict(list)
    for word in conversation.words:
        by_channel[channel_of[word.speaker]].append(word)
    silences = (
        silence
        for channel, words in by_channel.items()
        for silence in _quiet(channel, words, _of_channel(found, channel_of, channel))
    )
    return tuple(sorted(silences, key=lambda each: (each.start_ms, each.channel)))


def _channels(
    transcript: Mapping[str, Any], conversation: Conversation, channels: int
) -> dict[str, int]:
    """The channel of each speaker."""
    if channels == 1:
        return dict.fromkeys(conversation.speakers, 0)
    named = {
        str(word.get("speaker") or utterance.get("speaker") or channel): str(channel)
        for utterance in transcript.get("utterances") or ()
        for word in utterance.get("words") or (utterance,)
        if (channel := word.get("channel") or utterance.get("channel")) is not None
    }
    known = {str(number): number - 1 for number in range(1, channels + 1)}
    found = {name: known[named[name]] for name in conversation.speakers if named.get(name) in known}
    if len(found) != len(conversation.speakers):
        raise UnfitTranscriptError("several channels, transcribed as one")
    return found


def _of_channel(
    found: Mapping[str, tuple[Silence, ...]], channel_of: Mapping[str, int], channel: int
) -> Iterator[Silence]:
    for speaker, silences in found.items():
        if channel_of[speaker] == channel:
            yield from silences


def _quiet(channel: int, words: list[Word], silences: Iterable[Silence]) -> Iterator[BatchSilence]:
    starts = [word.start_ms for word in words]
    spoken_until = list(accumulate((word.end_ms for word in words), max))
    for silence in silences:
        following = bisect_left(starts, silence.start_ms)
        if following and spoken_until[following - 1] > silence.start_ms:
            continue
        resumes_ms = starts[following] if following < len(starts) else None
        yield BatchSilence(
            channel=channel,
            start_ms=silence.start_ms,
            quiet_ms=None if resumes_ms is None else resumes_ms - silence.start_ms,
            last_word=silence.after.text,
            is_complete=silence.is_complete,
        )
