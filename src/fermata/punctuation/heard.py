"""What a streaming session heard: its words, and which of them it took for the end of a turn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fermata.live.report import ChannelReport, SessionReport
from fermata.live.turns import HeardTurn, TurnState

_MS_PER_S = 1000


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word of a channel.

    Attributes:
        text: with its punctuation.
        end_ms: where it ends, from the start of the recording.
        ends_turn: whether the service ended a turn after it.
        ends_session: whether it is the last of its session, whose end ended its turn as well.
        was_cut: whether the connection broke after it, before its turn was over.
    """

    text: str
    end_ms: float
    ends_turn: bool = False
    ends_session: bool = False
    was_cut: bool = False


@dataclass(frozen=True, slots=True)
class HeardChannel:
    """What was heard of one channel.

    Attributes:
        words: by their ends.
        holes: pieces without a reliable transcript, start and end in ms.
        until_ms: how much of it was streamed.
    """

    words: tuple[HeardWord, ...]
    holes: tuple[tuple[float, float], ...]
    until_ms: float


def heard_channels(report: SessionReport) -> tuple[HeardChannel, ...]:
    """The channels of a live session that is over, in order."""
    return tuple(_channel(each, report.captured_s * _MS_PER_S) for each in report.channels)


def _channel(report: ChannelReport, until_ms: float) -> HeardChannel:
    # The last entry of each session wins.
    last_turns = {turn.session_id: turn.order for turn in report.turns if turn.words}
    words = [
        word
        for turn in report.turns
        for word in _words(turn, ends_session=last_turns.get(turn.session_id) == turn.order)
    ]
    return HeardChannel(
        words=tuple(sorted(words, key=lambda word: word.end_ms)),
        holes=tuple((hole.start_ms, hole.end_ms) for hole in report.holes),
        until_ms=until_ms,
    )


def _words(turn: HeardTurn, *, ends_session: bool) -> Iterator[HeardWord]:
    spoken: Sequence[HeardWord] = [HeardWord(word.text, word.end_ms) for word in turn.words]
    yield from spoken[:-1]
    if spoken:
        yield HeardWord(
            spoken[-1].text,
            spoken[-1].end_ms,
            ends_turn=turn.state is TurnState.FINAL,
            ends_session=ends_session,
            was_cut=turn.state is TurnState.CUT,
        )
