"""Runs of every verdict, for the reports to show."""

from datetime import UTC, datetime

import pandas as pd

from config import PROJECT_ROOT
from fermata.calibration import (
    Calibration,
    ChooseBy,
    RecordingOutcome,
    Replayed,
    calibrate,
    load_presets,
)
from fermata.replay import Assumptions
from fermata.thresholds import (
    ALL_GROUPS,
    GUIDE,
    PRESENT,
    RECOMMENDATION,
    Advice,
    Compared,
    Comparison,
    Estimate,
    Goal,
    Interval,
    Judged,
    Policy,
    Verdict,
)

PRESETS = load_presets(str(PROJECT_ROOT / "config" / "presets.toml"))
IN_FORCE, BEST, BALANCED = Policy(100, 1_000), Policy(1_140, 1_760), Policy(400, 1_280)


def judged(policy: Policy) -> Judged:
    """A setting with figures that do not matter."""
    share, ms = Estimate(0.1, Interval(0.05, 0.2)), Estimate(900, Interval(800, 1_000))
    return Judged(policy, share, share, share, *[ms] * 5, 0.0, 0.0, 0.0)


def advice(verdict: Verdict) -> Advice:
    """What a replay advises with this verdict."""
    is_judged = verdict is not Verdict.REFUSED
    return Advice(
        group=ALL_GROUPS,
        verdict=verdict,
        reason="the reason with figures",
        policy={Verdict.CHANGE: BEST, Verdict.KEEP: IN_FORCE}.get(verdict),
        best=judged(BEST) if is_judged else None,
        present=judged(IN_FORCE) if is_judged else None,
        gain_ms=None,
        calls=12,
        turns=200,
        own_share=1.0,
        calls_needed=3 if verdict is Verdict.NOT_ENOUGH_CALLS else None,
        curve=(),
        by_exchange_rate=(),
        sensitivity=(),
        assumptions=Assumptions(),
        goal=Goal(),
    )


def calibration(verdict: Verdict | None, choose_by: ChooseBy) -> Calibration:
    """A run with this verdict; None where nothing was replayed."""
    found = None if verdict is None else Replayed(advice(verdict), ())
    replayed = {} if found is None else {ALL_GROUPS: found, "ivr": found}
    return calibrate(
        run_id="r1",
        chosen_at=datetime(2026, 11, 28, tzinfo=UTC),
        outcomes=[RecordingOutcome("a", "o", "ivr", 3)],
        gaps=pd.DataFrame({"recording_id": ["a"], "options_hash": ["o"], "gap_ms": [700]}),
        presets=PRESETS,
        speech_model="u3-rt-pro",
        choose_by=choose_by,
        replayed=replayed,
    )


def comparison() -> Comparison:
    """The guide's rule, the setting in force, the vendor's default, which is the same, the best."""
    named = {
        GUIDE: BALANCED,
        "conservative": Policy(800, 3_600),
        "vendor default": IN_FORCE,
        PRESENT: IN_FORCE,
        RECOMMENDATION: BEST,
    }
    rows = tuple(Compared(name, judged(policy), (policy,)) for name, policy in named.items())
    return Comparison(rows, 12, 200, Assumptions(), Goal())
