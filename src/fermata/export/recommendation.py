"""What is handed over: the newest choice of turn settings, without how it came about."""

from dataclasses import dataclass

from fermata.calibration import LatestChoice


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The turn settings of a calibration, as AssemblyAI means them.

    Attributes:
        min_turn_silence_ms: silence that ends a turn which sounds complete.
        max_turn_silence_ms: silence that ends any turn.
        speech_model: the streaming model they were chosen for.
        end_of_turn_confidence_threshold: 0 to 1; None for the models that take none.
    """

    min_turn_silence_ms: int
    max_turn_silence_ms: int
    speech_model: str
    end_of_turn_confidence_threshold: float | None = None


def recommendation_of(choice: LatestChoice) -> Recommendation:
    """The turn settings of a choice; a threshold only where the choice's model takes one."""
    threshold = choice.streaming_parameters.get("end_of_turn_confidence_threshold")
    return Recommendation(
        min_turn_silence_ms=choice.min_turn_silence_ms,
        max_turn_silence_ms=choice.max_turn_silence_ms,
        speech_model=choice.speech_model,
        end_of_turn_confidence_threshold=None if threshold is None else float(threshold),
    )
