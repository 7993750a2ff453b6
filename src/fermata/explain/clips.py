"""A few seconds of a recording around a pause, small enough to stand inside a page."""

import math
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

import av
import numpy as np
from av.audio.frame import AudioFrame

from fermata.audio import NotAudioError, Samples, decode_stretch

LEAD_S = 3.0
"""How much is heard before the pause, and after it."""

MAX_CLIP_S = 12.0
"""A pause that is itself longer than this leaves room for is heard in part."""

_RATE_HZ = 16_000
_BIT_RATE_PER_S = 32_000
_SAMPLES_PER_FRAME = 576


@dataclass(frozen=True, slots=True)
class Clip:
    """A piece of audio as MP3, mono at 16 kHz; all browsers play that.

    Attributes:
        data: the file.
        pause_at_s: where in it the pause starts.
        duration_s: how long it is.
    """

    data: bytes
    pause_at_s: float
    duration_s: float


def cut_clip(file: BinaryIO, start_ms: int, hold_ms: int, channel: int | None) -> Clip:
    """Cuts out a pause with what is said before and after it.

    Args:
        file: the recording at its start, seekable; left open.
        start_ms: when the pause starts.
        hold_ms: how long it is.
        channel: index of the channel to hear; None for all of them mixed.

    Raises:
        NotAudioError: the recording holds no audio there.
        OSError: it cannot be read.
    """
    begins_s = max(0.0, start_ms / 1000 - LEAD_S)
    ends_s = min((start_ms + hold_ms) / 1000 + LEAD_S, begins_s + MAX_CLIP_S)
    channels = decode_stretch(file, _RATE_HZ, begins_s, ends_s)
    if channel is not None and channel >= channels.shape[0]:
        raise NotAudioError(f"it has no channel {channel + 1}")
    samples = channels.mean(axis=0) if channel is None else channels[channel]
    return Clip(
        _as_mp3(samples), start_ms / 1000 - begins_s, math.ceil(samples.size / _RATE_HZ * 10) / 10
    )


def _as_mp3(samples: Samples) -> bytes:
    file = BytesIO()
    with av.open(file, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=_RATE_HZ, layout="mono")
        stream.bit_rate = _BIT_RATE_PER_S
        pcm = (np.clip(samples, -1.0, 1.0) * np.iinfo(np.int16).max).astype(np.int16)
        for start in range(0, pcm.size, _SAMPLES_PER_FRAME):
            part = np.ascontiguousarray(pcm[None, start : start + _SAMPLES_PER_FRAME])
            frame = AudioFrame.from_ndarray(part, format="s16p", layout="mono")
            frame.sample_rate = _RATE_HZ
            frame.pts = start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()
