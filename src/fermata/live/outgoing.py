"""The frames on their way to the service, kept until what they say is final.

After a drop, a new session gets again what was sent since the last final turn, so that no
words are lost. How much is kept is bounded.
"""

from dataclasses import dataclass

from fermata.live.buffer import FrameBuffer
from fermata.live.frames import Frame

_BYTES_PER_SAMPLE = 2


@dataclass(frozen=True, slots=True)
class Resent:
    """What is sent again, in samples of the source.

    Attributes:
        from_sample: Where it starts; None when nothing was sent that is not final.
        lost_from_sample: Where the audio before it starts that was sent, never became final
            and is kept no longer; equal to `from_sample` when there is none.
    """

    from_sample: int | None
    lost_from_sample: int | None


class Outgoing:
    """Hands out frames to the sender; used by the sender's thread, but for `settle`.

    Args:
        buffer: Where new frames come from.
        sample_rate_hz: Samples per second.
        keep_s: How much sent audio is kept at most, in seconds.
    """

    def __init__(self, buffer: FrameBuffer, sample_rate_hz: int, keep_s: float) -> None:
        self._buffer = buffer
        self._keep_samples = int(keep_s * sample_rate_hz)
        self._frames: list[Frame] = []
        self._sent = 0
        self._settled_sample = 0
        self._unsettled_from: int | None = None

    def next(self, timeout_s: float) -> Frame | None:
        """Hands out the next frame to send: first what is sent again, then what is new.

        Returns:
            The frame, or None when none came within `timeout_s`.
        """
        if self._sent == len(self._frames) and not self.fetch(timeout_s):
            return None
        self._forget()
        frame = self._frames[self._sent]
        self._sent += 1
        if self._unsettled_from is None:
            self._unsettled_from = frame.start_sample
        return frame

    def fetch(self, timeout_s: float) -> bool:
        """Waits for a new frame without handing it out, and says whether one came."""
        frame = self._buffer.pop(timeout_s)
        if frame is not None:
            self._frames.append(frame)
        return frame is not None

    def settle(self, sample: int) -> None:
        """Says that all before `sample` is final, so that it need not be kept; any thread."""
        self._settled_sample = max(self._settled_sample, sample)

    def resend(self) -> Resent:
        """Starts again after the last final turn, as far back as audio is kept."""
        self._forget()
        unsettled_from, self._unsettled_from = self._unsettled_from, None
        lost_from = max(unsettled_from or 0, self._settled_sample)
        was_sent, self._sent = self._sent > 0, 0
        if not was_sent:
            return Resent(None, None)
        first = self._frames[0].start_sample
        return Resent(first, min(first, lost_from))

    def resend_from(self, sample: int) -> None:
        """Starts again at a sample of the source, in the middle of a frame if need be.

        What lies before it is kept until it is final: should the service refuse to go on with
        the session after all, a new one needs it.
        """
        self._sent = sum(frame.end_sample <= sample for frame in self._frames)
        if self._sent == len(self._frames):
            return
        frame = self._frames[self._sent]
        if (heard := sample - frame.start_sample) > 0:
            cut = heard * _BYTES_PER_SAMPLE
            halves = (Frame(frame.start_sample, frame.pcm[:cut]), Frame(sample, frame.pcm[cut:]))
            self._frames[self._sent : self._sent + 1] = halves
            self._sent += 1

    @property
    def exhausted(self) -> bool:
        """Whether all was handed out and nothing new will come."""
        return self._sent == len(self._frames) and self._buffer.exhausted

    @property
    def unsettled(self) -> bool:
        """Whether there is audio that was not sent, or was sent and is not final."""
        self._forget()
        return bool(self._frames) or not self._buffer.exhausted

    def unsent(self) -> list[Frame]:
        """Takes all that was not handed out, at the end."""
        rest = self._frames[self._sent :]
        while (frame := self._buffer.pop(0)) is not None:
            rest.append(frame)
        return rest

    def _forget(self) -> None:
        """Drops sent frames that are final, or too old to be kept."""
        if not self._sent:
            return
        oldest = self._frames[self._sent - 1].end_sample - self._keep_samples
        limit = max(self._settled_sample, oldest)
        gone = 0
        while gone < self._sent and self._frames[gone].end_sample <= limit:
            gone += 1
        del self._frames[:gone]
        self._sent -= gone
