"""Watches whether a language model answers, since a service may ignore the request for it.

Without access to the model, AssemblyAI drops the request without error or warning (58 final
turns without one answer were measured).
"""

from fermata.live.events import Notice

NO_ANSWER = "llm_silent"


class AnswerWatch:
    """Keeps the final turns that are not answered yet. Not thread-safe.

    Args:
        within_s: How long an answer may take.
    """

    def __init__(self, within_s: float) -> None:
        self._within_s = within_s
        self._waiting: dict[int, float] = {}
        self._asked = 0
        self._answered = 0
        self._said = False

    def ask(self, turn_order: int, now_s: float) -> None:
        """Notes that a turn is final, so that an answer to it is due."""
        if turn_order not in self._waiting:
            self._asked += 1
            self._waiting[turn_order] = now_s

    def answer(self, turn_order: int) -> None:
        """Notes an answer."""
        self._answered += 1
        self._waiting.pop(turn_order, None)

    def overdue(self, now_s: float) -> Notice | None:
        """Points out, once, that the oldest answer is overdue."""
        oldest_s = min(self._waiting.values(), default=now_s)
        return self._silence() if now_s - oldest_s > self._within_s else None

    def end(self) -> Notice | None:
        """Points out at the end how many answers are missing, if not done yet or not for all."""
        if not self._waiting:
            return None
        return self._some_missing() if self._answered else self._silence()

    @property
    def asked(self) -> int:
        """How many answers were due."""
        return self._asked

    @property
    def answered(self) -> int:
        """How many answers came."""
        return self._answered

    def _silence(self) -> Notice | None:
        if self._said:
            return None
        self._said = True
        return Notice(
            NO_ANSWER,
            f"{len(self._waiting)} of {self._asked} final turns got no answer from the language "
            "model: the account may have no access to it (the service then says nothing); check "
            "the model's name and the account",
        )

    def _some_missing(self) -> Notice:
        return Notice(
            NO_ANSWER,
            f"{len(self._waiting)} of {self._asked} final turns got no answer from the language "
            "model by the end of the session, though others did: the model was slow, or too much "
            "was asked of the account at once",
        )
