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
from fermata.live.billing import billed
from fermata.live.buffer import FrameBuffer
from fermata.live.catching_up import SendPacer
from fermata.live.clock import AudioClock
from fermata.live.errors import NoTerminationError, SessionError, SilentError, StalledError
from fermata.live.events import Failed, HoleReason, Interrupted, Notice
from fermata.live.framing import padding_for
from fermata.live.hearing import Hearing, Publish
from fermata.live.link import Link
from fermata.live.outgoing import Outgoing, Resent
from fermata.live.provider import Connection, Provider
from fermata.live.reconnection import Backoff, Patience
from fermata.live.report import ChannelReport, ProviderSession
from fermata.live.silence import SilenceWatch
from fermata.live.timing import Timing

_log = logging.getLogger(__name__)


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

    Attributes:
        begun: Set when the first session has begun, or none ever will.
        finished: Set when the channel has come to its end and no session is open.
        error: Why it did not go on: a `FermataError`, or an error in our own code.
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
        self.begun, self.finished = Flag(), Flag()
        self.channel = channel
        self.error: Exception | None = None
        self._provider = provider
        self._buffer = buffer
        self._halt = halt
        self._publish = publish
        self._timing = timing
        self._outgoing = Outgoing(buffer, channel.sample_rate_hz, timing.kept_s)
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
        self._patience = Patience(timing)
        self._sessions: list[ProviderSession] = []
        self._clock = AudioClock(channel.sample_rate_hz)
        self._link: Link | None = None
        self._lasted_s = 0.0
        self._unconfirmed = False
        self._ended_at_sample = 0
        self._flush_until_s: float | None = None
        self._aborted = False
        self._thread = Thread(target=self._run, name=f"channel {channel.name}", daemon=True)

    def start(self) -> None:
        """Starts to connect, and then to send."""
        self._thread.start()

    def abort(self) -> None:
        """Closes the connection without waiting for what the service has to say; any thread."""
        self._aborted = True
        if self._link is not None:
            self._link.abort()

    def account_for(self, until_sample: int) -> None:
        """Marks what comes after a channel that could not go on."""
        if self.finished.is_set() and self.error is not None:
            self._hearing.mark(self._ended_at_sample, until_sample, HoleReason.UNSENT)

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
            is_refused_account=isinstance(self.error, SessionError) and self.error.is_of_account,
            unconfirmed=self._unconfirmed,
        )

    def _run(self) -> None:
        for step in (self._stream_to_the_end, self._settle_up):
            try:
                step()
            except Exception as error:  # noqa: BLE001 - carried to the main thread
                self.error = self.error or error
        self._provider.close()
        self.begun.set()
        self.finished.set()

    def _error_text(self) -> str | None:
        if self.error is not None:
            return str(self.error)
        return None if self.finished.is_set() else "it was still connecting when it had to end"

    def _stream_to_the_end(self) -> None:
        while (error := self._hold_session()) is not None:
            if not isinstance(error, SessionError):
                raise error
            if not self._may_try_again(error):
                return

    def _hold_session(self) -> Exception | None:
        """Opens a session, streams, and ends it; returns what broke it, even at its very end."""
        opened_at_s = time.monotonic()
        self._lasted_s = 0.0
        try:
            connection = self._provider.connect(self.channel.sample_rate_hz)
        except FermataError as error:
            return error
        self._clock = AudioClock(self.channel.sample_rate_hz)
        link = self._link = self._linked(connection)
        try:
            self._start_anew(connection)
            broke = self._use(link)
        finally:
            self._end(link)
            self._lasted_s = time.monotonic() - opened_at_s
            self._account(connection, link)
        return broke or link.failure

    def _linked(self, connection: Connection) -> Link:
        watch = SilenceWatch(self.channel.sample_rate_hz, self._patience.silent_s)
        return Link(connection, self._clock, watch, self._hearing.hear, self._timing.poll_s)

    def _end(self, link: Link) -> None:
        """Ends a session; one that stands still has hardly more to say."""
        if isinstance(link.failure, StalledError):
            link.end(self._timing.verdict_s, self._timing.verdict_s)
        else:
            link.end(self._timing.drain_s, self._timing.wordless_s)

    def _use(self, link: Link) -> Exception | None:
        if self._aborted:
            link.abort()
        link.start()
        self.begun.set()
        return self._send_all(link)

    def _start_anew(self, connection: Connection) -> None:
        """Begins another session after the last final turn."""
        resent = self._outgoing.resend()
        self._hearing.break_off(resent)
        if resent.from_sample is not None and resent.lost_from_sample is not None:
            lost = resent.lost_from_sample, resent.from_sample
            self._hearing.mark(*lost, HoleReason.UNCONFIRMED)
            self._outgoing.settle(resent.from_sample)
        self._hearing.begin(
            connection.session_id, self._clock, expects_answers=connection.expects_answers
        )

    def _send_all(self, link: Link) -> Exception | None:
        """Sends until all is sent, or something gets in the way, which is returned."""
        rate_hz, shortest_ms = self.channel.sample_rate_hz, self._provider.shortest_frame_ms
        while not link.disturbed.is_set():
            sent_until = self._outgoing.sent_until
            if self._out_of_time() or self._outgoing.exhausted:
                return None
            if (frame := self._outgoing.next(self._timing.poll_s)) is None:
                continue
            self._hearing.mark(sent_until, frame.start_sample, HoleReason.DROPPED)
            if link.disturbed.wait(self._pacer.wait_s(frame.sample_count / rate_hz)):
                break
            try:
                link.send(frame, padding_for(frame, shortest_ms, rate_hz))
            except SessionError as error:
                return link.verdict(error, self._timing.verdict_s)
        return link.why_over()

    def _out_of_time(self) -> bool:
        if not self._halt.is_set():
            return False
        now_s = time.monotonic()
        if self._flush_until_s is None:
            self._flush_until_s = now_s + self._timing.flush_s
        return now_s > self._flush_until_s

    def _account(self, connection: Connection, link: Link) -> None:
        """Notes what the session will cost, and whether it ended in good order."""
        sent_s = self._clock.sent_s
        self._sessions.append(billed(connection.session_id, link, sent_s, self._lasted_s))
        self._patience.note(link)

    def _may_try_again(self, error: SessionError) -> bool:
        """Waits out the back-off, and until there is something to send."""
        if not self._outgoing.unsettled and self._sessions:
            self._hearing.notice(Notice("dropped", f"after the last final turn: {error}"))
            return False
        if self._waited_to_try_again(error):
            return True
        self._give_up(error)
        return False

    def _waited_to_try_again(self, error: SessionError) -> bool:
        # However long the patience has become: a service that says nothing is not well.
        is_mute = isinstance(error, SilentError) and not (self._link and self._link.has_heard_words)
        lasted_s = 0.0 if is_mute else self._lasted_s
        delay_s = self._backoff.delay_s(error, lasted_s, self._outgoing.settled_sample)
        if delay_s is None or self._halt.is_set():
            return False
        _log.debug("channel %s tries a new session: %s", self.channel.name, error)
        self._publish(Interrupted(str(error), delay_s))
        return not self._halt.wait(delay_s) and self._wait_for_audio()

    def _give_up(self, error: SessionError) -> None:
        if isinstance(error, NoTerminationError):
            self._unconfirmed = True
            text = f"{error}: the last words may be missing"
            self._hearing.notice(Notice("no_termination", text))
        else:
            self.error = error

    def _wait_for_audio(self) -> bool:
        """Waits for a new frame: a source that gives none must not cost another session."""
        while not self._halt.is_set() and not self._buffer.exhausted and self._sessions:
            if self._outgoing.fetch(self._timing.poll_s):
                return True
        return not self._halt.is_set()

    def _settle_up(self) -> None:
        """Leaves no turn open, and marks all that the service has not answered for."""
        self._buffer.close()
        if self.error is not None:
            self._publish(Failed(str(self.error)))
        well = self.error is None and self._link is not None and not self._link.failure
        confirmed = well and not self._lacks_a_turn()
        if confirmed and not self._hearing.book.turns and self._outgoing.holds_speech():
            text = "somebody spoke, and no words came of it: check the language and the model"
            self._hearing.notice(Notice("no_words", text))
        self._hearing.break_off(Resent(None, None))
        left = self._outgoing.unanswered(confirmed=confirmed)
        self._hearing.mark(left.from_sample, left.sent_until, HoleReason.UNCONFIRMED)
        self._hearing.mark(left.sent_until, left.end_sample, HoleReason.UNSENT)
        self._ended_at_sample = left.end_sample

    def _lacks_a_turn(self) -> bool:
        """Whether a turn may be missing at the end, for one message could not be read.

        What is kept no longer can't be listened to again, so there may have been speech in it.
        """
        if not self._hearing.in_doubt:
            return False
        still_open, outgoing = bool(self._hearing.book.still_open), self._outgoing
        return still_open or outgoing.forgot_unanswered or outgoing.holds_speech()
