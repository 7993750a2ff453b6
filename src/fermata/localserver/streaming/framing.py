"""How long a message of audio may be, and how fast audio may come.

Measured on the service: 20 ms messages are refused only after some 49 of them, a 1,200 ms one at
once, and one of exactly 1,000 ms is fine. When audio that comes too fast is refused is not known;
its pages say "faster than real time" and, later, "more than five minutes ahead".
"""

from dataclasses import dataclass

from fermata.localserver.streaming.refusal import RefusalError

SHORTEST_MS = 50
LONGEST_MS = 1000

TOLERATED_SHORT_MESSAGES = 49

LARGEST_BYTES = 128 * 1024

_TOO_LARGE = 1009
_DURATION = 3007


@dataclass(slots=True)
class FramingRule:
    """The rule on single messages of one session.

    A few short messages in a row are tolerated, so the last one of a file is, too.
    """

    bytes_per_ms: float
    short_in_a_row: int = 0

    def check(self, message: bytes) -> None:
        """Lets one message in.

        Raises:
            RefusalError: It is too large, too long, or one too many that is too short.
        """
        if len(message) > LARGEST_BYTES:
            raise RefusalError(_TOO_LARGE)
        duration_ms = len(message) / self.bytes_per_ms
        short = duration_ms < SHORTEST_MS
        self.short_in_a_row = self.short_in_a_row + 1 if short else 0
        if duration_ms > LONGEST_MS or self.short_in_a_row > TOLERATED_SHORT_MESSAGES:
            raise RefusalError(
                _DURATION,
                f"Input Duration Error: Input Duration Violation: {duration_ms:.1f} ms. "
                f"Expected between {SHORTEST_MS} and {LONGEST_MS} ms",
            )


def check_pace(audio_s: float, elapsed_s: float, ahead_s: float) -> None:
    """Refuses audio that runs too far ahead of the clock.

    Args:
        audio_s: How much audio has come.
        elapsed_s: How long ago the session began.
        ahead_s: How much more of the former there may be than of the latter.

    Raises:
        RefusalError: 3007, in the service's words.
    """
    if audio_s - elapsed_s > ahead_s:
        raise RefusalError(
            _DURATION,
            f"Audio Transmission Rate Exceeded: Received {audio_s:.2f} sec. audio "
            f"in {elapsed_s:.2f} sec",
        )
