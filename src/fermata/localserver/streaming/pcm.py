"""Audio as it comes over the wire, into 16-bit samples."""

from typing import cast

import numpy as np
from av import AudioCodecContext, AudioResampler, CodecContext, Packet
from numpy.typing import NDArray

Pcm = NDArray[np.int16]


class PcmDecoder:
    """Decodes one stream of raw audio that comes in pieces of any length.

    Args:
        codec: FFmpeg's name of the encoding, such as `pcm_s16le` or `pcm_mulaw`.
        rate_hz: Samples per second and channel.
        channels: How many channels are interleaved in it.
        bytes_per_sample: How many bytes a sample of one channel takes.
    """

    def __init__(self, codec: str, rate_hz: int, channels: int, bytes_per_sample: int) -> None:
        self._context = cast("AudioCodecContext", CodecContext.create(codec, "r"))
        self._context.sample_rate = rate_hz
        self._context.layout = f"{channels}c"
        self._block_bytes = channels * bytes_per_sample
        self._empty: Pcm = np.empty((channels, 0), dtype=np.int16)
        self._resampler = AudioResampler(format="s16p", layout=self._context.layout, rate=rate_hz)
        self._rest = b""

    def decode(self, data: bytes) -> Pcm:
        """The whole samples that are there now, of shape (channels, samples)."""
        data = self._rest + data
        whole = len(data) // self._block_bytes * self._block_bytes
        data, self._rest = data[:whole], data[whole:]
        if not data:
            return self._empty
        frames = self._context.decode(Packet(data))
        arrays = [out.to_ndarray() for frame in frames for out in self._resampler.resample(frame)]
        return np.concatenate([self._empty, *arrays], axis=1, dtype=np.int16)
