"""Whether two speakers' times run on one clock, and what the gate makes of it.

People take turns: whoever waits for the other to stop talks over him rarely. If one channel's
clock is off, his turns fall on top of the other's, and moving his times makes most of that double
talk vanish. Where all times are on one clock, no move helps much: what overlaps there are lie
all over the conversation. Mutual silence shrinks with double talk by the same amount, because how
long each of the two talks does not depend on the clock.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fermata.quality.models import CallFacts, Gate, GateFinding, GateVerdict
from fermata.quality.wording import named, percent, seconds
from fermata.turntaking import Ipu

FRAME_MS = 50
"""The grain of the search; far below `MIN_OFFSET_MS`, and cheap."""

WINDOW_MS = 300_000
"""A clock may drift, so each five minutes are judged by themselves. Shorter ones judge badly: of
one-minute windows of voxconverse, all on one clock, 7 % seem off, of five-minute ones 2 %."""

REACH_MS = 5_000
"""The largest offset looked for; beyond it, another turn would be met by chance."""

MIN_TALK_MS = 5_000
"""A window in which one of the two talks less than this is not judged."""

MIN_OFFSET_MS = 1_000
"""Smaller offsets are not told from habits of answering: on one clock, the best moves of ifadv
still reach 500 ms. With this and the two shares below, none of ifadv's 36 windows, rhapsodie's 9
and naija-nsc's 6 seems off, and 1 of voxconverse's 50."""

MIN_CURED_SHARE = 0.05
"""So much of the less talkative one's speech must stop being double talk when moved: on one
clock the best move cures 2.6 % (ifadv) to 5.6 % (voxconverse), in spjallromur up to 31 %."""

MAX_LEFT_OVER = 0.5
"""At most this part of the double talk may be left after the move."""

LONGEST_SPAN_MS = 86_400_000
"""A call whose times span more than a day has times that are wrong; it is not judged."""

WARN_FROM = 0.1
"""Share of judged talk that is off: voxconverse, where chance alone speaks, has 0.6 %; ifadv,
rhapsodie and naija-nsc have none."""

REFUSE_FROM = 0.5
"""From here on most turns are not where they seem. spjallromur, whose channels drift apart in
18 of 28 conversations, has 32 %; harpervalley-sample read on each channel's own clock has all.
With spjallromur's drift taken out of those 18, the Balanced preset cuts in on 29.1 instead of
27.5 % of the turns, but the mean gap is 1,227 instead of 1,576 ms: bad for gaps, bearable for
pauses. Hence a warning there."""

_PLATEAU_SHARE = 0.02

Activity = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ClockCheck:
    """How two speakers' times fit together; all but the counts in ms.

    Attributes:
        windows: stretches of about `WINDOW_MS` that could be judged.
        windows_off: those in which one speaker's times are off against the other's.
        talk_ms: speech of the less talkative one in the judged windows.
        talk_off_ms: the same in the windows that are off.
        double_talk_ms: how long both talk at once in the judged windows.
        double_talk_moved_ms: the same, if the windows that are off were moved into place.
        offset_ms: the largest offset found: how much later the second speaker's times, in
            order of the labels, would have to be; None where no window is off.
    """

    windows: int
    windows_off: int
    talk_ms: int
    talk_off_ms: int
    double_talk_ms: int
    double_talk_moved_ms: int
    offset_ms: int | None


@dataclass(frozen=True, slots=True)
class _Window:
    talk_ms: int
    double_talk_ms: int
    double_talk_moved_ms: int
    offset_ms: int

    @property
    def is_off(self) -> bool:
        cured_ms = self.double_talk_ms - self.double_talk_moved_ms
        return (
            abs(self.offset_ms) >= MIN_OFFSET_MS
            and cured_ms >= MIN_CURED_SHARE * self.talk_ms
            and self.double_talk_moved_ms <= MAX_LEFT_OVER * self.double_talk_ms
        )


def check_clocks(ipus: Mapping[str, Sequence[Ipu]]) -> ClockCheck:
    """Looks for the offset between two speakers at which they talk at once the least.

    Args:
        ipus: the units of a conversation's speakers. With fewer or more than two speakers no
            window is judged: silence for one may be somebody else's turn.
    """
    windows = list(_windows(*ipus.values())) if len(ipus) == 2 else []  # noqa: PLR2004
    off = [window for window in windows if window.is_off]
    moved_ms = sum(w.double_talk_moved_ms if w.is_off else w.double_talk_ms for w in windows)
    return ClockCheck(
        windows=len(windows),
        windows_off=len(off),
        talk_ms=sum(window.talk_ms for window in windows),
        talk_off_ms=sum(window.talk_ms for window in off),
        double_talk_ms=sum(window.double_talk_ms for window in windows),
        double_talk_moved_ms=moved_ms,
        offset_ms=max((window.offset_ms for window in off), key=abs, default=None),
    )


def _windows(one: Sequence[Ipu], other: Sequence[Ipu]) -> Iterator[_Window]:
    start_ms = min(one[0].start_ms, other[0].start_ms)
    span_ms = max(ipu.end_ms for ipu in (*one, *other)) - start_ms
    if span_ms > LONGEST_SPAN_MS:
        return
    count = max(1, round(span_ms / WINDOW_MS))
    frames = span_ms // FRAME_MS + 2
    pieces = [np.array_split(_activity(ipus, start_ms, frames), count) for ipus in (one, other)]
    for first, second in zip(*pieces, strict=True):
        talk_ms = int(min(first.sum(), second.sum())) * FRAME_MS
        if talk_ms >= MIN_TALK_MS:
            yield _judged(first, second, talk_ms)


def _activity(ipus: Iterable[Ipu], start_ms: int, frames: int) -> Activity:
    """1 in frames in which a speaker talks, else 0."""
    borders = (np.array([(ipu.start_ms, ipu.end_ms) for ipu in ipus]) - start_ms) // FRAME_MS
    steps = np.bincount(borders[:, 0], minlength=frames + 1).astype(np.float64)
    steps -= np.bincount(np.maximum(borders[:, 1], borders[:, 0] + 1), minlength=frames + 1)
    return np.minimum(np.cumsum(steps)[:frames], 1.0)


def _judged(one: Activity, other: Activity, talk_ms: int) -> _Window:
    double_ms = _double_talk_by_lag(one, other)
    best = int(np.argmin(double_ms))
    # Moves that are as good as the best one form a plateau; the truth is likeliest amid it.
    is_worse = double_ms > double_ms[best] + _PLATEAU_SHARE * talk_ms
    first = best - int(np.argmax(is_worse[best::-1])) + 1 if is_worse[: best + 1].any() else 0
    last = best + int(np.argmax(is_worse[best:])) - 1 if is_worse[best:].any() else -1
    lags = np.arange(-_reach(), _reach() + 1) * FRAME_MS
    return _Window(
        talk_ms=talk_ms,
        double_talk_ms=int(double_ms[_reach()]),
        double_talk_moved_ms=int(double_ms[best]),
        offset_ms=int(lags[first] + lags[last]) // 2,
    )


def _double_talk_by_lag(one: Activity, other: Activity) -> NDArray[np.float64]:
    """How long both talk at once, in ms, if the other's times were moved by each lag."""
    size = 1 << (2 * len(one) + _reach() - 1).bit_length()
    spectrum = np.fft.rfft(one, size) * np.conj(np.fft.rfft(other, size))
    frames = np.fft.irfft(spectrum, size)[np.arange(-_reach(), _reach() + 1)]
    return np.asarray(np.round(frames) * FRAME_MS, dtype=np.float64)


def _reach() -> int:
    return REACH_MS // FRAME_MS


def clocks_gate(facts: Sequence[CallFacts]) -> GateFinding:
    """Whether the channels' clocks agree in enough of the talk."""
    judged = [each for each in facts if each.clock_windows]
    talk_ms = sum(each.clock_talk_ms for each in judged)
    if not talk_ms:
        saw = "no call of several channels in which just two speakers both talk for 5 s or more"
        return GateFinding(Gate.CLOCKS, GateVerdict.NOT_MEASURED, saw, "nothing")
    off = [each for each in judged if each.clock_windows_off]
    share = sum(each.clock_talk_off_ms for each in off) / talk_ms
    if share < WARN_FROM:
        saw = f"{percent(share)} of the talk in {len(judged)} calls seems to be on another clock"
        return GateFinding(Gate.CLOCKS, GateVerdict.PASS, saw, "nothing")
    verdict = GateVerdict.REFUSE if share >= REFUSE_FROM else GateVerdict.WARN
    return GateFinding(Gate.CLOCKS, verdict, _saw(share, off, judged), _DO)


_DO = (
    "put both channels on one clock (an offset that both legs share, or a resampled leg), "
    "or leave these recordings out; gaps and turns in them are wrong by the offset"
)


def _saw(share: float, off: Sequence[CallFacts], judged: Sequence[CallFacts]) -> str:
    worst = sorted(off, key=lambda each: (-abs(each.clock_offset_ms or 0), each.recording_id))
    before_ms = sum(each.clock_double_talk_ms for each in off)
    after_ms = sum(each.clock_double_talk_moved_ms for each in off)
    return (
        f"in {len(off)} of {len(judged)} calls with two speakers ({percent(share)} of the talk) "
        f"one clock runs off the other by up to {seconds(abs(worst[0].clock_offset_ms or 0))}; "
        f"moved into place, double talk falls from {seconds(before_ms)} to {seconds(after_ms)}; "
        f"worst: {named(worst)}"
    )
