"""Cuts samples that come in pieces of any length into blocks of one length."""

import numpy as np

from fermata.localserver.streaming.pcm import Pcm


class Blocks:
    """The blocks of one channel.

    Args:
        size: Samples in a block.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._rest: Pcm = np.empty(0, dtype=np.int16)

    def add(self, samples: Pcm) -> list[Pcm]:
        """The blocks that are whole now."""
        audio = np.concatenate([self._rest, samples], dtype=np.int16)
        whole = len(audio) // self._size * self._size
        self._rest = audio[whole:]
        return [audio[start : start + self._size] for start in range(0, whole, self._size)]

    def rest(self) -> Pcm:
        """Takes out what is left, shorter than a block."""
        rest, self._rest = self._rest, self._rest[:0]
        return rest
