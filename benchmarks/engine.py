"""How fast the local engine hears: seconds of recording for each second of processor time.

Puts the bundled conversations behind one another until a recording of the given length is full,
a different order on each channel, and has one engine listen to it, without a server:

    python -m benchmarks.engine [--seconds 650] [--noise-db -50]

Prints the figure for a stereo recording, whose channels are heard one after the other, and for the
same mixed into one channel.
"""

import argparse
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import numpy as np

from config import PROJECT_ROOT
from fermata.audio import Samples, decode
from fermata.localserver.engine.transcribe import Engine
from fermata.speech_detection.silero import RATE_HZ

_RECORDINGS = sorted((PROJECT_ROOT / "tests" / "recordings").glob("*/*.[fw]*"))


def main() -> None:
    """Listens and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=650)
    parser.add_argument("--noise-db", type=float, help="white noise, in dB of full scale")
    options = parser.parse_args()
    stereo = np.stack([_channel(order, options.seconds) for order in (0, 1)])
    if options.noise_db is not None:
        level = 10 ** (options.noise_db / 20)
        stereo += np.random.default_rng(1).normal(0, level, stereo.shape).astype(np.float32)
    engine = Engine()
    # Loads the models, which a process does once.
    engine.transcribe_channel(stereo[0, : 5 * RATE_HZ])
    for name, channels in (("stereo", stereo), ("mixed into one", stereo.mean(axis=0)[None])):
        used_s, words = _heard(engine, channels)
        print(
            f"{name}: {options.seconds} s in {used_s:.0f} s of processor time, {words:,} words: "
            f"{options.seconds / used_s:.1f} times faster than real time"
        )


def _channel(order: int, seconds: int) -> Samples:
    """Conversations behind one another, mixed into one voice channel each."""
    wanted = seconds * RATE_HZ
    return np.concatenate([*_until(wanted, _RECORDINGS[order:] + _RECORDINGS[:order])])[:wanted]


def _until(wanted: int, paths: list[Path]) -> Iterator[Samples]:
    for path in cycle(paths):
        part = decode(path, RATE_HZ).mean(axis=0)
        wanted -= part.size
        yield part
        if wanted <= 0:
            return


def _heard(engine: Engine, channels: Samples) -> tuple[float, int]:
    began_s = time.process_time()
    words = sum(len(engine.transcribe_channel(np.ascontiguousarray(one))) for one in channels)
    return time.process_time() - began_s, words


if __name__ == "__main__":
    main()
