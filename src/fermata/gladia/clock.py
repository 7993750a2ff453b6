"""The audio of one session as Gladia counts it, against what the caller has sent.

Both count the same bytes but for the silence that is put in to keep an idle session alive:
Gladia hears it, and the caller must not notice it in any time.
"""

_MS_PER_S = 1000
_BYTES_PER_SAMPLE = 2


class SentAudio:
    """Counts the audio of one session."""

    def __init__(self, sample_rate_hz: int) -> None:
        """Starts at nothing, for 16-bit samples of one channel."""
        self._bytes_per_s = sample_rate_hz * _BYTES_PER_SAMPLE
        self._sent_bytes = 0
        self._silences: tuple[tuple[int, int], ...] = ()

    def add(self, byte_count: int) -> None:
        """Counts audio of the caller."""
        self._sent_bytes += byte_count

    def add_silence(self, byte_count: int) -> None:
        """Counts silence that the caller knows nothing of."""
        self._silences += ((self._sent_bytes, byte_count),)
        self._sent_bytes += byte_count

    def callers_ms(self, time_s: float) -> float:
        """A time of Gladia's, in seconds, as ms of the caller's audio."""
        return self._callers_ms(time_s * self._bytes_per_s)

    def _callers_ms(self, position_bytes: float) -> float:
        silence = sum(
            min(length, max(0.0, position_bytes - start)) for start, length in self._silences
        )
        return (position_bytes - silence) * _MS_PER_S / self._bytes_per_s
