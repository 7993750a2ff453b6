"""The buffer between capture and sender: bounded, never blocking, and honest about losses."""

from collections import deque
from threading import Thread

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fermata.live.buffer import FrameBuffer
from fermata.live.frames import Frame

RATE_HZ = 1000


def frame(start_sample: int, samples: int = 50) -> Frame:
    return Frame(start_sample, bytes(2 * samples))


def test_frames_come_out_in_the_order_they_went_in() -> None:
    buffer = FrameBuffer(1.0, RATE_HZ)
    frames = [frame(0), frame(50), frame(100)]
    for each in frames:
        buffer.push(each)
    assert [buffer.pop(0) for _ in frames] == frames


def test_a_full_buffer_drops_the_oldest_frames_and_counts_them() -> None:
    buffer = FrameBuffer(0.1, RATE_HZ)
    for start in range(0, 250, 50):
        buffer.push(frame(start))
    assert (buffer.dropped_frames, buffer.dropped_ms, buffer.held_ms) == (3, 150.0, 100.0)
    assert buffer.pop(0) == frame(150)


def test_nothing_within_the_timeout_is_none_and_not_the_end() -> None:
    buffer = FrameBuffer(1.0, RATE_HZ)
    assert buffer.pop(0.001) is None
    assert not buffer.exhausted


def test_a_closed_buffer_gives_what_it_holds_and_is_then_exhausted() -> None:
    buffer = FrameBuffer(1.0, RATE_HZ)
    buffer.push(frame(0))
    buffer.close()
    assert not buffer.exhausted
    assert buffer.pop(60) == frame(0)
    assert buffer.exhausted
    assert buffer.pop(60) is None


def test_a_frame_pushed_after_closing_counts_as_dropped() -> None:
    buffer = FrameBuffer(1.0, RATE_HZ)
    buffer.close()
    buffer.push(frame(0))
    assert (buffer.dropped_frames, buffer.exhausted) == (1, True)


def test_closing_wakes_a_reader_that_waits() -> None:
    buffer = FrameBuffer(1.0, RATE_HZ)
    got: list[Frame | None] = []
    reader = Thread(target=lambda: got.append(buffer.pop(60)))
    reader.start()
    buffer.close()
    reader.join(10)
    assert got == [None]


def test_every_frame_is_either_read_or_counted_when_threads_race() -> None:
    buffer = FrameBuffer(0.2, RATE_HZ)
    read: list[Frame] = []

    def drain() -> None:
        while not buffer.exhausted:
            if (each := buffer.pop(1)) is not None:
                read.append(each)

    reader = Thread(target=drain)
    reader.start()
    for number in range(5000):
        buffer.push(frame(number * 50))
    buffer.close()
    reader.join(10)
    assert len(read) + buffer.dropped_frames == 5000
    assert read == sorted(read, key=lambda each: each.start_sample)


class BufferMachine(RuleBasedStateMachine):
    """Against a plain model: a list that loses its head when it grows too long."""

    CAPACITY = 300

    def __init__(self) -> None:
        super().__init__()
        self.buffer = FrameBuffer(self.CAPACITY / RATE_HZ, RATE_HZ)
        self.model: deque[Frame] = deque()
        self.dropped: list[Frame] = []
        self.position = 0
        self.closed = False

    @rule(samples=st.integers(1, 200))
    def push(self, samples: int) -> None:
        pushed = frame(self.position, samples)
        self.position += samples
        self.buffer.push(pushed)
        if self.closed:
            self.dropped.append(pushed)
            return
        self.model.append(pushed)
        while sum(each.sample_count for each in self.model) > self.CAPACITY:
            self.dropped.append(self.model.popleft())

    @rule()
    def pop(self) -> None:
        expected = self.model.popleft() if self.model else None
        assert self.buffer.pop(0) == expected

    @rule()
    def close(self) -> None:
        self.closed = True
        self.buffer.close()

    @invariant()
    def agrees_with_the_model(self) -> None:
        assert self.buffer.held_ms == sum(each.sample_count for each in self.model)
        assert self.buffer.dropped_frames == len(self.dropped)
        assert self.buffer.dropped_ms == sum(each.sample_count for each in self.dropped)
        assert self.buffer.exhausted == (self.closed and not self.model)


TestBufferAgainstAModel = BufferMachine.TestCase
TestBufferAgainstAModel.settings = settings(max_examples=60, stateful_step_count=40)
