"""A run's calls, examined and replayed: what thresholds follow, group by group."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from fermata.calibration import LatestChoices, Presets, Replayed, choose
from fermata.ledger import JobKey
from fermata.quality import (
    QUALITY,
    CallFacts,
    GateFinding,
    GateVerdict,
    WordEndSample,
    examine,
    facts_in,
)
from fermata.quoting import visible
from fermata.replay.pauses import Integers
from fermata.runs.calls import Calls, calls_of
from fermata.runs.choosing import Choosing, present_settings, question_for
from fermata.runs.listening import listen
from fermata.storage import Storage
from fermata.tables import read_arrow, rows_of
from fermata.thresholds import (
    ALL_GROUPS,
    NO_SPEAKER_CHANGE,
    PRESENT,
    Advice,
    Call,
    Comparison,
    Landscape,
    Policy,
    Question,
    advise,
    compare,
    landscape,
)
from fermata.thresholds.comparison import FOLDS
from fermata.turntaking import gap_statistics


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a run has to go by.

    Attributes:
        calls: of all groups, with what was left out and why.
        facts: what the quality gates read, under this run's groups.
        word_ends: measured on a sample of them.
    """

    calls: Calls
    facts: tuple[CallFacts, ...]
    word_ends: WordEndSample

    def of(self, groups: Iterable[str]) -> "Evidence":
        """The part of some groups."""
        chosen = frozenset(groups)
        facts = tuple(each for each in self.facts if each.group in chosen)
        ids = {each.recording_id for each in facts}
        heard = tuple(each for each in self.word_ends.recordings if each.recording_id in ids)
        return Evidence(
            replace(
                self.calls, calls=tuple(each for each in self.calls.calls if each.group in chosen)
            ),
            facts,
            replace(self.word_ends, recordings=heard),
        )


@dataclass(frozen=True, slots=True)
class RunReplay:
    """What the replay says of a run.

    Attributes:
        question: what was asked of the calls.
        groups: advice and findings by group; `*` for all that no gate refused, or for all if
            every one was.
        customer: whose turns were replayed; None for those of all speakers.
        assumed_from: where the assumptions come from, in words.
        left_out: how many calls were not replayed, by reason.
        comparison: the ways to choose, on all calls; None where they are too few.
        plane: every pair of silences, on all calls; None where nothing can be judged.
    """

    question: Question
    groups: Mapping[str, Replayed]
    customer: str | None
    assumed_from: str
    left_out: Mapping[str, int]
    comparison: Comparison | None
    plane: Landscape | None

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the advice must know beside it, one line each."""
        whose = f"speaker {self.customer}" if self.customer else "all speakers, agents included"
        left_out = (
            f"not replayed: {count:,} calls ({why})" for why, count in self.left_out.items()
        )
        return (f"replayed: turns of {whose}", f"assumptions: {self.assumed_from}", *left_out)


def gather(groups: Mapping[JobKey, str], customer: str | None, storage: Storage) -> Evidence:
    """Reads the evidence of some transcripts from the tables.

    Args:
        groups: the group of each, as this run found it.
        customer: label or channel of the customer; None for all speakers.
        storage: the data folder.

    Raises:
        TableError: a file of a table cannot be read.
        StorageError: the data folder cannot be read or written.
    """
    rows = read_arrow(storage, QUALITY, filters=rows_of(groups))
    facts = tuple(
        replace(each, group=groups[JobKey(each.recording_id, each.options_hash)])
        for each in facts_in(rows)
    )
    calls = calls_of(storage, groups, customer)
    return Evidence(calls, facts, listen(facts, storage))


def replay_run(
    evidence: Evidence, choosing: Choosing, presets: Presets, latest: LatestChoices | None
) -> RunReplay:
    """Examines each group, and advises those that pass, small ones with the help of all.

    A group that a gate refuses takes no part in the others' figures.

    Args:
        evidence: of all groups.
        choosing: what a person asks.
        presets: which settings there are.
        latest: what was published before.

    Raises:
        UsageError: the goal names a setting that does not exist.
    """
    question = question_for(choosing, presets, evidence.calls.calls)
    present = present_settings(latest, choosing, presets)
    names = sorted({each.group for each in evidence.facts})
    findings = {name: _examined(evidence.of([name])) for name in names}
    passed = [name for name in names if not _refusal(findings[name])]
    whole = evidence.of(passed or names)
    findings[ALL_GROUPS] = _examined(whole)
    calls = () if _refusal(findings[ALL_GROUPS]) else whole.calls.calls
    advice = _advised(calls, question, present, findings)
    advice |= _without_customer(advice, calls, evidence.calls, choosing.customer)
    return RunReplay(
        question=question,
        groups={name: Replayed(advice[name], found) for name, found in findings.items()},
        customer=choosing.customer,
        assumed_from=choosing.assumed_from,
        left_out=evidence.calls.left_out,
        comparison=_compared(calls, question, present.get(ALL_GROUPS), presets),
        plane=landscape(calls, question) if _can_be_judged(calls, question) else None,
    )


def _advised(
    calls: Sequence[Call],
    question: Question,
    present: Mapping[str, Policy],
    findings: Mapping[str, tuple[GateFinding, ...]],
) -> dict[str, Advice]:
    nothing = advise((), question)[ALL_GROUPS]
    advice = advise(calls, question, present)
    for name, found in findings.items():
        refusal = _refusal(found)
        if refusal:
            advice[name] = replace(nothing, group=name, reason=refusal)
        elif name not in advice:
            advice[name] = replace(nothing, group=name)
    return advice


def _without_customer(
    advice: Mapping[str, Advice], replayed: Sequence[Call], found: Calls, customer: str | None
) -> dict[str, Advice]:
    """The advice for groups in whose calls the customer's label does not occur, which says so."""
    unheard = found.speakers_of_unheard
    speakers = {ALL_GROUPS: frozenset[str]().union(*unheard.values()), **unheard}
    heard = {call.group for call in replayed} | ({ALL_GROUPS} if replayed else set())
    return {
        name: replace(advice[name], reason=_not_heard(customer, labels))
        for name, labels in speakers.items()
        if customer and labels and name in advice and name not in heard
        if advice[name].reason == NO_SPEAKER_CHANGE
    }


def _not_heard(customer: str, labels: Iterable[str]) -> str:
    return (
        f"no call has a speaker {visible(customer)}: the speakers are called "
        f"{', '.join(sorted(map(visible, labels)))}; name the customer by one of these (customer, "
        "--customer), or leave it out for all speakers"
    )


def _can_be_judged(calls: Sequence[Call], question: Question) -> bool:
    return question.rule is not None and any(call.pauses.turn_own_ms.size for call in calls)


def _compared(
    calls: Sequence[Call], question: Question, present: Policy | None, presets: Presets
) -> Comparison | None:
    usable = [call for call in calls if call.pauses.turn_own_ms.size]
    if question.rule is None or len(usable) < FOLDS:
        return None
    rows = dict(question.named) | ({} if present is None else {PRESENT: present})
    return compare(usable, question, rows, lambda gaps_ms: _guides_choice(gaps_ms, presets))


def _guides_choice(gaps_ms: Integers, presets: Presets) -> Policy:
    choice = choose(gap_statistics(gaps_ms), presets)
    return Policy(choice.min_turn_silence_ms, choice.max_turn_silence_ms)


def _examined(evidence: Evidence) -> tuple[GateFinding, ...]:
    return examine(evidence.facts, evidence.word_ends if evidence.word_ends.recordings else None)


def _refusal(findings: Iterable[GateFinding]) -> str | None:
    """What the first gate that refuses saw; None where all let pass."""
    refusing = (each for each in findings if each.verdict is GateVerdict.REFUSE)
    return next((f"{each.gate}: {each.saw}; {each.do}" for each in refusing), None)
