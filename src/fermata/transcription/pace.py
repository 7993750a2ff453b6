"""How often an open job is asked for, and how long it may take."""

from dataclasses import dataclass

_LONGEST_AUDIO_S = 10 * 3600.0
"""The longest audio that the service takes (its FAQ); assumed where the length is unknown."""

_SHORTEST_PAUSE_S = 0.1


@dataclass(frozen=True, slots=True)
class PollPolicy:
    """The patience of polling.

    The service's documentation has most files done within 45 s; 69 s of audio were measured at
    6 to 12 s. Users whose limits were near that (120 s) saw paid jobs time out every day, so
    the deadline is far from it, and grows with the audio.

    Attributes:
        interval_s: The pause between two questions about a short recording of which nothing is
            known; after the moment at which it was likely to be done, the pauses grow to this.
        audio_s_per_interval_s: Long audio is asked for more seldom: once in its length divided
            by this.
        interval_max_s: No pause is longer, except one that the service asks for.
        first_pause_share: The first pause after that moment, as a share of the time to it.
        growth: By how much each pause after that moment is longer than the one before.
        scout_share: While nothing is known of any job, one of them is asked for after each such
            share of the time since its submission, and the others learn from it.
        questions_per_s: How many questions at most, of all jobs together. The service takes
            20,000 requests in 5 minutes from an account (its documentation), 66 a second, and
            uploads and submissions need some of them.
        deadline_base_s: How long the shortest recording may take.
        deadline_per_audio_s: How much longer, for each second of audio.
        failures_in_a_row: How many questions about one job may fail transiently, one after the
            other, before it is left to a later run.
        retry_after_max_s: A pause the service asks for is cut to this.
    """

    interval_s: float = 3.0
    audio_s_per_interval_s: float = 200.0
    interval_max_s: float = 30.0
    first_pause_share: float = 0.01
    growth: float = 1.4
    scout_share: float = 0.15
    questions_per_s: float = 40.0
    deadline_base_s: float = 900.0
    deadline_per_audio_s: float = 0.5
    failures_in_a_row: int = 8
    retry_after_max_s: float = 120.0

    def pause_s(self, duration_s: float | None) -> float:
        """Returns the pause between two questions about audio of this length."""
        growing = (duration_s or 0.0) / self.audio_s_per_interval_s
        return max(self.interval_s, min(growing, self.interval_max_s))

    def scout_pause_s(self, since_submission_s: float, duration_s: float | None) -> float:
        """Returns the pause of the one job from which the others learn."""
        wanted_s = max(_SHORTEST_PAUSE_S, self.scout_share * since_submission_s)
        return min(wanted_s, self.pause_s(duration_s))

    def late_pause_s(self, likely_s: float, late: int, duration_s: float | None) -> float:
        """Returns the pause after a job was not done when it was likely to be.

        Args:
            likely_s: How long after its submission it was likely to be done.
            late: How many questions since then.
            duration_s: The length of its audio.
        """
        first_s = max(_SHORTEST_PAUSE_S, self.first_pause_share * likely_s)
        return min(first_s * self.growth ** min(late, 60), self.pause_s(duration_s))

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
