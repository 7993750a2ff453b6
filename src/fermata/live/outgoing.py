"""The frames on their way to the service, kept until what they say is final.

After a drop, a new session gets again what was sent since the last final turn, so that no
words are lost. How much is kept is bounded.
"""

from dataclasses import dataclass

from fermata.live.buffer import FrameBuffer
from fermata.live.frames import Frame
from fermata.live.silence import LEAST_SPEECH_S
from fermata.speech_detection.amount import SpeechMeter


@dataclass(frozen=True, slots=True)
class Unanswered:
    """What the service has not answered for at the end, in samples of the source.

    Attributes:
        from_sample: Where it starts.
        sent_until: Where that part of it ends which was sent, and not answered for.
        end_sample: Where all of it ends.
    """

    from_sample: int
    sent_until: int
    end_sample: int


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
        self._sample_rate_hz = sample_rate_hz
        self._keep_samples = int(keep_s * sample_rate_hz)
        self._frames: list[Frame] = []
        self._sent = 0
        self._sent_until = 0
        self._settled_sample = 0

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
        self._sent_until = max(self._sent_until, frame.end_sample)
        return frame

    def fetch(self, timeout_s: float) -> bool:
        """Waits for a new frame without handing it out, and says whether one came."""
        frame = self._buffer.pop(timeout_s)
        if frame is not None:
            self._frames.append(frame)
        return frame is not None

    def settle(self, sample: int) -> None:
        """Says that all before `sample` is answered for, so that it need not be kept; any thread.

        It is final, or was given up and marked.
        """
        self._settled_sample = max(self._settled_sample, sample)

    def resend(self) -> Resent:
        """Starts again after the last final turn, as far back as audio is kept."""
        self._forget()
        was_sent, self._sent = self._sent > 0, 0
        if not was_sent:
            return Resent(None, None)
        first = self._frames[0].start_sample
        return Resent(first, min(first, self._settled_sample))

    @property
    def sent_until(self) -> int:
        """The sample after all that was ever handed out."""
        return self._sent_until

    @property
    def settled_sample(self) -> int:
        """Up to which sample of the source all is answered for."""
        return self._settled_sample

    @property
    def exhausted(self) -> bool:
        """Whether all was handed out and nothing new will come."""
        return self._sent == len(self._frames) and self._buffer.exhausted

    @property
    def unsettled(self) -> bool:
        """Whether there is audio that was not sent, or was sent and is not final."""
        self._forget()
        return bool(self._frames) or not self._buffer.exhausted

    @property
    def forgot_unanswered(self) -> bool:
        """Whether something that was sent and is not answered for is kept no longer."""
        self._forget()
        kept_from = self._frames[0].start_sample if self._frames else self._sent_until
        return kept_from > self._settled_sample

    def holds_speech(self) -> bool:
        """Whether there is speech in what was sent, is not answered for and is still kept."""
        self._forget()
        meter = SpeechMeter(self._sample_rate_hz)
        speech_s = sum(meter.speech_s(frame.pcm) for frame in self._frames[: self._sent])
        return speech_s >= LEAST_SPEECH_S

    def unanswered(self, *, confirmed: bool) -> Unanswered:
        """Takes all that is left at the end, and tells what the service has not answered for.

        Args:
            confirmed: Whether the service confirmed the end of the last session, and with it
                all that was sent in it.
        """
        unsent = self._frames[self._sent :]
        while (frame := self._buffer.pop(0)) is not None:
            unsent.append(frame)
        end_sample = unsent[-1].end_sample if unsent else self._sent_until
        if confirmed:
            waiting = min([self._sent_until, *(each.start_sample for each in unsent[:1])])
            return Unanswered(waiting, waiting, end_sample)
        settled = self._settled_sample
        return Unanswered(settled, max(settled, self._sent_until), end_sample)

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
