"""Runs a live session: a source, one session per channel, and everyone who watches.

The thread that calls `stream` runs the observers and waits. Whatever ends it, be it the end of
the source, `stop`, Ctrl-C, a cancelled run or an error, it ends every session before it
returns or raises: an open session is billed by the second.
"""

import logging
import queue
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event as Flag
from threading import Thread

from fermata.errors import UsageError
from fermata.live.buffer import FrameBuffer
from fermata.live.capture import Capture, OnLevels
from fermata.live.errors import SessionError
from fermata.live.events import LiveEvent
from fermata.live.observers import Observer
from fermata.live.playback import Playback
from fermata.live.provider import Provider
from fermata.live.recorder import WavRecorder
from fermata.live.report import SessionReport
from fermata.live.session import Channel, ChannelSession
from fermata.live.sources import Source, SourceError
from fermata.live.timing import Timing
from fermata.live.turns import HeardTurn

_log = logging.getLogger(__name__)

_LOOK_S = 0.1
_ABORTED_S = 2.0
_CAPTURE_S = 2.0

_Heard = tuple[int, LiveEvent | HeardTurn]
ProviderForChannel = Callable[[Channel], Provider]


@dataclass(frozen=True, slots=True)
class Listening:
    """What else happens with the captured audio.

    Attributes:
        recorder: Keeps it.
        playback: Lets a person hear it.
        on_levels: Told the level of each channel, on the capture thread.
    """

    recorder: WavRecorder | None = None
    playback: Playback | None = None
    on_levels: OnLevels | None = None


def stream(
    source: Source,
    provider_for_channel: ProviderForChannel,
    *,
    stop: Flag,
    observers: Sequence[Observer] = (),
    listening: Listening | None = None,
    duration_s: float | None = None,
    timing: Timing | None = None,
) -> SessionReport:
    """Streams a source to its end, one session per channel, in real time.

    All sessions begin before the source is read, so nothing waits when the first word comes.
    If one can't begin, none goes on. Later, a channel that fails leaves the others alone.

    Args:
        source: Where the audio comes from; closed at the end.
        provider_for_channel: Gives the service for each channel.
        stop: Set by anyone to end early, in good order; set already, no session is opened.
        observers: Told everything, in this thread; see `Observer`.
        listening: What else happens with the audio.
        duration_s: How much of the source to stream; None for all of it.
        timing: Bounds and rates.

    Returns:
        What it came to. Errors of the service and of the source stand in it.

    Raises:
        UsageError: A channel can't be opened this way, or there is nothing to stream, and
            nothing was sent.
        BaseException: What interrupted this thread, or an error in our own code, after every
            session was ended (within `timing.end_s`).
    """
    if duration_s is not None and duration_s <= 0:
        raise UsageError(f"nothing can be streamed in {duration_s:g} s: give a duration above 0")
    run = _Run(source, provider_for_channel, observers, listening or Listening(), timing)
    try:
        run.go(stop, duration_s)
    finally:
        report = run.end()
    run.raise_own_error()
    return report


class _Run:
    """One call of `stream`."""

    def __init__(
        self,
        source: Source,
        provider_for_channel: ProviderForChannel,
        observers: Sequence[Observer],
        listening: Listening,
        timing: Timing | None,
    ) -> None:
        self._timing = timing or Timing()
        self._source = source
        self._observers = list(observers)
        self._events: queue.SimpleQueue[_Heard] = queue.SimpleQueue()
        self._halt = Flag()
        self._interrupted = True
        self._duration_s: float | None = None
        rate_hz = source.sample_rate_hz
        buffers = [FrameBuffer(self._timing.buffered_s, rate_hz) for _ in source.channel_names]
        self._enough = Flag()
        self._capture = Capture(
            source,
            buffers,
            stop=self._enough,
            recorder=listening.recorder,
            playback=listening.playback,
            on_levels=listening.on_levels,
        )
        self._ending = False
        self._provider_name = ""
        self._sessions: list[ChannelSession] = []
        self._channels = [
            Channel(index, name, rate_hz) for index, name in enumerate(source.channel_names)
        ]
        self._buffers = buffers
        self._provider_for_channel = provider_for_channel

    def go(self, stop: Flag, duration_s: float | None) -> None:
        """Begins all sessions, and then streams until all are finished or it is time to stop.

        Of a file that is to be streamed in part, all of that part is sent, as of a whole one.
        """
        self._duration_s = duration_s
        for channel, buffer in zip(self._channels, self._buffers, strict=True):
            if not stop.is_set():
                self._open(channel, buffer)
        self._watch(stop, lambda: all(each.begun.is_set() for each in self._sessions))
        if not any(each.error for each in self._sessions) and not stop.is_set():
            self._capture.start()
            self._watch(stop, lambda: self._done(duration_s))
            if not self._source.is_live and not stop.is_set():
                self._capture.close(_CAPTURE_S)
                self._watch(stop, lambda: not self._unfinished())
        self._interrupted = stop.is_set()

    def end(self) -> SessionReport:
        """Ends capture and sessions within the bound, and tells the observers."""
        deadline_s = time.monotonic() + self._timing.end_s
        self._ending = True
        try:
            self._halt.set()
            self._capture.close(_CAPTURE_S)
            self._wait_until_finished(deadline_s)
        finally:
            self._abort_unfinished()
            for session in self._sessions:
                session.account_for(self._end_sample())
            self._tell_rest()
            report = self._report()
            self._tell(lambda observer: observer.on_end(report))
        return report

    def raise_own_error(self) -> None:
        """Raises what is no error of the service or the source: wrong use, or a bug of ours."""
        for error in (*(session.error for session in self._sessions), self._capture_error()):
            if error is not None and not isinstance(error, SessionError | SourceError):
                raise error

    def _end_sample(self) -> int:
        """Up to where the source was to be streamed, once it was begun and as far as is known."""
        captured, whole_s = self._capture.captured_samples, self._source.duration_s
        if not captured or self._interrupted or self._source.is_live or whole_s is None:
            return captured
        wanted_s = min(whole_s, self._duration_s or whole_s)
        return max(captured, round(wanted_s * self._source.sample_rate_hz))

    def _open(self, channel: Channel, buffer: FrameBuffer) -> None:
        provider = self._provider_for_channel(channel)
        session = ChannelSession(
            channel,
            provider,
            buffer,
            halt=self._halt,
            publish=lambda item: self._events.put((channel.index, item)),
            spoken_at_s=self._capture.spoken_at_s,
            timing=self._timing,
        )
        self._provider_name = provider.name
        self._sessions.append(session)
        session.start()

    def _done(self, duration_s: float | None) -> bool:
        if duration_s is not None and self._capture.captured_s >= duration_s:
            return True
        return all(session.finished.is_set() for session in self._sessions)

    def _watch(self, stop: Flag, done: Callable[[], bool]) -> None:
        """Passes events on until `done`, or until it is time to stop."""
        while not done() and not stop.is_set():
            self._tell_next(_LOOK_S)

    def _wait_until_finished(self, deadline_s: float) -> None:
        while time.monotonic() < deadline_s and self._unfinished():
            self._tell_next(_LOOK_S)

    def _unfinished(self) -> list[ChannelSession]:
        return [session for session in self._sessions if not session.finished.is_set()]

    def _abort_unfinished(self) -> None:
        """Closes what is still open, all at the same time: each may take a moment."""
        unfinished = self._unfinished()
        for session in unfinished:
            _log.error("channel %s could not be ended in good order", session.channel.name)
            Thread(target=session.abort, daemon=True).start()
        deadline_s = time.monotonic() + _ABORTED_S
        for session in unfinished:
            session.finished.wait(max(0.0, deadline_s - time.monotonic()))

    def _tell_next(self, timeout_s: float) -> bool:
        """Waits for an event and tells the observers; says whether one came."""
        try:
            channel, item = self._events.get(timeout=timeout_s)
        except queue.Empty:
            return False
        if isinstance(item, HeardTurn):
            self._tell(lambda observer: observer.on_turn(item))
        else:
            self._tell(lambda observer: observer.on_event(channel, item))
        return True

    def _tell_rest(self) -> None:
        while self._tell_next(0):
            pass

    def _tell(self, tell: Callable[[Observer], None]) -> None:
        """Tells every observer. While all is ending, one that fails must not end it earlier."""
        for observer in tuple(self._observers):
            try:
                tell(observer)
            except Exception:
                if not self._ending:
                    raise
                _log.exception("%s fails and is told no more", type(observer).__name__)
                self._observers.remove(observer)

    def _capture_error(self) -> Exception | None:
        try:
            self._capture.raise_if_failed()
        except Exception as error:  # noqa: BLE001 - the caller tells which it is
            return error
        return None

    def _report(self) -> SessionReport:
        source_error = self._capture_error()
        recording_error = self._capture.recording_error
        return SessionReport(
            provider=self._provider_name,
            source=self._source.name,
            sample_rate_hz=self._source.sample_rate_hz,
            captured_s=self._capture.captured_s,
            losses=self._capture.losses,
            channels=tuple(session.report() for session in self._sessions),
            source_error=None if source_error is None else str(source_error),
            recording_error=None if recording_error is None else str(recording_error),
            interrupted=self._interrupted,
        )
