"""Whether the evidence comes from one recogniser, or from several that time words alike.

Word ends are a recogniser's own habit: on the same calls, three services leave 2.2 times as
many pauses or half of them. Pooling them mixes two distributions; comparing a night before and
after an update measures the update.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import exp, inf, log, sqrt

import numpy as np

from fermata.quality.models import CallFacts, Gate, GateFinding, GateVerdict
from fermata.quality.wording import percent

REFUSE_RATIO = 1.5
"""Ratio of pauses of 200 ms to 3 s per minute of speech. On two calls of earnings21 heard by
three services it is 2.3 and 2.4 between the first and the second, 1.3 and 1.2 between the first
and the third, 1.8 and 2.1 between the last two."""

SAME_RATIO = 1.1
"""Recognisers within this ratio are as good as one: half of the smallest difference measured
between two services, and less than calls of one service differ (see `CALL_SPREAD`)."""

CALL_SPREAD = 0.15
"""The least standard deviation, in logarithms, by which calls of one recogniser differ:
earnings21 0.16, spjallromur 0.22, rhapsodie 0.29, ifadv 0.47."""

MIN_SPEECH_MS = 60_000
"""A call with less speech has no rate of its own worth comparing."""

_SURE_REFUSED_Z = 2.58
_SURE_SAME_Z = 1.96

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
    """

    more: Recogniser
    fewer: Recogniser
    log_ratio: float
    error: float
    shared: int

    @property
    def verdict(self) -> GateVerdict:
        if self.log_ratio >= log(REFUSE_RATIO) and self._is_sure:
            return GateVerdict.REFUSE
        if self.log_ratio + _SURE_SAME_Z * self.error <= log(SAME_RATIO):
            return GateVerdict.PASS
        if self.shared and self.log_ratio <= log(SAME_RATIO):
            return GateVerdict.PASS
        return GateVerdict.WARN

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
    differences = _differences(by_recogniser)
    if not differences:
        saw = f"{shares}; too little speech to compare them"
        return _finding(GateVerdict.WARN, saw, _DO)
    worst = max(differences, key=lambda each: (_GRADE[each.verdict], each.log_ratio))
    saw = f"{shares}; {_said(worst)}"
    do = "nothing" if worst.verdict is GateVerdict.PASS else _DO
    return _finding(worst.verdict, saw, do)


_DO = (
    "transcribe all with one recogniser and one set of options (reprocess the others), "
    "or start a new calibration from the change on"
)
_GRADE = {GateVerdict.PASS: 0, GateVerdict.WARN: 1, GateVerdict.REFUSE: 2}


def _by_recogniser(facts: Iterable[CallFacts]) -> dict[Recogniser, list[CallFacts]]:
    found: defaultdict[Recogniser, list[CallFacts]] = defaultdict(list)
    for each in facts:
        found[each.engine, each.speech_model or "", each.options_hash].append(each)
    return {key: sorted(found[key], key=lambda each: each.recording_id) for key in sorted(found)}


def _differences(by_recogniser: Mapping[Recogniser, Sequence[CallFacts]]) -> list[_Difference]:
    """Every pair that shares calls; of the others each and its neighbour in rate order."""
    rates = {key: _log_rates(calls) for key, calls in by_recogniser.items()}
    rates = {key: found for key, found in rates.items() if found}
    shared = [
        _paired(one, other, rates)
        for one, other in combinations(rates, 2)
        if rates[one].keys() & rates[other].keys()
    ]
    return shared or [_unpaired(one, other, rates) for one, other in _extremes(rates)]


def _log_rates(calls: Iterable[CallFacts]) -> dict[str, float]:
    return {
        call.recording_id: log((_pauses(call) + 0.5) * 60_000 / call.speech_ms)
        for call in calls
        if call.speech_ms >= MIN_SPEECH_MS
    }


def _pauses(call: CallFacts) -> int:
    return call.pauses_from_200_ms + call.pauses_from_500_ms + call.pauses_from_1000_ms


_Rates = Mapping[Recogniser, Mapping[str, float]]


def _extremes(rates: _Rates) -> Iterable[tuple[Recogniser, Recogniser]]:
    """Neighbours in the order of their mean rate, and the two ends of it."""
    ordered = sorted(rates, key=lambda key: (float(np.mean(list(rates[key].values()))), key))
    return dict.fromkeys(
        [*pairwise(ordered), *([(ordered[0], ordered[-1])] if ordered[1:] else [])]
    )


def _paired(one: Recogniser, other: Recogniser, rates: _Rates) -> _Difference:
    both = sorted(rates[one].keys() & rates[other].keys())
    differences = np.array([rates[one][call] - rates[other][call] for call in both])
    error = float(differences.std(ddof=1) / sqrt(len(both))) if len(both) > 1 else inf
    return _ordered(one, other, float(differences.mean()), error, len(both))


def _unpaired(one: Recogniser, other: Recogniser, rates: _Rates) -> _Difference:
    first, second = (np.array(list(rates[key].values())) for key in (one, other))
    error = sqrt(_variance(first) / first.size + _variance(second) / second.size)
    return _ordered(one, other, float(first.mean() - second.mean()), error, 0)


def _variance(log_rates: np.typing.NDArray[np.float64]) -> float:
    """Of log rates between calls; few calls may look more alike than calls are."""
    return max(float(log_rates.var(ddof=1)) if log_rates.size > 1 else 0.0, CALL_SPREAD**2)


def _ordered(
    one: Recogniser, other: Recogniser, log_ratio: float, error: float, shared: int
) -> _Difference:
    if log_ratio < 0:
        return _Difference(other, one, -log_ratio, error, shared)
    return _Difference(one, other, log_ratio, error, shared)


def _shares(by_recogniser: Mapping[Recogniser, Sequence[CallFacts]]) -> str:
    total_ms = sum(call.speech_ms for calls in by_recogniser.values() for call in calls) or 1
    parts = (
        f"{_name(key)} {percent(sum(call.speech_ms for call in calls) / total_ms)}"
        for key, calls in by_recogniser.items()
    )
    return f"{len(by_recogniser)} recognisers ({', '.join(parts)} of the speech)"


def _said(found: _Difference) -> str:
    where = f"the same {found.shared} calls" if found.shared else "different calls"
    return (
        f"on {where} {_name(found.more)} marks {exp(found.log_ratio):.2f} times as many pauses "
        f"per minute as {_name(found.fewer)}"
    )


def _name(recogniser: Recogniser) -> str:
    engine, model, options = recogniser
    return " ".join(part for part in (engine, model, f"options {options[:8]}") if part)


def _finding(verdict: GateVerdict, saw: str, do: str) -> GateFinding:
    return GateFinding(Gate.RECOGNISERS, verdict, saw, do)
