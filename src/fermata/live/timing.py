"""How long a live session waits for what, in one place, so that tests can shrink it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Bounds and rates of a live session; seconds where nothing else is said.

    The end of a session that is interrupted takes at most `end_s`, because Prefect kills a
    cancelled run after 30 s: flushing, ending and closing fit into it.

    Attributes:
        poll_s: How long a thread waits for audio or events before it looks around.
        keep_s: How much sent audio is kept, to be sent again after a drop.
        buffer_s: How much captured audio may wait to be sent: a drop, the back-off after it
            and the catching up, which takes four seconds for every second.
        catch_up_speed: How many times real time audio is sent at most. The service throttles
            at about 1.25 and at some point closes with 3007.
        burst_s: How much audio may be sent at once when a thread woke late.
        verdict_s: How long to wait, after sending failed, for the service to say why.
        flush_s: How long what waits to be sent is still sent when the session is told to end.
        drain_s: How long to wait for the service to confirm the end of a session.
        end_s: How long the end of everything may take.
        first_retry_s: The back-off before the first reconnection; doubles with each.
        longest_retry_s: The longest back-off.
        crowded_retry_s: The back-off when there are too many sessions, a limit per minute.
        retries: How many reconnections in a row are tried.
        healthy_s: A session that lasted as long makes the next drop count as the first.
        answer_s: How long a language model may take before its silence is pointed out.
    """

    poll_s: float = 0.25
    keep_s: float = 20.0
    buffer_s: float = 60.0
    catch_up_speed: float = 1.25
    burst_s: float = 0.25
    verdict_s: float = 1.0
    flush_s: float = 2.0
    drain_s: float = 10.0
    end_s: float = 22.0
    first_retry_s: float = 0.5
    longest_retry_s: float = 8.0
    crowded_retry_s: float = 15.0
    retries: int = 6
    healthy_s: float = 60.0
    answer_s: float = 20.0
