"""The shortest frame that a service takes, and how a shorter one is made to fit.

Sources give frames of 50 ms, which AssemblyAI takes (50 to 1,000 ms a message). Only the last
frame of a source may be shorter; it is filled up with silence, as the vendor's guides do.
"""

from fermata.live.frames import Frame

_MS_PER_S = 1000
_BYTES_PER_SAMPLE = 2


def padding_for(frame: Frame, shortest_ms: int, sample_rate_hz: int) -> bytes:
    """The silence that a frame lacks to the shortest one taken.

    >>> len(padding_for(Frame(0, bytes(200)), shortest_ms=50, sample_rate_hz=8000))
    600
    """
    shortest = -(-shortest_ms * sample_rate_hz // _MS_PER_S)
    return bytes(_BYTES_PER_SAMPLE * max(0, shortest - frame.sample_count))
