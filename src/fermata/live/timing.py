"""How long a live session waits for what, in one place, so that tests can shrink it."""

from dataclasses import dataclass

from fermata.live.wire import WireTimes

_WIRE = WireTimes()
_STEPS_OF_A_CONNECTION = 3
_BEGIN_S = 8.0


@dataclass(frozen=True, slots=True)
class Timing:
    """Bounds and rates of a live session; seconds where nothing else is said.

    The end of a session that is interrupted takes at most `end_s`, because Prefect kills a
    cancelled run after 30 s: flushing, ending and closing fit into it.

    Attributes:
        poll_s: How long a thread waits for audio or events before it looks around.
        silent_s: How long nothing may come from the service while speech is sent to it. A
            heartbeat comes every 5 s from AssemblyAI, an acknowledgement of each message from
            Gladia; after a session that was given up for this, the next one is given twice as
            long, so that a service which is only slow is not given up for ever.
        longest_turn_s: The longest that audio may wait for its final turn at a service that is
            well: both services end a turn after 60 s.
        stall_s: How long the wire takes to notice that a connection stands still.
        connect_s: How long opening a session takes at most.
        keep_s: How much sent audio is kept, to be sent again after a drop; None for as much as
            is sent before the worst stall is noticed (`kept_s`).
        buffer_s: How much captured audio may wait to be sent; None for as much as comes in the
            longest time without a session, while what was kept is sent again (`buffered_s`).
        catch_up_speed: How many times real time audio is sent at most. The service throttles
            at about 1.25 and at some point closes with 3007.
        burst_s: How much audio may be sent at once when a thread woke late.
        verdict_s: How long to wait, after sending failed, for the service to say why.
        flush_s: How long what waits to be sent is still sent when the session is told to end.
            The end of a file is no such thing: all that waits is sent then.
        drain_s: How long to wait, at the end of a session, while nothing comes from the service.
        wordless_s: The same, while it gives signs of life but says nothing more.
        end_s: How long the end of everything may take when it is interrupted.
        first_retry_s: The back-off before the first reconnection; doubles with each.
        longest_retry_s: The longest back-off.
        crowded_retry_s: The back-off when there are too many sessions, a limit per minute.
        retries: How many reconnections in a row are tried.
        healthy_s: A session that lasted as long makes the next drop count as the first.
        answer_s: How long a language model may take before its silence is pointed out.
    """

    poll_s: float = 0.25
    silent_s: float = 15.0
    longest_turn_s: float = 60.0
    stall_s: float = _WIRE.ping_s + _WIRE.pong_s
    connect_s: float = _STEPS_OF_A_CONNECTION * _WIRE.connect_s + _BEGIN_S
    keep_s: float | None = None
    buffer_s: float | None = None
    catch_up_speed: float = 1.25
    burst_s: float = 0.25
    verdict_s: float = 1.0
    flush_s: float = 2.0
    drain_s: float = 20.0
    wordless_s: float = 60.0
    end_s: float = 22.0
    first_retry_s: float = 0.5
    longest_retry_s: float = 8.0
    crowded_retry_s: float = 15.0
    retries: int = 6
    healthy_s: float = 60.0
    answer_s: float = 20.0

    @property
    def longest_silence_s(self) -> float:
        """How long nothing may come while speech is sent, however often that was too short."""
        return self.longest_turn_s + self.silent_s

    @property
    def kept_s(self) -> float:
        """How much sent audio is kept.

        A turn may have been open for its whole length when the service falls silent; then audio
        goes out, at the speed of catching up, until somebody notices. Less would lose words
        that nobody answered.
        """
        if self.keep_s is not None:
            return self.keep_s
        noticed_s = max(self.longest_silence_s, self.stall_s, self.drain_s)
        return self.longest_turn_s + self.catch_up_speed * (noticed_s + self.burst_s)

    @property
    def buffered_s(self) -> float:
        """How much captured audio may wait to be sent.

        A session is gone while all retries fail but the last one, and then what was kept goes
        first.
        """
        if self.buffer_s is not None:
            return self.buffer_s
        away_s = (self.retries + 1) * self.connect_s + self.back_offs_s
        return away_s + self.kept_s / self.catch_up_speed

    @property
    def back_offs_s(self) -> float:
        """How long all reconnections in a row wait at most."""
        grown = (self.first_retry_s * 2.0**tried for tried in range(self.retries))
        return sum(min(each_s, self.longest_retry_s) for each_s in grown)
