"""What a replay assumes about a streaming model: measured where it was, else from a source.

Nobody publishes how often a streaming model and the batch model of the same vendor disagree
on the mark at a silence. The defaults are what three commercial recognisers of 2020 and 2021
did to each other on two earnings calls of Earnings-21 (Del Rio et al. 2021): of the silences
of 400 ms and more that both heard, the other one had no terminal mark at 29 % of the complete
ones and one at 22 % of the open ones, pooled over both calls and all pairs and directions (one
by one 16 to 37 % and 9 to 49 %). Rounded to 5 points. Two models of one vendor should agree
better, so a measurement usually allows shorter silences.

Detection delays: AssemblyAI gives an inference time of about 121 ms (median) after the silence
for Universal-3 Pro; for Universal-3.5 Pro a third party measured 420 ms from the last word to
the final turn, of which 128 ms are that model's minimum. None is published for the others.
"""

from fnmatch import fnmatchcase

from fermata.punctuation.models import MeasuredShare, Measurement, Punctuation
from fermata.replay import FIRST_AUDIO_MS, Assumptions

COMPLETE_READ_AS_OPEN = 0.3
"""`q` where nothing was measured."""

OPEN_READ_AS_COMPLETE = 0.2
"""`m` where nothing was measured."""

LEAST_SILENCES = 30
"""A share measured on fewer silences is not used: one more or less would move it by points."""

_DELAYS = (
    ("u3-*", 120, "published"),
    ("universal-3*", 290, "inferred from a third party's figure"),
)
_UNKNOWN_DELAY = (0, "no figure known")


def detection_delay(speech_model: str) -> tuple[int, str]:
    """From the silence that ends a turn to the message, in ms; 0 where no figure is known.

    Returns:
        The delay, and where it comes from.
    """
    known = ((ms, source) for pattern, ms, source in _DELAYS if fnmatchcase(speech_model, pattern))
    return next(known, _UNKNOWN_DELAY)


def assumptions_for(
    speech_model: str, measured: Punctuation, *, first_audio_ms: int = FIRST_AUDIO_MS
) -> tuple[Assumptions, str]:
    """What to assume about a streaming model, and where it comes from, in one line.

    Args:
        speech_model: the streaming model, as the vendor runs it.
        measured: what `read_punctuation` gives.
        first_audio_ms: the agent's time from the end-of-turn message to its first sound.
    """
    found = measured.models.get(speech_model)
    missed, missed_from = _share(
        None if found is None else found.complete_read_as_open, COMPLETE_READ_AS_OPEN
    )
    false, false_from = _share(
        None if found is None else found.open_read_as_complete, OPEN_READ_AS_COMPLETE
    )
    delay_ms, delay_from = detection_delay(speech_model)
    assumed = Assumptions(delay_ms, first_audio_ms, missed, false)
    # One source is told once.
    first_from = "" if missed_from == false_from else f" ({missed_from})"
    return assumed, (
        f"complete silences read as open {missed:.1%}{first_from}, "
        f"open ones as complete {false:.1%} ({false_from}){_when(found)}, "
        f"detection {delay_ms} ms ({delay_from})"
    )


def _share(measured: MeasuredShare | None, default: float) -> tuple[float, str]:
    if measured is None or measured.share is None:
        return default, "two recognisers' disagreement, until `fermata measure-punctuation` was run"
    if measured.silences < LEAST_SILENCES:
        few = f"only {measured.silences} silences measured: two recognisers' disagreement"
        return default, few
    return measured.share, f"measured on {measured.silences:,} silences"


def _when(found: Measurement | None) -> str:
    return f" on {found.measured_at:%Y-%m-%d}" if found else ""
