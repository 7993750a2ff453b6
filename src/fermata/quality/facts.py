"""The facts of a call, from its words and its turn-taking."""

from dataclasses import asdict

from fermata.quality.clocks import check_clocks
from fermata.quality.lapses import dead_air
from fermata.quality.models import CallFacts, CallSource
from fermata.quality.short_pauses import pauses_by_class
from fermata.quality.speakers import check_speakers
from fermata.turntaking import Conversation, TurnTaking


def facts_of(conversation: Conversation, found: TurnTaking, source: CallSource) -> CallFacts:
    """What the gates need to know of a call.

    Args:
        conversation: its words.
        found: its turn-taking.
        source: where it comes from. Where the recording has one channel, there is one clock,
            and nothing to compare.
    """
    # A mono recording's speakers share a clock by nature; only their labels can be wrong.
    clocks = check_clocks({} if source.channels == 1 else found.ipus)
    speakers = check_speakers(conversation)
    silence = dead_air(conversation)
    from_200, from_500, from_1000 = pauses_by_class(found)
    return CallFacts(
        **asdict(source),
        unit=conversation.unit.value,
        pieces=len(conversation.words),
        span_ms=_span_ms(conversation),
        speech_ms=sum(ipu.duration_ms for ipus in found.ipus.values() for ipu in ipus),
        pauses_from_200_ms=from_200,
        pauses_from_500_ms=from_500,
        pauses_from_1000_ms=from_1000,
        clock_windows=clocks.windows,
        clock_windows_off=clocks.windows_off,
        clock_talk_ms=clocks.talk_ms,
        clock_talk_off_ms=clocks.talk_off_ms,
        clock_double_talk_ms=clocks.double_talk_ms,
        clock_double_talk_moved_ms=clocks.double_talk_moved_ms,
        clock_offset_ms=clocks.offset_ms,
        speakers=speakers.speakers,
        unknown_words=speakers.unknown_words,
        speaker_changes=speakers.changes,
        swaps=speakers.swaps,
        silence_ms=silence.silence_ms,
        long_stretches=silence.long_stretches,
        longest_silence_ms=silence.longest_ms,
    )


def _span_ms(conversation: Conversation) -> int:
    words = conversation.words
    return max(word.end_ms for word in words) - words[0].start_ms if words else 0
