"""A recording in, the words of each of its channels out."""

from functools import cached_property
from pathlib import Path

import numpy as np

from fermata.audio import Samples, decode
from fermata.localserver.engine.edges import refine
from fermata.localserver.engine.heard import Heard, SpokenWord
from fermata.localserver.engine.words import WordRecogniser
from fermata.speech_detection.silero import RATE_HZ, VoiceDetector, speech_spans


class Engine:
    """Voice detection and word recognition; the models are loaded once, when first needed."""

    @cached_property
    def _detector(self) -> VoiceDetector:
        return VoiceDetector()

    @cached_property
    def _recogniser(self) -> WordRecogniser:
        return WordRecogniser()

    def transcribe_channels(self, path: Path) -> Heard:
        """Transcribes each channel of a recording by itself.

        Raises:
            NotAudioError: The file can't be decoded as audio.
        """
        return self._heard(decode(path, RATE_HZ))

    def transcribe_mixed(self, path: Path) -> Heard:
        """Transcribes a recording as one channel, the mean of all it has.

        Raises:
            NotAudioError: The file can't be decoded as audio.
        """
        return self._heard(decode(path, RATE_HZ).mean(axis=0, keepdims=True))

    def transcribe_channel(self, samples: Samples) -> tuple[SpokenWord, ...]:
        """Transcribes one channel that is at hand as a whole.

        Args:
            samples: Shape (samples,), in [-1, 1] at `RATE_HZ`.

        Returns:
            The words in order of time; none overlap.
        """
        self._detector.reset()
        spans = refine(samples, speech_spans(self._detector.probabilities(samples)))
        return tuple(word for span in spans for word in self._recogniser.words(samples, span))

    def _heard(self, audio: Samples) -> Heard:
        """Transcribes audio of shape (channels, samples)."""
        channels = tuple(self.transcribe_channel(np.ascontiguousarray(one)) for one in audio)
        return Heard(duration_s=audio.shape[1] / RATE_HZ, channels=channels)
