"""A summary of a whole session, asked of a model through the gateway."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fermata.assemblyai.gateway.client import GatewayClient
from fermata.assemblyai.gateway.messages import Completion, Message, ModelFailure, Role, Usage
from fermata.errors import UsageError

DEFAULT_PROMPT = "Summarise this conversation in a few sentences."
DEFAULT_MAX_CHARACTERS = 200_000
"""About 50,000 tokens of English: inside every model's window, and a bounded price."""

# The opening says who speaks about what; the end says what came of it and deserves more room.
_OPENING_SHARE = 0.25

# The providers have different words for an answer that reached max_tokens.
_CUT = frozenset({"length", "max_tokens", "MAX_TOKENS"})


class SpokenTurn(Protocol):
    """A finished turn, whoever made it."""

    @property
    def speaker(self) -> str | None:
        """Who spoke, where that is known."""

    @property
    def text(self) -> str:
        """What was said."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A transcript of bounded size.

    Attributes:
        text: one line for each turn, and one that says how many were left out.
        turns_used: how many turns it holds.
        turns_left_out: how many were left out of the middle.
    """

    text: str
    turns_used: int
    turns_left_out: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a model made of a session.

    Attributes:
        text: the summary.
        model: which of the asked models wrote it.
        turns_used: how many turns it rests on.
        turns_left_out: how many turns did not fit and were left out of the middle.
        finish_reason: why the model stopped; None where the service did not say.
        usage: tokens used; None where the service did not say.
        failures: the models asked in vain before.
    """

    text: str
    model: str
    turns_used: int
    turns_left_out: int
    finish_reason: str | None
    usage: Usage | None
    failures: tuple[ModelFailure, ...]

    def as_json(self) -> dict[str, Any]:
        """The summary as it is kept and printed for programs."""
        return {
            "text": self.text,
            "model": self.model,
            "turns_used": self.turns_used,
            "turns_left_out": self.turns_left_out,
            "finish_reason": self.finish_reason,
            "notes": list(self.notes),
        }

    @property
    def notes(self) -> tuple[str, ...]:
        """One line for each way in which it is less than whole."""
        notes = []
        if self.turns_left_out:
            total = self.turns_used + self.turns_left_out
            notes.append(
                f"the summary rests on {self.turns_used} of {total} turns: "
                f"{self.turns_left_out} in the middle did not fit"
            )
        if self.finish_reason in _CUT:
            notes.append("the summary was cut at max_tokens: allow more for all of it")
        return tuple(notes)


def summarise(
    client: GatewayClient,
    turns: Sequence[SpokenTurn],
    *,
    model: str,
    fallback_models: Sequence[str] = (),
    prompt: str = DEFAULT_PROMPT,
    max_tokens: int = 1000,
    max_characters: int = DEFAULT_MAX_CHARACTERS,
) -> Summary | None:
    """Asks a model for a summary of the session.

    Args:
        client: the gateway.
        turns: the finished turns, in order.
        model: the model to ask first.
        fallback_models: the models to ask next, in order, where one fails.
        prompt: what to ask; the transcript follows it.
        max_tokens: the longest answer.
        max_characters: the longest transcript; whole turns beyond it are left out of the middle.

    Returns:
        The summary; None where nothing was said.

    Raises:
        ServiceError: see `GatewayClient.complete`.
        UsageError: not even one turn fits into `max_characters`.
    """
    lines = [_line(turn) for turn in turns if turn.text.strip()]
    if not lines:
        return None
    excerpt = excerpt_of(lines, max_characters)
    question = Message(Role.USER, f"{prompt}\n\nTranscript:\n{excerpt.text}")
    answer = client.complete(
        (question,), model=model, fallback_models=fallback_models, max_tokens=max_tokens
    )
    return _summary(excerpt, answer)


def _summary(excerpt: Excerpt, answer: Completion) -> Summary:
    return Summary(
        text=answer.text,
        model=answer.model,
        turns_used=excerpt.turns_used,
        turns_left_out=excerpt.turns_left_out,
        finish_reason=answer.finish_reason,
        usage=answer.usage,
        failures=answer.failures,
    )


def _line(turn: SpokenTurn) -> str:
    text = " ".join(turn.text.split())
    return f"{turn.speaker}: {text}" if turn.speaker else text


def excerpt_of(lines: Sequence[str], max_characters: int) -> Excerpt:
    """Joins the lines, leaving whole ones out of the middle where they are too long together.

    Raises:
        UsageError: not even one line fits.
    """
    whole = "\n".join(lines)
    if len(whole) <= max_characters:
        return Excerpt(whole, len(lines), 0)
    room = max_characters - len(_gap(len(lines)))
    opening = _fitting(lines, round(room * _OPENING_SHARE))
    backwards = lines[opening:][::-1]
    ending = _fitting(backwards, room - _length(lines[:opening]))
    left_out = len(lines) - opening - ending
    if not opening + ending:
        raise UsageError(
            f"no turn fits into {max_characters} characters: allow a longer transcript"
        )
    kept = (*lines[:opening], _gap(left_out), *lines[len(lines) - ending :])
    return Excerpt("\n".join(kept), opening + ending, left_out)


def _gap(turns: int) -> str:
    return f"[{turns} turns left out here]"


def _length(lines: Sequence[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _fitting(lines: Sequence[str], room: int) -> int:
    """How many of the first lines fit into `room` characters, each with its line break."""
    used = 0
    for count, line in enumerate(lines):
        used += len(line) + 1
        if used > room:
            return count
    return len(lines)
