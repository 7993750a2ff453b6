"""Fits settings on half of the calls and judges them on the other half, many times.

Run it from the project's root as `python -m benchmarks.validation`; it prints the tables of
`docs/appendix/validation.md`. The conversations lie beside the project, in `../shared/data`.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks.validation.corpora import missing, read_corpora
from benchmarks.validation.costs import RATES_MS
from benchmarks.validation.printed import (
    budgets_table,
    costs_table,
    coverage_table,
    methods_table,
    pairs_table,
    settled_table,
    wins_table,
)
from benchmarks.validation.study import Found, study

TRIALS = 300


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--splits", type=int, default=TRIALS, help=f"default {TRIALS}")
    options = parser.parse_args()
    if absent := missing():
        names = ", ".join(str(folder) for folder in absent)
        print(f"missing: {names}: put the conversations there", file=sys.stderr)
        return 2
    started_s = time.perf_counter()
    found = studied(options.splits)
    print("\n\n".join(tables(found)))
    elapsed_s = time.perf_counter() - started_s
    print(f"\n{options.splits} splits of each set in {elapsed_s:.0f} s.")
    return 0


def studied(trials: int) -> list[Found]:
    """Every set, on as many cores as there are."""
    # Workers that each use all cores for a product of matrices slow each other down.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    corpora = read_corpora()
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as workers:
        return list(workers.map(study, corpora, [trials] * len(corpora)))


def tables(found: list[Found]) -> Iterator[str]:
    """Each with its heading."""
    for rate_ms in RATES_MS:
        heading = f"### Cost on the unseen half, in ms per turn: one cut-in = {rate_ms // 1_000} s"
        yield f"{heading}\n\n{costs_table(found, rate_ms)}"
    yield f"### Splits in which the recommendation is cheaper\n\n{wins_table(found)}"
    yield f"### Best pairs: of all calls, and 5 to 95 % of the splits\n\n{pairs_table(found)}"
    yield f"### What is set where a setting is in force\n\n{settled_table(found)}"
    yield f"### Budgets\n\n{budgets_table(found)}"
    yield f"### Coverage of 95 % intervals, in %\n\n{coverage_table(found)}"
    yield f"### Other ways to draw an interval: coverage in %, and width\n\n{methods_table(found)}"


if __name__ == "__main__":
    sys.exit(main())
