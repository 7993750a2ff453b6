"""How often an open job is asked for, and how long it may take."""

from dataclasses import dataclass

_LONGEST_AUDIO_S = 10 * 3600.0
"""The longest audio that the service takes (its FAQ); assumed where the length is unknown."""


@dataclass(frozen=True, slots=True)
class PollPolicy:
    """The patience of polling.

    The service's documentation has most files done within 45 s; 69 s of audio were measured at
    6 to 12 s. Users whose limits were near that (120 s) saw paid jobs time out every day, so
    the deadline is far from it, and grows with the audio.

    Attributes:
        interval_s: The pause between two questions about a short recording.
        audio_s_per_interval_s: Long audio is asked for more seldom: once in its length divided
            by this.
        interval_max_s: No pause is longer, except one that the service asks for.
        deadline_base_s: How long the shortest recording may take.
        deadline_per_audio_s: How much longer, for each second of audio.
        failures_in_a_row: How many questions about one job may fail transiently, one after the
            other, before it is left to a later run.
        retry_after_max_s: A pause the service asks for is cut to this.
    """

    interval_s: float = 3.0
    audio_s_per_interval_s: float = 200.0
    interval_max_s: float = 30.0
    deadline_base_s: float = 900.0
    deadline_per_audio_s: float = 0.5
    failures_in_a_row: int = 8
    retry_after_max_s: float = 120.0

    def pause_s(self, duration_s: float | None) -> float:
        """Returns the pause between two questions about audio of this length."""
        growing = (duration_s or 0.0) / self.audio_s_per_interval_s
        return max(self.interval_s, min(growing, self.interval_max_s))

    def pause_after_failure_s(self, failures: int, asked_s: float | None) -> float:
        """Returns the pause after so many failures in a row, or what the service asked for."""
        if asked_s is not None:
            return min(asked_s, self.retry_after_max_s)
        return max(
            self.interval_s, min(self.interval_s * 2.0 ** (failures - 1), self.interval_max_s)
        )

    def deadline_s(self, duration_s: float | None) -> float:
        """Returns how long audio of this length may take."""
        length_s = _LONGEST_AUDIO_S if duration_s is None else duration_s
        return self.deadline_base_s + self.deadline_per_audio_s * length_s
