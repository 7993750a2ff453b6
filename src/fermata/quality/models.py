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
        pieces: how many timed pieces there are.
        span_ms: from the start of the first to the end of the last.
        speech_ms: how long anybody talks; two at once count twice.
        pauses_from_200_ms: silences within a turn of 200 to below 500 ms.
        pauses_from_500_ms: those of 500 to below 1,000 ms.
        pauses_from_1000_ms: those of 1,000 to below 3,000 ms.
        clock_windows: stretches of about five minutes in which two clocks could be compared.
        clock_windows_off: those in which one speaker's times are off against the other's.
        clock_talk_ms: speech of the less talkative one in the compared windows.
        clock_talk_off_ms: the same in the windows that are off.
        clock_double_talk_ms: how long both talk at once in the compared windows.
        clock_double_talk_moved_ms: the same, with the windows that are off moved into place.
        clock_offset_ms: the largest offset found; None where no window is off.
        speakers: how many are told apart, unknown ones not counted.
        unknown_words: how many pieces no speaker is known for.
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
    pieces: int
    span_ms: int
    speech_ms: int
    pauses_from_200_ms: int
    pauses_from_500_ms: int
    pauses_from_1000_ms: int
    clock_windows: int
    clock_windows_off: int
    clock_talk_ms: int
    clock_talk_off_ms: int
    clock_double_talk_ms: int
    clock_double_talk_moved_ms: int
    clock_offset_ms: int | None
    speakers: int
    unknown_words: int
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
        differences_ms: for each silence of the sound at which the transcript has one too: the
            end of the last word minus the end of speech; above 0 the word ends too late.
        unmatched: silences of the sound, within the words' span, at which the transcript has
            none: words stretch over them.
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
