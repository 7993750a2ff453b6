"""One channel, live: its audio goes out, its turns come back, whatever the network does.

The channel's own thread opens a session, sends, and opens another one when the first breaks;
each session receives on a second thread. A session that was opened is always ended: asked to
terminate, drained until it has, and closed, also when an error of our own gets in between.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event as Flag
from threading import Thread

from fermata.errors import FermataError
from fermata.live.buffer import FrameBuffer
from fermata.live.catching_up import SendPacer
from fermata.live.clock import AudioClock
from fermata.live.errors import NoTerminationError, SessionError
from fermata.live.events import Failed, Hole, HoleReason, Interrupted, Notice
from fermata.live.frames import Frame
from fermata.live.hearing import Hearing, Publish
from fermata.live.link import Link
from fermata.live.outgoing import Outgoing
from fermata.live.provider import Connection, Provider, ResumePoint
from fermata.live.reconnection import Backoff
from fermata.live.report import ChannelReport, ProviderSession
from fermata.live.timing import Timing

_log = logging.getLogger(__name__)

_MS_PER_S = 1000


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of a source: its index, its name, and the rate of its samples."""

    index: int
    name: str
    sample_rate_hz: int


class ChannelSession:
    """Streams one channel from its buffer until that is exhausted, or `halt` is set.

    Args:
        channel: The channel.
        provider: Opens its sessions.
        buffer: Where its frames come from; closed when the channel can't go on.
        halt: Set to end soon: what waits is sent for a moment more, nothing is retried.
        publish: Called with each event and turn, on either thread; must return at once.
        spoken_at_s: When a sample of the source was spoken, on the monotonic clock.
        timing: Bounds and rates.
    """

    def __init__(
        self,
        channel: Channel,
        provider: Provider,
        buffer: FrameBuffer,
        *,
        halt: Flag,
        publish: Publish,
        spoken_at_s: Callable[[int], float | None],
        timing: Timing,
    ) -> None:
        self.begun = Flag()
        """Set when the first session has begun, or none ever will."""
        self.finished = Flag()
        """Set when the channel has come to its end and no session is open."""
        self.channel = channel
        self.error: Exception | None = None
        """Why it did not go on: a `FermataError`, or an error in our own code."""
        self._provider = provider
        self._buffer = buffer
        self._halt = halt
        self._publish = publish
        self._timing = timing
        self._outgoing = Outgoing(buffer, channel.sample_rate_hz, timing.keep_s)
        self._hearing = Hearing(
            channel.index,
            channel.sample_rate_hz,
            self._outgoing,
            publish=publish,
            spoken_at_s=spoken_at_s,
            answer_s=timing.answer_s,
        )
        self._pacer = SendPacer(timing.catch_up_speed, timing.burst_s)
        self._backoff = Backoff(timing)
        self._sessions: list[ProviderSession] = []
        self._clock = AudioClock(channel.sample_rate_hz)
        self._resume: ResumePoint | None = None
        self._link: Link | None = None
        self._lasted_s = 0.0
        self._next_sample = 0
        self._flush_until_s: float | None = None
        self._aborted = False
        self._thread = Thread(target=self._run, name=f"channel {channel.name}", daemon=True)

    def start(self) -> None:
        """Starts to connect, and then to send."""
        self._thread.start()

    def abort(self) -> None:
        """Closes the connection at once, without asking the service for anything; any thread."""
        self._aborted = True
        if self._link is not None:
            self._link.close()

    def report(self) -> ChannelReport:
        """What the channel came to; complete once it is `finished`."""
        return ChannelReport(
            channel=self.channel.index,
            name=self.channel.name,
            sessions=tuple(self._sessions),
            turns=self._hearing.book.turns,
            dropped_frames=self._buffer.dropped_frames,
            dropped_ms=self._buffer.dropped_ms,
            holes=tuple(self._hearing.holes),
            answers_due=self._hearing.answers.asked,
            answers=self._hearing.answers.answered,
            notices=tuple(self._hearing.notices),
            error=self._error_text(),
        )

    def _run(self) -> None:
        try:
            self._stream_to_the_end()
        except Exception as error:  # noqa: BLE001 - carried to the main thread
            self.error = error
        finally:
            if self.error is not None:
                self._publish(Failed(str(self.error)))
            self._buffer.close()
            self._mark_unsent()
            self.begun.set()
            self.finished.set()

    def _error_text(self) -> str | None:
        if self.error is not None:
            return str(self.error)
        return None if self.finished.is_set() else "it was still connecting when it had to end"

    def _stream_to_the_end(self) -> None:
        while (error := self._hold_session() or self._broken_off()) is not None:
            if not isinstance(error, SessionError):
                raise error
            if not self._may_try_again(error):
                return

    def _hold_session(self) -> Exception | None:
        """Opens a session, streams, and ends it; returns what broke it."""
        opened_at_s = time.monotonic()
        resume, self._resume, self._lasted_s = self._resume, None, 0.0
        try:
            connection = self._provider.connect(self.channel.sample_rate_hz, resume)
        except FermataError as error:
            return error
        resumed = resume is not None and connection.starts_at_ms > 0
        if not resumed:
            self._clock = AudioClock(self.channel.sample_rate_hz)
        link = self._link = Link(connection, self._clock, self._hearing.hear, self._timing.poll_s)
        try:
            return self._use(link, connection, resumed=resumed)
        finally:
            link.end(self._timing.drain_s)
            self._lasted_s = time.monotonic() - opened_at_s
            self._account(connection, link)

    def _broken_off(self) -> Exception | None:
        """What went wrong after all was sent, before the service had confirmed the end."""
        return self._link.failure if self._link else None

    def _use(self, link: Link, connection: Connection, *, resumed: bool) -> Exception | None:
        """Takes up where the last session was left, or starts anew after its last final turn."""
        if self._aborted:
            link.close()
        if resumed:
            self._outgoing.resend_from(self._clock.rewind(connection.starts_at_ms))
        else:
            self._start_anew(connection)
        link.start()
        self.begun.set()
        return self._send_all(link)

    def _start_anew(self, connection: Connection) -> None:
        resent = self._outgoing.resend()
        self._hearing.break_off(resent)
        if resent.from_sample is not None and resent.lost_from_sample is not None:
            self._mark(resent.lost_from_sample, resent.from_sample, HoleReason.UNCONFIRMED)
        self._hearing.begin(
            connection.session_id, self._clock, expects_answers=connection.expects_answers
        )

    def _send_all(self, link: Link) -> Exception | None:
        """Sends until all is sent, or something gets in the way, which is returned."""
        while not link.disturbed.is_set():
            frame = self._outgoing.next(self._timing.poll_s)
            if self._out_of_time() or (frame is None and self._outgoing.exhausted):
                return None
            if frame is None:
                continue
            audio_s = frame.sample_count / self.channel.sample_rate_hz
            if link.disturbed.wait(self._pacer.wait_s(audio_s)):
                break
            try:
                self._send(link, frame)
            except SessionError as error:
                return link.verdict(error, self._timing.verdict_s)
        return link.why_over()

    def _send(self, link: Link, frame: Frame) -> None:
        if frame.start_sample > self._next_sample:
            self._mark(self._next_sample, frame.start_sample, HoleReason.DROPPED)
        self._next_sample = max(self._next_sample, frame.end_sample)
        link.send(frame, self._padding(frame))

    def _padding(self, frame: Frame) -> bytes:
        """Silence up to the shortest frame that the service takes: only a last one is shorter."""
        shortest = -(-self._provider.shortest_frame_ms * self.channel.sample_rate_hz // _MS_PER_S)
        return bytes(2 * max(0, shortest - frame.sample_count))

    def _out_of_time(self) -> bool:
        if not self._halt.is_set():
            return False
        now_s = time.monotonic()
        if self._flush_until_s is None:
            self._flush_until_s = now_s + self._timing.flush_s
        return now_s > self._flush_until_s

    def _account(self, connection: Connection, link: Link) -> None:
        """Notes what the session will cost, and whether it ended in good order."""
        ended = link.ended
        billed_s = ended.billed_s if ended else None
        error = link.failure
        if ended is None and error is None:
            error = NoTerminationError("the service did not confirm the end of the session in time")
            self._hearing.notice(
                Notice("no_termination", f"{error}: the last words may be missing")
            )
        self._sessions.append(
            ProviderSession(
                session_id=connection.session_id,
                sent_s=self._clock.sent_s,
                audio_s=ended.audio_s if ended else None,
                billed_s=self._lasted_s if billed_s is None else billed_s,
                billed_is_estimated=billed_s is None,
                error=None if error is None else str(error),
            )
        )
        self._resume = self._resume_point(connection)

    def _resume_point(self, connection: Connection) -> ResumePoint | None:
        if connection.resume_handle is None:
            return None
        return ResumePoint(
            connection.session_id, connection.resume_handle, self._hearing.accepted_ms
        )

    def _may_try_again(self, error: SessionError) -> bool:
        """Waits out the back-off, and until there is something to send."""
        if not self._outgoing.unsettled and self._sessions:
            self._hearing.notice(Notice("dropped", f"after the last final turn: {error}"))
            return False
        delay_s = None if self._halt.is_set() else self._backoff.delay_s(error, self._lasted_s)
        if delay_s is None:
            self.error = error
            return False
        _log.info("channel %s tries a new session: %s", self.channel.name, error)
        self._publish(Interrupted(str(error), delay_s))
        if self._halt.wait(delay_s) or not self._wait_for_audio():
            self.error = error
            return False
        return True

    def _wait_for_audio(self) -> bool:
        """Waits for a new frame: a source that gives none must not cost another session."""
        while not self._halt.is_set() and not self._buffer.exhausted and self._sessions:
            if self._outgoing.fetch(self._timing.poll_s):
                return True
        return not self._halt.is_set()

    def _mark_unsent(self) -> None:
        unsent = self._outgoing.unsent()
        if unsent and unsent[-1].end_sample > self._next_sample:
            self._mark(self._next_sample, unsent[-1].end_sample, HoleReason.UNSENT)

    def _mark(self, start_sample: int, end_sample: int, reason: HoleReason) -> None:
        if end_sample > start_sample:
            rate_hz = self.channel.sample_rate_hz / _MS_PER_S
            self._hearing.mark(Hole(start_sample / rate_hz, end_sample / rate_hz, reason))
