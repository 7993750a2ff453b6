"""Pacing: how far each way of keeping to real time has drifted after a while.

Compares `fermata.live.pacing.Pacer` with the loop of the streaming guides, which sleeps 50 ms
after every block, each with the same work per block. Prints how late each is at the end and the
ratio, and with `--json` the same as one JSON object:

    python benchmarks/pacing.py [--seconds 30] [--work-ms 1]
"""

import argparse
import json
import time
from collections.abc import Callable
from threading import Event, Thread

from fermata.live.frames import BLOCK_MS, samples_per_block
from fermata.live.pacing import Pacer

RATE_HZ = 16_000
_LEAST_MS = 0.001

Wait = Callable[[int], object]


def lateness_ms(wait_for_block: Wait, blocks: int, work_s: float) -> float:
    """Runs that many blocks and says how much later than real time the last one was sent."""
    began_s = time.monotonic()
    for number in range(1, blocks + 1):
        wait_for_block(number)
        sent_s = time.monotonic()
        time.sleep(work_s)
    return (sent_s - began_s) * 1000 - blocks * BLOCK_MS


def paced() -> Wait:
    """Fermata's way: absolute deadlines."""
    pacer = Pacer(RATE_HZ, Event().wait)
    return lambda number: pacer.wait_for(number * samples_per_block(RATE_HZ))


def slept() -> Wait:
    """The guides' way: 50 ms of sleep after each block."""
    return lambda _: time.sleep(BLOCK_MS / 1000)


def measure(ways: dict[str, Wait], seconds: float, work_s: float) -> dict[str, float]:
    """Measures all ways at the same time, so that they meet the same machine."""
    found: dict[str, float] = {}
    blocks = round(seconds * 1000 / BLOCK_MS)

    def run(name: str) -> None:
        found[name] = lateness_ms(ways[name], blocks, work_s)

    threads = [Thread(target=run, args=(name,)) for name in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=30, help="audio to pace (default 30)")
    parser.add_argument("--work-ms", type=float, default=1, help="work per block (default 1)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    found = measure({"sleep": slept(), "pacer": paced()}, options.seconds, options.work_ms / 1000)
    ratio = found["sleep"] / max(found["pacer"], _LEAST_MS)
    if options.json:
        print(json.dumps({"seconds": options.seconds, "late_ms": found, "ratio": ratio}))
        return
    print(f"after {options.seconds:.0f} s of audio, {options.work_ms:g} ms of work per block:")
    print(f"  sleep(0.05) loop  {found['sleep']:10.2f} ms late")
    print(f"  Pacer             {found['pacer']:10.2f} ms late")
    print(f"ratio {ratio:.0f}x")


if __name__ == "__main__":
    main()
