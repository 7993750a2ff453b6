"""How much audio a run would send to a service, and whether that is more than was meant."""

import math
from dataclasses import dataclass
from typing import Any

from fermata.errors import UsageError
from fermata.runs.again import length_s
from fermata.runs.worklist import Worklist

_SECONDS_PER_HOUR = 3600.0
_HUNDREDTHS = 100


class TooMuchAudioError(UsageError):
    """A run would send more audio than it may; nothing was sent.

    Attributes:
        hours: what to accept so that it is sent.
    """

    def __init__(self, volume: "Volume", most_hours: float) -> None:
        """Says what would be sent, and what to do.

        Args:
            volume: what would be sent.
            most_hours: what may be.
        """
        self._volume = volume
        self._most_hours = most_hours
        self.hours = volume.hours_to_accept
        super().__init__(
            f"{volume.summary} would be sent, and a run may send {most_hours:g} h "
            "(FERMATA_MAX_AUDIO_HOURS_PER_RUN); nothing was sent; to send them, pass "
            f"accept_audio_hours={self.hours:.2f} (--accept-audio-hours {self.hours:.2f})"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """How it is copied: Prefect hands on what a flow raised."""
        return type(self), (self._volume, self._most_hours)


@dataclass(frozen=True, slots=True)
class Volume:
    """The new recordings of a worklist.

    Attributes:
        recordings: how many there are.
        hours: how long those are together whose length is known.
        unmeasured: how many have a length that nobody knows before the service has them.
    """

    recordings: int
    hours: float
    unmeasured: int

    @property
    def hours_to_accept(self) -> float:
        """Their hours, rounded up to a hundredth."""
        return _rounded_up(self.hours)

    def is_covered_by(self, accepted_hours: float | None) -> bool:
        """Whether somebody agreed to at least this much."""
        return accepted_hours is not None and self.hours_to_accept <= _rounded_up(accepted_hours)

    @property
    def summary(self) -> str:
        """How many they are and how long."""
        noun = "recording" if self.recordings == 1 else "recordings"
        told = f"{self.recordings:,} new {noun} ({self.hours_to_accept:,.2f} h"
        if self.unmeasured:
            told += f", and {self.unmeasured:,} of a length that nobody knows"
        return f"{told})"


def check_volume(
    worklist: Worklist, most_hours: float | None, accepted_hours: float | None
) -> None:
    """Makes sure that a run sends no more than it may, before it sends anything.

    A recording whose length nobody knows, as one at an address may be, could be of any: it is sent
    only if somebody accepted an amount.

    Args:
        worklist: its new recordings would be sent.
        most_hours: the most that a run may send; None for no bound.
        accepted_hours: what somebody accepted for this run; None where nobody did.

    Raises:
        TooMuchAudioError: it is more than that.
    """
    if most_hours is None or not worklist.new:
        return
    volume = _volume(worklist)
    is_within = volume.hours <= most_hours and not volume.unmeasured
    if not is_within and not volume.is_covered_by(accepted_hours):
        raise TooMuchAudioError(volume, most_hours)


def _rounded_up(hours: float) -> float:
    return math.ceil(round(hours * _HUNDREDTHS, 6)) / _HUNDREDTHS


def _volume(worklist: Worklist) -> Volume:
    return Volume(
        recordings=len(worklist.new),
        hours=length_s(worklist.new) / _SECONDS_PER_HOUR,
        unmeasured=sum(item.recording.duration_s is None for item in worklist.new),
    )
