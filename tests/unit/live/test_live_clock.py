"""Times of a session on the source's clock, across holes and reconnections."""

from hypothesis import given
from hypothesis import strategies as st

from fermata.live.clock import AudioClock
from fermata.live.frames import Frame

RATE_HZ = 8000


def frame(start: int, count: int = 400) -> Frame:
    return Frame(start, bytes(2 * count))


def clock_of(*starts: int) -> AudioClock:
    clock = AudioClock(RATE_HZ)
    for start in starts:
        clock.count(frame(start))
    return clock


def test_without_holes_both_clocks_are_the_same():
    clock = clock_of(0, 400, 800)
    assert [clock.start_ms(ms) for ms in (0, 37.5, 149)] == [0, 37.5, 149]


def test_a_session_that_starts_late_is_shifted():
    assert clock_of(8000, 8400).start_ms(10) == 1010


def test_at_a_hole_an_end_stays_before_it_and_a_start_comes_after_it():
    clock = clock_of(0, 800)
    assert clock.end_ms(50) == 50
    assert clock.start_ms(50) == 100
    assert clock.start_ms(60) == 110


def test_what_the_service_says_beyond_the_audio_ends_with_the_audio():
    assert clock_of(0).end_ms(9000) == 50


def test_silence_that_fills_up_a_frame_is_no_part_of_the_source():
    clock = AudioClock(RATE_HZ)
    clock.count(frame(0, 100), padding_samples=300)
    clock.count(frame(100))
    assert clock.end_ms(40) == 12.5
    assert clock.start_ms(50) == 12.5
    assert clock.start_ms(60) == 22.5


def test_before_anything_is_sent_times_stand_as_they_are():
    assert AudioClock(RATE_HZ).start_ms(12) == 12


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 900)), min_size=1, max_size=20),
    st.lists(st.floats(0, 2000), min_size=2, max_size=8),
)
def test_later_in_the_session_is_never_earlier_in_the_source(pieces, times):
    clock = AudioClock(RATE_HZ)
    at = 0
    for gap, count in pieces:
        clock.count(frame(at + gap * 100, count))
        at += gap * 100 + count
    starts = [clock.start_ms(ms) for ms in sorted(times)]
    assert starts == sorted(starts)
    assert all(clock.end_ms(ms) <= clock.start_ms(ms) for ms in times)
    assert max(starts) <= at * 1000 / RATE_HZ
