"""Decides what of a session becomes a line, and when; the same for every kind of captions.

A line in the scrollback can't be taken back. So a turn becomes lines when it is over and
formatted; one that may still be formatted is held until the next turn of its channel begins.
"""

from collections.abc import Iterator, Sequence

from fermata.cli.captions.wording import Line, Wording
from fermata.live.events import Failed, Hole, Interrupted, LiveEvent, LlmAnswer, Notice
from fermata.live.turns import HeardTurn, TurnState

_Key = tuple[int, int]


class Feed:
    """Turns what an observer is told into lines. Not thread-safe.

    Args:
        channel_names: The names of all channels.
    """

    def __init__(self, channel_names: Sequence[str]) -> None:
        self.wording = Wording(channel_names)
        self._waiting: dict[_Key, HeardTurn] = {}
        self._shown: dict[_Key, HeardTurn] = {}
        self._last_shown: _Key | None = None
        self._noticed: set[Notice] = set()

    @property
    def current(self) -> dict[int, HeardTurn]:
        """By channel, the newest turn that is being spoken, or is over and not a line yet."""
        return {turn.channel: turn for _, turn in sorted(self._waiting.items(), key=_by_key)}

    def turn(self, turn: HeardTurn) -> list[Line]:
        """Takes a turn as it stands now, and gives the lines that it leads to."""
        if (shown := self._shown.get(_key(turn))) is not None:
            return self._correct(shown, turn)
        lines = self._show_held_before(turn)
        if turn.state is TurnState.WITHDRAWN:
            self._waiting.pop(_key(turn), None)
        elif turn.state is TurnState.CUT or (_is_final(turn) and turn.is_formatted):
            lines += self._show(turn)
        elif turn.text or turn.words:
            self._waiting[_key(turn)] = turn
        return lines

    def event(self, channel: int, event: LiveEvent) -> list[Line]:
        """Takes an event, and gives the lines that it leads to."""
        match event:
            case LlmAnswer():
                return self._answer((channel, event.turn_order), event.text)
            case Notice():
                return self._notice(event)
            case Hole():
                return self._other(self.wording.hole(channel, event))
            case Interrupted():
                return self._other(self.wording.interrupted(channel, event))
            case Failed():
                return self._other(self.wording.failed(channel, event))
            case _:
                return []

    def end(self) -> list[Line]:
        """Gives the lines of the turns that are not lines yet."""
        rest = sorted(self._waiting.values(), key=lambda turn: turn.start_ms or 0.0)
        return [line for turn in rest for line in self._show(turn)]

    def _show_held_before(self, turn: HeardTurn) -> list[Line]:
        """Shows finals that will not be formatted any more, since their channel went on."""
        held = [
            each
            for each in self._waiting.values()
            if each.channel == turn.channel and each.order < turn.order and _is_final(each)
        ]
        return [line for each in held for line in self._show(each)]

    def _show(self, turn: HeardTurn) -> list[Line]:
        self._waiting.pop(_key(turn), None)
        if not turn.text and not turn.words:
            return []
        self._shown[_key(turn)] = turn
        self._last_shown = _key(turn)
        return list(self.wording.turn(turn))

    def _correct(self, shown: HeardTurn, turn: HeardTurn) -> list[Line]:
        self._shown[_key(turn)] = turn
        if _said(shown) == _said(turn):
            return []
        self._last_shown = None
        return list(self.wording.correction(turn))

    def _answer(self, key: _Key, text: str) -> list[Line]:
        waiting = self._waiting.get(key)
        lines = self._show(waiting) if waiting else []
        if not text.strip():
            return lines
        to = None if self._last_shown == key else self._shown.get(key)
        self._last_shown = key
        return [*lines, *self.wording.answer(text, to)]

    def _notice(self, notice: Notice) -> list[Line]:
        """The channels of a source often have the same to say."""
        if notice in self._noticed:
            return []
        self._noticed.add(notice)
        return self._other(self.wording.notice(notice))

    def _other(self, line: Line) -> list[Line]:
        self._last_shown = None
        return [line]


def _key(turn: HeardTurn) -> _Key:
    return turn.channel, turn.order


def _by_key(item: tuple[_Key, HeardTurn]) -> _Key:
    return item[0]


def _is_final(turn: HeardTurn) -> bool:
    return turn.state is TurnState.FINAL


def _said(turn: HeardTurn) -> list[tuple[str | None, str]]:
    """Who said what, apart from formatting."""
    return [(segment.speaker, "".join(_spoken(segment.text))) for segment in turn.segments]


def _spoken(text: str) -> Iterator[str]:
    return (character for character in text.casefold() if character.isalnum())
