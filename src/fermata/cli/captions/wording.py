"""The lines of captions: what is said about turns, answers, holes and notices."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from fermata.live.events import Failed, Hole, Interrupted, Notice
from fermata.live.turns import HeardTurn, TurnState
from fermata.quoting import visible
from fermata.report.session import HOLE_REASONS
from fermata.report.voices import clock_time, voice_name

NOTICE_STYLE = "yellow"
ERROR_STYLE = "red"
CORRECTION_STYLE = "dim"
_VOICE_STYLES = (
    "cyan", "magenta", "green", "blue", "bright_cyan", "bright_magenta", "bright_green",
    "bright_blue",
)  # fmt: skip
_ANSWER_INDENT = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A line for the scrollback, which may wrap; `indent` is in columns."""

    text: Text
    indent: int = 0


def printable(text: str) -> str:
    """The text on one line, with whatever a terminal would obey written as an escape."""
    return visible(" ".join(text.split()))


def encodable(text: Text, encoding: str) -> Text:
    """The text in characters that a terminal's or a file's encoding has.

    Speech may hold any character, and one that can't be written must not end a session.
    """
    text.plain = text.plain.encode(encoding, "replace").decode(encoding)
    return text


class Wording:
    """Puts what happens into lines, with a colour for each voice, kept through the session.

    Args:
        channel_names: The names of all channels; the first colours are theirs.
    """

    def __init__(self, channel_names: Sequence[str]) -> None:
        self._names = [printable(name) for name in channel_names]
        self._styles: dict[str, str] = {}

    def voice(self, channel: int, speaker: str | None) -> Text:
        """The name of whoever speaks, in its colour."""
        name = printable(voice_name(self._names, channel, speaker))
        style = self._styles.setdefault(name, _VOICE_STYLES[len(self._styles) % len(_VOICE_STYLES)])
        return Text(name, style=style)

    def turn(self, turn: HeardTurn) -> Iterator[Line]:
        """One line for each speaker of a turn that is over."""
        for segment in turn.segments:
            line = Text.assemble((clock_time(segment.start_ms), "dim"), "  ")
            line.append_text(self.voice(turn.channel, segment.speaker))
            line.append(f": {printable(segment.text)}")
            yield Line(line)
        if turn.state is not TurnState.FINAL:
            yield Line(Text("(not heard to its end)", style="dim"), _ANSWER_INDENT)

    def correction(self, turn: HeardTurn) -> Iterator[Line]:
        """What a turn that was shown already should have said."""
        for segment in turn.segments:
            voice = self.voice(turn.channel, segment.speaker).plain
            at = clock_time(segment.start_ms)
            text = f"corrected {at}  {voice}: {printable(segment.text)}"
            yield Line(Text(text, style=CORRECTION_STYLE), _ANSWER_INDENT)

    def answer(self, text: str, to: HeardTurn | None) -> Iterator[Line]:
        """What a language model answered.

        Args:
            text: The answer; its lines are kept.
            to: The turn it answers, where that is not the one just above.
        """
        if to is not None:
            voice = self.voice(to.channel, to.speaker).plain
            about = f"on {clock_time(to.start_ms)}  {voice}:"
            yield Line(Text(about, style="dim"), _ANSWER_INDENT)
        for line in filter(None, map(printable, text.splitlines())):
            yield Line(Text(f"> {line}", style="italic"), _ANSWER_INDENT)

    def hole(self, channel: int, hole: Hole) -> Line:
        """A piece of the source without a reliable transcript."""
        span = f"{clock_time(hole.start_ms)} to {clock_time(hole.end_ms)}"
        name = self._names[channel]
        return Line(Text(f"[hole {span}, {name}: {HOLE_REASONS[hole.reason]}]", NOTICE_STYLE))

    def notice(self, notice: Notice) -> Line:
        """What a person should know."""
        return Line(Text(f"note: {printable(notice.text)}", NOTICE_STYLE))

    def interrupted(self, channel: int, event: Interrupted) -> Line:
        """The connection is lost for now."""
        retry = f"trying again in {math.ceil(event.retry_in_s)} s"
        return Line(
            Text(f"{self._names[channel]}: {printable(event.error)}; {retry}", NOTICE_STYLE)
        )

    def failed(self, channel: int, event: Failed) -> Line:
        """The channel goes on no longer."""
        return Line(Text(f"{self._names[channel]}: {printable(event.error)}", ERROR_STYLE))
