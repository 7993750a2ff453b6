"""Whether words are given to the right speaker.

A diarization that swaps speakers in mid-turn makes two shifts out of a run of words without a
breath: A-B-A within one sentence, each word starting as the one before ends. People who answer
or interrupt leave a gap or overlap; both joints within `JOINT_MS`, in mid-sentence, are rare.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from fermata.quality.bounds import share_bounds
from fermata.quality.models import CallFacts, Gate, GateFinding, GateVerdict
from fermata.quality.wording import named, percent
from fermata.turntaking import Conversation, Word
from fermata.turntaking.transcripts import UNKNOWN_SPEAKER

UNKNOWN_LABELS = frozenset({UNKNOWN_SPEAKER.lower(), "", "unknown", "pending", "none", "null"})
"""Labels that name nobody: `UNKNOWN` and `PENDING` as AssemblyAI's streams send them, and what
is written where a transcript names no speaker at all; compared in small letters."""

JOINT_MS = 50
"""The longest silence at either joint of a swapped run."""

LONGEST_RUN_MS = 1_500
"""The longest swapped run: a few words."""

WARN_FROM = 0.03
"""Swaps per change of speaker. Measured: earnings21 0, naija-nsc 0, spjallromur 0.0003, ifadv
0.001, rhapsodie 0.010 (its worst call 0.024). With runs of one to four words swapped on purpose
until rhapsodie has 0.046, the Balanced preset cuts in on 22.2 instead of 23.4 % of its turns, and
the mean wait is a fifth longer."""

REFUSE_FROM = 0.1
"""From here on a fifth of all changes of speaker never happened, since each swap makes two. With
0.11, swapped on purpose, spjallromur has two thirds more turns, cut-ins on 23.3 instead of
28.2 % of them, and a mean wait of 943 instead of 683 ms."""

WARN_UNKNOWN_FROM = 0.02
"""Share of words that nobody is known to have said: a word or two around each change of speaker
(earnings21 has one change in 120 words, spjallromur one in 7)."""

REFUSE_UNKNOWN_FROM = 0.2
"""One word in five without a speaker: more than the words that stand next to a change."""

WARN_SINGLE_FROM = 0.1
"""Share of calls in which one speaker is told apart at most: none of the dialogues here."""

REFUSE_SINGLE_FROM = 0.5
"""Most calls show no change of speaker: most likely nobody asked for speakers or channels."""


@dataclass(frozen=True, slots=True)
class SpeakerCheck:
    """How the words of a call go from speaker to speaker.

    Attributes:
        speakers: how many are told apart, unknown ones not counted.
        unknown_words: how many pieces no speaker is known for.
        changes: how often the next word is somebody else's.
        swaps: how often a short run of another speaker stands in mid-sentence without a breath.
    """

    speakers: int
    unknown_words: int
    changes: int
    swaps: int


@dataclass(frozen=True, slots=True)
class _Run:
    speaker: str
    start_ms: int
    end_ms: int
    last: Word


def check_speakers(conversation: Conversation) -> SpeakerCheck:
    """Counts speakers, changes of speaker, and those that look like a swap."""
    runs = list(_runs(conversation.words))
    unknown = {name for name in conversation.speakers if name.lower() in UNKNOWN_LABELS}
    triples = zip(runs, runs[1:], runs[2:], strict=False)
    return SpeakerCheck(
        speakers=len(conversation.speakers) - len(unknown),
        unknown_words=sum(word.speaker in unknown for word in conversation.words),
        changes=max(len(runs) - 1, 0),
        swaps=sum(_is_swap(*triple, conversation.is_punctuated) for triple in triples),
    )


def _runs(words: Sequence[Word]) -> Iterator[_Run]:
    """Words of one speaker that follow each other."""
    if not words:
        return
    first, end_ms = words[0], words[0].end_ms
    for word, following in pairwise(words):
        if following.speaker != word.speaker:
            yield _Run(word.speaker, first.start_ms, end_ms, word)
            first, end_ms = following, following.end_ms
        end_ms = max(end_ms, following.end_ms)
    yield _Run(first.speaker, first.start_ms, end_ms, words[-1])


def _is_swap(before: _Run, run: _Run, after: _Run, is_punctuated: bool) -> bool:  # noqa: FBT001
    return (
        before.speaker == after.speaker
        and run.end_ms - run.start_ms <= LONGEST_RUN_MS
        and 0 <= run.start_ms - before.end_ms <= JOINT_MS
        and 0 <= after.start_ms - run.end_ms <= JOINT_MS
        and not (is_punctuated and before.last.ends_sentence)
    )


def speakers_gate(facts: Sequence[CallFacts]) -> GateFinding:
    """Whether speakers are told apart well enough; the worst of three findings."""
    if not any(each.pieces for each in facts):
        return _finding(GateVerdict.NOT_MEASURED, "no call has words", "nothing")
    parts = [_single(facts), _unknown(facts), _swapped(facts)]
    wrong = [part for part in parts if part.verdict is not GateVerdict.PASS]
    if not wrong:
        return _finding(GateVerdict.PASS, "; ".join(part.saw for part in parts), "nothing")
    refused = any(part.verdict is GateVerdict.REFUSE for part in wrong)
    return _finding(
        GateVerdict.REFUSE if refused else GateVerdict.WARN,
        "; ".join(part.saw for part in wrong),
        "; ".join(part.do for part in wrong),
    )


def _single(facts: Sequence[CallFacts]) -> GateFinding:
    single = [each for each in facts if each.speakers < 2]  # noqa: PLR2004 - a dialogue takes two
    share = len(single) / len(facts)
    saw = f"{len(single)} of {len(facts)} calls have one speaker at most"
    do = "ask for speaker labels or channels, or leave these calls out"
    return _graded(share, (WARN_SINGLE_FROM, REFUSE_SINGLE_FROM), _with_names(saw, single), do)


def _unknown(facts: Sequence[CallFacts]) -> GateFinding:
    unknown = _by_most(facts, lambda each: each.unknown_words)
    share = sum(each.unknown_words for each in unknown) / sum(each.pieces for each in facts)
    saw = f"{percent(share)} of the words have no known speaker"
    do = "use the transcript after its speakers are settled, or one with channels"
    return _graded(share, (WARN_UNKNOWN_FROM, REFUSE_UNKNOWN_FROM), _with_names(saw, unknown), do)


def _swapped(facts: Sequence[CallFacts]) -> GateFinding:
    swapped = _by_most(facts, lambda each: each.swaps)
    swaps = sum(each.swaps for each in swapped)
    changes = sum(each.speaker_changes for each in facts)
    low, _ = share_bounds(swaps, changes)
    saw = f"{swaps} of {changes} changes of speaker stand in mid-sentence without a breath"
    do = "transcribe by channel, or with a diarization that knows the number of speakers"
    return _graded(low, (WARN_FROM, REFUSE_FROM), _with_names(saw, swapped), do)


def _by_most(facts: Sequence[CallFacts], count: Callable[[CallFacts], int]) -> list[CallFacts]:
    found = (each for each in facts if count(each))
    return sorted(found, key=lambda each: (-count(each), each.recording_id))


def _with_names(saw: str, calls: Sequence[CallFacts]) -> str:
    return f"{saw} ({named(calls)})" if calls else saw


def _graded(share: float, borders: tuple[float, float], saw: str, do: str) -> GateFinding:
    warn_from, refuse_from = borders
    if share >= refuse_from:
        return _finding(GateVerdict.REFUSE, saw, do)
    return _finding(GateVerdict.WARN if share >= warn_from else GateVerdict.PASS, saw, do)


def _finding(verdict: GateVerdict, saw: str, do: str) -> GateFinding:
    return GateFinding(Gate.SPEAKERS, verdict, saw, do)
