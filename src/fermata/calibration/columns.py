"""What the replay adds to a row of the table `calibrations`."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from fermata.calibration.choice import Choice
from fermata.calibration.decision import Replayed
from fermata.quality import GateFinding
from fermata.thresholds import Advice, Estimate, Judged

_ESTIMATES = (
    *("cut_in_rate", "mid_sentence_rate", "after_sentence_rate"),
    *("mean_wait_ms", "p90_wait_ms", "cost_ms"),
)


def replay_columns(guide: Choice, replayed: Replayed | None) -> dict[str, Any]:
    """The values of those columns for a group; figures are those of the best pair.

    Args:
        guide: the choice of the guide's rule.
        replayed: what the replay says; None where it was not run.
    """
    columns = {
        "guide_preset": guide.preset,
        "guide_min_turn_silence_ms": guide.min_turn_silence_ms,
        "guide_max_turn_silence_ms": guide.max_turn_silence_ms,
    }
    if replayed is None:
        return columns
    return columns | _advice(replayed.advice) | {"gates": _findings(replayed.findings)}


def _advice(advice: Advice) -> dict[str, Any]:
    assumptions = advice.assumptions
    return {
        "replay_verdict": advice.verdict,
        "replay_reason": advice.reason,
        "goal": str(advice.goal),
        "replay_calls": advice.calls,
        "replay_turns": advice.turns,
        "calls_needed": advice.calls_needed,
        "own_share": advice.own_share,
        "detection_delay_ms": assumptions.detection_delay_ms,
        "complete_read_as_open": assumptions.complete_read_as_open,
        "open_read_as_complete": assumptions.open_read_as_complete,
        **_pair("replay", advice.best),
        **_pair("present", advice.present),
        **_best(advice.best),
        **_estimate("gain_ms", advice.gain_ms),
        "present_cost_ms": advice.present.cost_ms.value if advice.present else None,
    }


def _pair(name: str, judged: Judged | None) -> dict[str, Any]:
    if judged is None:
        return {}
    return {f"{name}_{key}": value for key, value in asdict(judged.policy).items()}


def _best(judged: Judged | None) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    if judged is not None:
        for name in _ESTIMATES:
            columns |= _estimate(name, getattr(judged, name))
    return columns


def _estimate(name: str, estimate: Estimate | None) -> dict[str, Any]:
    if estimate is None:
        return {}
    figures = (estimate.value, estimate.interval.low, estimate.interval.high)
    return dict(zip((name, f"{name}_low", f"{name}_high"), figures, strict=True))


def _findings(findings: Iterable[GateFinding]) -> list[dict[str, Any]]:
    return [asdict(each) for each in findings]
