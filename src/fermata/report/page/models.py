"""What a page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fermata.calibration import GroupCalibration
from fermata.explain import Clip, DecidingPause, Spoken
from fermata.replay.pauses import Integers
from fermata.thresholds import Comparison, Landscape


@dataclass(frozen=True, slots=True)
class ShownPause:
    """A pause that decides, as a person reads and hears it.

    Attributes:
        pause: which.
        recording: the recording's name.
        spoken: what was said around it.
        clip: how it sounds; None where the audio is not at hand.
    """

    pause: DecidingPause
    recording: str
    spoken: Spoken
    clip: Clip | None


@dataclass(frozen=True, slots=True, eq=False)
class Lengths:
    """How long silences are, in ms.

    Attributes:
        open_hold_ms: pauses in mid-sentence.
        complete_hold_ms: pauses after a complete sentence.
        gap_ms: gaps before another speaker, which the guide's rule averages.
    """

    open_hold_ms: Integers
    complete_hold_ms: Integers
    gap_ms: Integers


@dataclass(frozen=True, slots=True)
class Page:
    """Everything on a page.

    Attributes:
        run_id: which run.
        chosen_at: when its settings were chosen.
        speech_model: the streaming model they are for.
        summary: what became of the recordings, in a line.
        overall: all recordings together.
        groups: each group.
        notes: what a reader must know, one line each.
        lengths: of the silences of all calls; None where none was found.
        landscape: the plane of policies; None where nothing could be replayed.
        comparison: the ways to choose, side by side; None likewise.
        pauses: those that decide between the present and the best setting.
    """

    run_id: str
    chosen_at: datetime
    speech_model: str
    summary: str
    overall: GroupCalibration
    groups: Sequence[GroupCalibration]
    notes: Sequence[str]
    lengths: Lengths | None
    landscape: Landscape | None
    comparison: Comparison | None
    pauses: Sequence[ShownPause]
