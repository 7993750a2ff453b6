"""Where somebody speaks, and for how long: Silero's voice probabilities, used by all who ask."""

from fermata.speech_detection.amount import speech_s

__all__ = ["speech_s"]
