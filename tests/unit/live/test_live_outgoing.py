"""What is kept of the audio on its way, and what is sent again."""

from hypothesis import given
from hypothesis import strategies as st

from fermata.live.buffer import FrameBuffer
from fermata.live.outgoing import Outgoing, Resent, Unanswered
from tests.unit.live.rig import RATE_HZ, frames, samples

AUDIO = samples(4000)
FRAMES = frames(AUDIO)


def outgoing(keep_s: float = 20.0) -> Outgoing:
    buffer = FrameBuffer(60, RATE_HZ)
    for frame in FRAMES:
        buffer.push(frame)
    buffer.close()
    return Outgoing(buffer, RATE_HZ, keep_s)


def take(queue: Outgoing, count: int) -> list[int]:
    taken = [queue.next(0) for _ in range(count)]
    return [frame.start_sample for frame in taken if frame is not None]


def test_frames_come_out_in_order_and_then_nothing_does():
    queue = outgoing()
    assert take(queue, 11) == [frame.start_sample for frame in FRAMES]
    assert queue.exhausted


def test_all_that_is_not_final_is_sent_again():
    queue = outgoing()
    take(queue, 5)
    queue.settle(900)
    assert queue.resend() == Resent(800, 800)
    assert take(queue, 3) == [800, 1200, 1600]


def test_what_is_too_old_to_be_kept_is_told():
    queue = outgoing(keep_s=0.1)
    take(queue, 6)
    assert queue.resend() == Resent(1600, 0)
    assert take(queue, 1) == [1600]


def test_a_second_drop_sends_the_same_again():
    queue = outgoing()
    take(queue, 5)
    queue.resend()
    take(queue, 2)
    assert queue.resend() == Resent(0, 0)
    assert take(queue, 1) == [0]


def test_a_drop_before_anything_was_sent_changes_nothing():
    queue = outgoing()
    assert queue.resend() == Resent(None, None)
    assert take(queue, 1) == [0]


def test_nothing_is_left_once_all_is_final():
    queue = outgoing()
    take(queue, 10)
    queue.settle(4000)
    assert not queue.unsettled


def test_what_was_never_sent_is_given_back_at_the_end():
    queue = outgoing()
    take(queue, 7)
    assert queue.unanswered(confirmed=True) == Unanswered(2800, 2800, 4000)


def test_without_a_confirmed_end_all_after_the_last_final_turn_is_left():
    queue = outgoing()
    take(queue, 7)
    queue.settle(900)
    assert queue.unanswered(confirmed=False) == Unanswered(900, 2800, 4000)


def test_what_was_to_be_sent_again_is_left_from_there_on():
    queue = outgoing()
    take(queue, 7)
    queue.resend()
    take(queue, 2)
    assert queue.unanswered(confirmed=True) == Unanswered(800, 800, 4000)


@given(st.integers(1, 10), st.integers(0, 5000), st.floats(0.01, 1.0))
def test_what_is_sent_again_starts_at_or_before_what_is_not_final(count, settled, keep_s):
    queue = outgoing(keep_s)
    take(queue, count)
    queue.settle(settled)
    resent = queue.resend()
    if resent.from_sample is None:
        assert settled >= count * 400
    else:
        assert resent.lost_from_sample <= resent.from_sample
        assert resent.from_sample <= max(settled, count * 400 - keep_s * RATE_HZ)
        assert take(queue, 1) == [resent.from_sample]
