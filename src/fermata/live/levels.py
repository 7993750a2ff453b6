"""How loud each channel is, for the level meter."""

import numpy as np

from fermata.live.frames import Samples

FULL_SCALE = 32768
SILENCE_DBFS = -100.0
"""What digital silence is given as; the quietest 16-bit signal stands at -90."""


def rms_dbfs(samples: Samples) -> tuple[float, ...]:
    """Measures the RMS level of every channel.

    Args:
        samples: 16-bit samples of shape (channels, samples).

    Returns:
        One level per channel in dB relative to full scale: a square wave of full scale is 0, a
        sine wave -3, silence `SILENCE_DBFS`.
    """
    scaled = samples.astype(np.float32) / FULL_SCALE
    powers = np.einsum("cs,cs->c", scaled, scaled).astype(float) / max(1, samples.shape[1])
    floor = 10.0 ** (SILENCE_DBFS / 10)
    return tuple(float(level) for level in 10.0 * np.log10(np.maximum(powers, floor)))
