"""Compares the plane of policies with a plain loop: seconds, ratio, memory.

Run it from the project's root as `python -m benchmarks.replay`. The loop takes a few policies
and is scaled up to all, as it would take hours otherwise.
"""

import resource
import time

import numpy as np

from fermata.replay import NEVER_MS, Assumptions, CallPauses, PolicyGrid, replay
from tests.unit.replay.reference import replay_one

CALLS = 1_000
HOLDS_PER_CALL = 1_000
TURNS_PER_CALL = 250
POLICIES_A_SIDE = 40
LOOPED_CALLS = 20


def main() -> None:
    """Prints a line for each way, the ratio, and whether both found the same."""
    random = np.random.default_rng(1)
    calls = [_call(random) for _ in range(CALLS)]
    grid = PolicyGrid(_axis(50, 2_000), _axis(200, 5_000))
    plane_s = _measure_plane(calls, grid)
    loop_s = _measure_loop(calls[:LOOPED_CALLS], grid) * CALLS / LOOPED_CALLS
    print(f"plain loop  {loop_s:10.1f} s for all policies, from a sample")
    print(f"the plane is {loop_s / plane_s:,.0f} times faster")


def _axis(first_ms: int, last_ms: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Silences at equal distances."""
    return np.linspace(first_ms, last_ms, POLICIES_A_SIDE).astype(np.int64)


def _call(random: np.random.Generator) -> CallPauses:
    """A call with lengths of holds as heavy in the tail as in real talk."""
    lengths = np.minimum(100 + random.lognormal(5.5, 1.0, HOLDS_PER_CALL), 4_999)
    return CallPauses(
        hold_ms=lengths.astype(np.int64),
        hold_is_complete=random.random(HOLDS_PER_CALL) < 0.3,  # noqa: PLR2004 - as in real talk
        hold_confidence=np.full(HOLDS_PER_CALL, np.nan),
        hold_turn=random.integers(0, TURNS_PER_CALL, HOLDS_PER_CALL),
        turn_is_complete=random.random(TURNS_PER_CALL) < 0.7,  # noqa: PLR2004 - the same
        turn_confidence=np.full(TURNS_PER_CALL, np.nan),
        turn_own_ms=np.full(TURNS_PER_CALL, NEVER_MS),
        speech_ms=600_000,
    )


def _measure_plane(calls: list[CallPauses], grid: PolicyGrid) -> float:
    """Seconds for all policies and calls."""
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started_s = time.perf_counter()
    plane = replay(calls, grid)
    replayed_s = time.perf_counter() - started_s
    plane.measures()
    plane_s = time.perf_counter() - started_s
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) / 1_024
    pauses = sum(call.hold_ms.size for call in calls)
    policies = grid.min_ms.size * grid.max_ms.size
    print(f"{pauses:,} pauses in {plane.calls:,} calls, {policies:,} policies")
    print(f"plane       {plane_s:10.1f} s, {replayed_s:.1f} s of it replay, {grown_mb:.0f} MB more")
    return plane_s


def _measure_loop(calls: list[CallPauses], grid: PolicyGrid) -> float:
    """Seconds for all policies and these calls, from one policy in each row."""
    looped = list(zip(grid.min_ms.tolist(), grid.max_ms.tolist(), strict=True))[::8]
    measures = replay(calls, grid).measures()
    started_s = time.perf_counter()
    found = [replay_one(calls, grid, Assumptions(), *policy) for policy in looped]
    elapsed_s = time.perf_counter() - started_s
    plane = np.diagonal(measures.cut_in_turns)[::8]
    same = np.array_equal(plane, [counts.cut_in_turns for counts in found])
    print(f"same turns with cut-ins in both ways: {'yes' if same else 'NO'}")
    return elapsed_s / len(looped) * grid.min_ms.size * grid.max_ms.size


if __name__ == "__main__":
    main()
