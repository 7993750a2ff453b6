"""Records in child processes that are killed at random moments: FOLDER COUNT.

Every sample is its own place in the recording, so that the reader can tell what is missing.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np

from fermata.live.frames import Block
from fermata.live.recorder import WavRecorder

LONGEST_LIFE_S = 0.03
BLOCK_BYTES = 3200


def record_until_killed(path: Path) -> None:
    recorder = WavRecorder(path, 16_000, 2)
    start = 0
    while True:
        ramp = np.arange(start, start + 800) % 30_000
        recorder.write(Block(start, np.stack([ramp, ramp + 1]).astype(np.int16)))
        start += 800


def wait_for_blocks(path: Path, blocks: int) -> None:
    """Waits until that many blocks are on disk; for none, not even for the file."""
    while blocks and not (path.exists() and path.stat().st_size >= blocks * BLOCK_BYTES):
        time.sleep(0.001)


def main() -> None:
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    for number in range(count):
        path = folder / f"{number}.wav"
        child = os.fork()
        if not child:
            record_until_killed(path)
        wait_for_blocks(path, number % 30)
        time.sleep(random.uniform(0, LONGEST_LIFE_S))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
