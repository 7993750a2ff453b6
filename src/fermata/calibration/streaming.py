"""From a chosen preset to the connection parameters of a streaming session."""

from fermata.calibration.presets import Presets

StreamingParameters = dict[str, str | int | float]
"""Query parameters of the streaming v3 address; `urllib.parse.urlencode` takes them as they are."""


def streaming_parameters(
    presets: Presets,
    *,
    speech_model: str,
    min_turn_silence_ms: int,
    max_turn_silence_ms: int,
    end_of_turn_confidence_threshold: float,
) -> StreamingParameters:
    """Names the settings as the streaming service does.

    Args:
        presets: says which models take a confidence threshold; others are not sent one,
            since they would ignore it without a word.
        speech_model: the streaming model, always sent: the service's default changes.
        min_turn_silence_ms: silence that ends a turn which sounds complete.
        max_turn_silence_ms: silence that ends any turn.
        end_of_turn_confidence_threshold: 0 to 1.
    """
    parameters: StreamingParameters = {
        "speech_model": speech_model,
        "min_turn_silence": min_turn_silence_ms,
        "max_turn_silence": max_turn_silence_ms,
    }
    if presets.takes_confidence_threshold(speech_model):
        parameters["end_of_turn_confidence_threshold"] = end_of_turn_confidence_threshold
    return parameters
