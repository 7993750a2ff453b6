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


def record_until_killed(path: Path) -> None:
    recorder = WavRecorder(path, 16_000, 2)
    start = 0
    while True:
        ramp = np.arange(start, start + 800) % 30_000
        recorder.write(Block(start, np.stack([ramp, ramp + 1]).astype(np.int16)))
        start += 800


def main() -> None:
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    for number in range(count):
        child = os.fork()
        if not child:
            record_until_killed(folder / f"{number}.wav")
        time.sleep(random.uniform(0, LONGEST_LIFE_S))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
