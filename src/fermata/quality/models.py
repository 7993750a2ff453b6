"""What the gates read and say: facts of a call, word ends against the sound, findings."""

from dataclasses import dataclass
from enum import StrEnum


class Gate(StrEnum):
    """What is looked at before any advice, in the order in which it is told."""

    SHORT_PAUSES = "short-pauses"
    RECOGNISERS = "recognisers"
    CLOCKS = "clocks"
    SPEAKERS = "speakers"
    LAPSES = "lapses"
    WORD_ENDS = "word-ends"


class GateVerdict(StrEnum):
    """What a gate makes of the evidence."""

    PASS = "pass"  # noqa: S105 - a verdict
    WARN = "warn"
    REFUSE = "refuse"
    NOT_MEASURED = "not-measured"


@dataclass(frozen=True, slots=True)
class GateFinding:
    """What a gate says.

    Attributes:
        gate: which one; a value of `Gate`.
        verdict: whether thresholds may be drawn from this evidence.
        saw: one line with the figures that decided.
        do: one line saying what to do; "nothing" where there is nothing to do.
    """

    gate: str
    verdict: GateVerdict
    saw: str
    do: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSource:
    """Where a call and its words come from.

    Attributes:
        recording_id: SHA-256 of the content, hex.
        options_hash: hash of the request options.
        group: first sub-folder below the source.
        name: path below the source it was found under.
        uri: where it was found.
        engine: what transcribed it (`assemblyai`, `local`).
        speech_model: the model that the service says it used.
        channels: number of channels of the recording, None where unknown.
    """

    recording_id: str
    options_hash: str
    group: str
    name: str
    uri: str
    engine: str
    speech_model: str | None
    channels: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """What the gates need to know of one call; a row of the table `quality`.

    Attributes:
        recording_id: SHA-256 of the content, hex.
        options_hash: hash of the request options.
        group: first sub-folder below the source.
        name: path below the source it was found under.
        uri: where it was found.
        engine: what transcribed it.
        speech_model: the model that the service says it used.
        channels: number of channels of the recording, None where unknown.
        unit: what one timed piece of the transcript holds (`word`, `chunk`, `segment`).
        words: how many timed pieces there are.
        speakers: how many speakers are told apart, `?` and the like not counted.
        unlabelled_words: how many pieces no speaker is known for.
        span_ms: from the first word to the end of the last one.
        speech_ms: how long anybody talks; two at once count twice.
        shortest_silences: silences within a speaker's turn of 200 to below 500 ms.
        short_silences: those of 500 to below 1,000 ms.
        long_silences: those of 1,000 to below 3,000 ms.
        double_talk_ms: how long the two who talk most do so at once.
        clock_talk_ms: how long the less talkative one of the two talks.
        clock_offset_ms: by how much his times would have to be moved for the least double
            talk; 0 where moving helps nothing, None where fewer than two speak.
        double_talk_moved_ms: how long the two talk at once after such a move.
        clock_changes: how often the word passes from one of the two to the other.
        speaker_changes: how often the next word is somebody else's.
        swaps: how often a short run of another speaker stands in mid-sentence without a breath.
        silence_ms: time in stretches of at least 5 s in which nobody talks.
        long_stretches: stretches of more than 30 s in which nobody talks.
        longest_silence_ms: the longest stretch in which nobody talks.
    """

    recording_id: str
    options_hash: str
    group: str
    name: str
    uri: str
    engine: str
    speech_model: str | None
    channels: int | None
    unit: str
    words: int
    speakers: int
    unlabelled_words: int
    span_ms: int
    speech_ms: int
    shortest_silences: int
    short_silences: int
    long_silences: int
    double_talk_ms: int
    clock_talk_ms: int
    clock_offset_ms: int | None
    double_talk_moved_ms: int
    clock_changes: int
    speaker_changes: int
    swaps: int
    silence_ms: int
    long_stretches: int
    longest_silence_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WordEnds:
    """The word ends of one recording against the sound.

    Attributes:
        recording_id: SHA-256 of the content, hex.
        options_hash: hash of the request options.
        differences_ms: a word's end minus the end of speech in the sound, for each word
            before a silence for which there is one; above 0 the word ends too late.
        unmatched: words before a silence for which the sound has no end of speech nearby.
        listened_ms: how much of the recording was listened to.
    """

    recording_id: str
    options_hash: str
    differences_ms: tuple[int, ...]
    unmatched: int
    listened_ms: int


@dataclass(frozen=True, slots=True)
class WordEndSample:
    """The word ends of some recordings.

    Attributes:
        recordings: those measured, in the order of their ids.
        not_at_hand: how many more were chosen whose audio could not be read.
    """

    recordings: tuple[WordEnds, ...]
    not_at_hand: int
