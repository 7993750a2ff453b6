"""Whether the evidence comes from one recogniser, or from several that time words alike.

Word ends are a recogniser's own habit: on the same two calls, one service marks 2.45 times as
many pauses as another. Pooling such transcripts mixes two distributions; comparing the nights
before and after an update measures the update.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import exp, inf, log, sqrt

import numpy as np
from numpy.typing import NDArray

from fermata.quality.models import CallFacts, Gate, GateFinding, GateVerdict
from fermata.quality.wording import percent

REFUSE_RATIO = 1.5
"""Ratio of pauses of 200 ms to 3 s per minute of speech. On the two calls of earnings21 heard by
three services it is 2.45 between the first and the second. Their turns differ accordingly: the
Balanced preset cuts in on 48.6 % of one call's turns by the first, on 30.4 % by the second."""

SAME_RATIO = 1.1
"""Recognisers within this ratio are as good as one: half of the smallest difference measured
between two services, and less than calls of one service differ (see `CALL_SPREAD`)."""

CALL_SPREAD = 0.15
"""The least standard deviation, in logarithms, by which calls of one recogniser differ:
earnings21 0.16, spjallromur 0.22, rhapsodie 0.29, ifadv 0.47."""

MIN_EVIDENCE_SHARE = 0.1
"""A recogniser with less of the speech is no reason to refuse: even with twice the pauses it
moves a pooled rate by less than `SAME_RATIO`."""

MIN_SPEECH_MS = 60_000
"""A call with less speech has no rate of its own worth comparing."""

_SURE_REFUSED_Z = 2.58
_SURE_SAME_Z = 1.96

_LISTED = 4

Numbers = NDArray[np.float64]
Recogniser = tuple[str, str, str]
"""Engine, speech model and hash of the request options."""


@dataclass(frozen=True, slots=True)
class _Difference:
    """How two recognisers differ in pauses per minute of speech; the first marks more.

    Attributes:
        more: the one that marks more pauses.
        fewer: the other.
        log_ratio: of their rates, at least 0.
        error: its standard error; infinite where it cannot be told.
        shared: calls that both heard; 0 where different calls are compared.
        evidence_share: the smaller of their shares of the speech.
    """

    more: Recogniser
    fewer: Recogniser
    log_ratio: float
    error: float
    shared: int
    evidence_share: float

    @property
    def verdict(self) -> GateVerdict:
        if self.log_ratio >= log(REFUSE_RATIO) and self._is_sure:
            return self._refused
        if self.log_ratio + _SURE_SAME_Z * self.error <= log(SAME_RATIO):
            return GateVerdict.PASS
        return GateVerdict.WARN

    @property
    def _refused(self) -> GateVerdict:
        is_minor = self.evidence_share < MIN_EVIDENCE_SHARE
        return GateVerdict.WARN if is_minor else GateVerdict.REFUSE

    @property
    def _is_sure(self) -> bool:
        # The same calls differ by recogniser alone, so one pair is proof enough.
        return self.shared > 0 or self.log_ratio >= _SURE_REFUSED_Z * self.error


def recognisers_gate(facts: Sequence[CallFacts]) -> GateFinding:
    """Whether engine, model and options are one, or differ in nothing that matters."""
    by_recogniser = _by_recogniser(facts)
    if not by_recogniser:
        return _finding(GateVerdict.NOT_MEASURED, "no calls", "nothing")
    if len(by_recogniser) == 1:
        (only,) = by_recogniser
        return _finding(GateVerdict.PASS, f"all {len(facts)} calls by {_name(only)}", "nothing")
    shares = _shares(by_recogniser)
    differences = _differences(by_recogniser, shares)
    if not differences:
        saw = f"{_listed(shares)}; too little speech to compare them"
        return _finding(GateVerdict.WARN, saw, _DO_COMPARE)
    worst = max(differences, key=lambda each: (_GRADE[each.verdict], each.log_ratio))
    return _finding(worst.verdict, f"{_listed(shares)}; {_said(worst)}", _do(worst))


_DO = (
    "transcribe all with one recogniser and one set of options (reprocess the others), "
    "or start a new calibration from the change on"
)
_DO_COMPARE = f"transcribe some of the same recordings with each, to compare them; else {_DO}"
_GRADE = {GateVerdict.PASS: 0, GateVerdict.WARN: 1, GateVerdict.REFUSE: 2}


def _do(worst: _Difference) -> str:
    if worst.verdict is GateVerdict.PASS:
        return "nothing"
    return _DO if worst.verdict is GateVerdict.REFUSE or worst.shared else _DO_COMPARE


def _by_recogniser(facts: Iterable[CallFacts]) -> dict[Recogniser, list[CallFacts]]:
    found: defaultdict[Recogniser, list[CallFacts]] = defaultdict(list)
    for each in facts:
        found[each.engine, each.speech_model or "", each.options_hash].append(each)
    return {key: sorted(found[key], key=lambda each: each.recording_id) for key in sorted(found)}


def _differences(
    by_recogniser: Mapping[Recogniser, Sequence[CallFacts]], shares: Mapping[Recogniser, float]
) -> list[_Difference]:
    """Every pair of recognisers: on the calls that both heard, if any, else on all."""
    rates = {key: _log_rates(calls) for key, calls in by_recogniser.items()}
    return [
        _difference(one, other, rates, min(shares[one], shares[other]))
        for one, other in combinations(rates, 2)
        if rates[one] and rates[other]
    ]


def _log_rates(calls: Iterable[CallFacts]) -> dict[str, float]:
    return {
        call.recording_id: log((_pauses(call) + 0.5) * 60_000 / call.speech_ms)
        for call in calls
        if call.speech_ms >= MIN_SPEECH_MS
    }


def _pauses(call: CallFacts) -> int:
    return call.pauses_from_200_ms + call.pauses_from_500_ms + call.pauses_from_1000_ms


def _difference(
    one: Recogniser,
    other: Recogniser,
    rates: Mapping[Recogniser, Mapping[str, float]],
    evidence_share: float,
) -> _Difference:
    both = sorted(rates[one].keys() & rates[other].keys())
    first, second = (np.array([rates[key][c] for c in both or rates[key]]) for key in (one, other))
    log_ratio = float(first.mean() - second.mean())
    error = _paired_error(first - second) if both else _unpaired_error(first, second)
    more, fewer = (one, other) if log_ratio >= 0 else (other, one)
    return _Difference(more, fewer, abs(log_ratio), error, len(both), evidence_share)


def _paired_error(differences: Numbers) -> float:
    count = differences.size
    return float(differences.std(ddof=1) / sqrt(count)) if count > 1 else inf


def _unpaired_error(first: Numbers, second: Numbers) -> float:
    return sqrt(_variance(first) / first.size + _variance(second) / second.size)


def _variance(log_rates: Numbers) -> float:
    """Of log rates between calls; a few calls may look more alike than calls are."""
    found = float(log_rates.var(ddof=1)) if log_rates.size > 1 else 0.0
    return max(found, CALL_SPREAD**2)


def _shares(by_recogniser: Mapping[Recogniser, Sequence[CallFacts]]) -> dict[Recogniser, float]:
    speech_ms = {key: sum(call.speech_ms for call in by_recogniser[key]) for key in by_recogniser}
    total_ms = sum(speech_ms.values()) or 1
    return {key: each / total_ms for key, each in speech_ms.items()}


def _listed(shares: Mapping[Recogniser, float]) -> str:
    largest = sorted(shares, key=lambda key: (-shares[key], key))[:_LISTED]
    parts = ", ".join(f"{_name(key)} {percent(shares[key])}" for key in largest)
    return f"{len(shares)} recognisers ({parts} of the speech)"


def _said(found: _Difference) -> str:
    where = f"the {found.shared} calls of both" if found.shared else "different calls"
    up_to = exp(found.log_ratio + _SURE_SAME_Z * found.error)
    bound = f" (95 %: up to {up_to:.2f})" if found.shared != 1 else ""
    return (
        f"on {where} {_name(found.more)} marks {exp(found.log_ratio):.2f} times as many pauses "
        f"per minute{bound} as {_name(found.fewer)}"
    )


def _name(recogniser: Recogniser) -> str:
    engine, model, options = recogniser
    return " ".join(part for part in (engine, model, f"options {options[:8]}") if part)


def _finding(verdict: GateVerdict, saw: str, do: str) -> GateFinding:
    return GateFinding(Gate.RECOGNISERS, verdict, saw, do)
