"""How much of a piece of audio is speech."""

import numpy as np

from fermata.speech_detection.resampling import Resampler
from fermata.speech_detection.silero import RATE_HZ, VoiceDetector, speech_spans


def speech_s(pcm: bytes, sample_rate_hz: int) -> float:
    """How many seconds of speech there are in some audio.

    Takes about 4 ms for each second of audio, and 80 ms for loading the model.

    Args:
        pcm: One channel of signed 16-bit little-endian samples.
        sample_rate_hz: Their rate.
    """
    samples = np.frombuffer(pcm, dtype="<i2")
    heard = Resampler(sample_rate_hz, RATE_HZ).resample(samples)
    spans = speech_spans(VoiceDetector().probabilities(heard))
    return sum(span.end - span.start for span in spans) / RATE_HZ
