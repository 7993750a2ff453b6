"""Runs the soak and prints its figures; exits with 1 when an invariant was broken.

    python -m benchmarks.soak [--kills 1000] [--short] [--seed 1] [--only kills faults …]

Subjects run two at a time, each in a process of its own, on this machine alone.
"""

import argparse
import logging
import sys
import traceback
from collections.abc import Iterator, Sequence
from functools import partial
from multiprocessing.connection import Connection, wait

from benchmarks.soak.faults import soak_faults
from benchmarks.soak.forks import Fork
from benchmarks.soak.heads import soak_heads
from benchmarks.soak.kills import soak_kills
from benchmarks.soak.mutations import soak_mutations
from benchmarks.soak.report import Report
from benchmarks.soak.streams import soak_streams
from benchmarks.soak.vendors import ASSEMBLYAI, GLADIA

AT_ONCE = 2

_SUBJECTS = ("kills", "faults", "transcripts", "streams", "gladia-streams", "heads")
_SIZES = {
    "kills": (1000, 40, "runs to be killed"),
    "recordings": (200, 30, "recordings of a batch whose runs are killed"),
    "fault-recordings": (4, 4, "recordings that a fault befalls"),
    "fault-every": (1, 24, "takes one fault of so many"),
    "transcripts": (10_000, 500, "hostile transcripts"),
    "streams": (200, 20, "live sessions at AssemblyAI"),
    "gladia-streams": (200, 20, "live sessions at Gladia"),
    "heads": (4_000, 500, "audio files with hostile heads"),
}
"""By option: for the whole soak, for the short one, and what it counts."""


def main() -> None:
    """Runs the subjects, and prints each report as it is there."""
    # What is told in a log is told to a user, and here there are thousands.
    logging.disable(logging.CRITICAL)
    options = _options()
    subjects = _subjects(options)
    chosen = options.only or list(subjects)
    reports = []
    for report in _run([subjects[name] for name in chosen]):
        print(report.text, flush=True)
        reports.append(report)
    broken = [f"{report.title}: {each}" for report in reports for each in report.broken]
    print(f"\n{len(broken)} invariants broken" + "".join(f"\n  {each}" for each in broken))
    sys.exit(1 if broken else 0)


def _run(subjects: "Sequence[partial[Report]]") -> Iterator[Report]:
    """Runs subjects side by side; yields each report when it is there."""
    waiting = list(subjects)
    running: set[Fork] = set()
    try:
        while waiting or running:
            while waiting and len(running) < AT_ONCE:
                running.add(Fork(_report, waiting.pop(0)))
            ready = wait([fork.pipe for fork in running])
            for fork in [fork for fork in running if fork.pipe in ready]:
                yield fork.answer()
                running.remove(fork)
                fork.wait()
    finally:
        for fork in running:
            fork.kill()


def _report(pipe: Connection, subject: "partial[Report]") -> None:
    try:
        pipe.send(subject())
    except BaseException:  # noqa: BLE001 - the others go on
        failed = Report(f"{subject.func.__name__}: the soak itself failed")
        failed.none_of("failures of the soak", [traceback.format_exc(limit=-4)])
        pipe.send(failed)


def _subjects(sizes: argparse.Namespace) -> "dict[str, partial[Report]]":
    seed = sizes.seed
    return {
        "kills": partial(soak_kills, sizes.kills, sizes.recordings, seed),
        "faults": partial(soak_faults, sizes.fault_recordings, sizes.fault_every, seed),
        "transcripts": partial(soak_mutations, sizes.transcripts, seed),
        "streams": partial(soak_streams, ASSEMBLYAI, sizes.streams, seed),
        "gladia-streams": partial(soak_streams, GLADIA, sizes.gladia_streams, seed),
        "heads": partial(soak_heads, sizes.heads, seed),
    }


def _options() -> argparse.Namespace:
    """What was asked for; what was not is that of the whole soak, or of the short one."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--short", action="store_true", help="everything, in less than a minute")
    for name, (whole, short, meaning) in _SIZES.items():
        parser.add_argument(f"--{name}", type=int, help=f"{meaning} ({whole}; short: {short})")
    parser.add_argument("--seed", type=int, default=1, help="of all that is left to chance")
    parser.add_argument("--only", nargs="+", choices=_SUBJECTS, help="subjects")
    options = parser.parse_args()
    for name, (whole, short, _) in _SIZES.items():
        attribute = name.replace("-", "_")
        if getattr(options, attribute) is None:
            setattr(options, attribute, short if options.short else whole)
    return options


if __name__ == "__main__":
    main()
