"""16-bit samples of one channel, into what Silero and the recognisers hear."""

import numpy as np
from av import AudioFrame, AudioResampler
from numpy.typing import NDArray

from fermata.audio import Samples


class Resampler:
    """Brings one channel to another rate, piece by piece; nothing is lost between the pieces."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._from_hz = from_hz
        self._same = from_hz == to_hz
        self._resampler = AudioResampler(format="flt", layout="mono", rate=to_hz)

    def resample(self, samples: NDArray[np.int16]) -> Samples:
        """The samples that are known at the other rate, of shape (samples,), in [-1, 1]."""
        if self._same:
            return samples.astype(np.float32) / np.float32(32768)
        if not samples.size:
            return np.empty(0, dtype=np.float32)
        frame = AudioFrame.from_ndarray(
            np.ascontiguousarray(samples).reshape(1, -1), format="s16", layout="mono"
        )
        frame.sample_rate = self._from_hz
        arrays = [out.to_ndarray()[0] for out in self._resampler.resample(frame)]
        return np.concatenate([np.empty(0, dtype=np.float32), *arrays], dtype=np.float32)
