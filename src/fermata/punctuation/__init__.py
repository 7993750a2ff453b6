"""How far a streaming model's verdicts on silences differ from the batch transcript's marks."""

from fermata.punctuation.defaults import assumptions_for
from fermata.punctuation.kept import (
    PUNCTUATION_PATH,
    DamagedPunctuationError,
    keep_measurement,
    model_key,
    read_punctuation,
)
from fermata.punctuation.models import (
    LeftOut,
    MeasuredShare,
    Measurement,
    MeasuringParameters,
    Punctuation,
)

__all__ = [
    "PUNCTUATION_PATH",
    "DamagedPunctuationError",
    "LeftOut",
    "MeasuredShare",
    "Measurement",
    "MeasuringParameters",
    "Punctuation",
    "assumptions_for",
    "keep_measurement",
    "model_key",
    "read_punctuation",
]
