"""From streamed pieces of recordings to a measurement."""

from collections.abc import Sequence
from datetime import datetime

from fermata.errors import FermataError
from fermata.live.report import SessionReport
from fermata.punctuation.comparison import compare
from fermata.punctuation.estimate import left_out_of, measured_share
from fermata.punctuation.heard import heard_channels
from fermata.punctuation.models import MeasuredShare, Measurement, MeasuringParameters
from fermata.punctuation.sample import Piece

_S_PER_MINUTE = 60


class NothingMeasuredError(FermataError):
    """Not one silence could be compared."""


def measure(
    streamed: Sequence[tuple[Piece, SessionReport]],
    parameters: MeasuringParameters,
    *,
    speech_model: str,
    provider: str,
    measured_at: datetime,
) -> Measurement:
    """Compares all that was streamed with the batch transcripts.

    Raises:
        NothingMeasuredError: not one silence could be compared.
    """
    calls = [
        compare(piece.silences, heard_channels(report), parameters) for piece, report in streamed
    ]
    measurement = Measurement(
        speech_model=speech_model,
        provider=provider,
        complete_read_as_open=measured_share([call.complete for call in calls]),
        open_read_as_complete=measured_share([call.open for call in calls]),
        left_out=left_out_of(calls),
        recordings=len(calls),
        batch_models=tuple(sorted({piece.usable.batch_model for piece, _ in streamed})),
        billed_minutes=sum(report.billed_s for _, report in streamed) / _S_PER_MINUTE,
        measured_at=measured_at,
        parameters=parameters,
    )
    if not _silences(measurement):
        raise NothingMeasuredError(
            f"none of the silences could be compared ({_left_out_text(measurement)}); "
            "see the sessions' reports, or give --minutes more"
        )
    return measurement


def summary(measurement: Measurement) -> str:
    """What came out, in one line."""
    missed = _share_text(measurement.complete_read_as_open)
    false = _share_text(measurement.open_read_as_complete)
    return (
        f"{measurement.speech_model}: takes {missed} complete silences for open, "
        f"and {false} open ones for complete "
        f"({measurement.recordings} recordings, {measurement.billed_minutes:.1f} min streamed; "
        f"left out: {_left_out_text(measurement)})"
    )


def _left_out_text(measurement: Measurement) -> str:
    """The silences left out, by reason."""
    parts = [f"{count:,} {why.value}" for why, count in measurement.left_out.items()]
    return ", ".join(parts) or "none"


def _silences(measurement: Measurement) -> int:
    shares = (measurement.complete_read_as_open, measurement.open_read_as_complete)
    return sum(share.silences for share in shares)


def _share_text(share: MeasuredShare) -> str:
    if share.share is None:
        return "an unknown share of"
    return f"{share.share:.1%} ({share.low:.1%} to {share.high:.1%}) of {share.silences:,}"
