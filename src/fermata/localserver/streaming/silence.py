"""Tells of silence about once a second, for sessions that asked for it."""

from fermata.localserver.streaming.timeline import Step

EVERY_MS = 1_000


class SilenceWatch:
    """Measures the silence that is going on."""

    def __init__(self) -> None:
        self._from_ms = 0

    def advance(self, step: Step) -> list[tuple[int, int]]:
        """The stretches of silence that were full with this step, as (from, to) in ms."""
        if step.speech:
            self._from_ms = step.until_ms
            return []
        full = range(self._from_ms, step.until_ms - EVERY_MS + 1, EVERY_MS)
        stretches = [(start, start + EVERY_MS) for start in full]
        self._from_ms += len(stretches) * EVERY_MS
        return stretches
