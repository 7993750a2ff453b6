"""AssemblyAI's turn settings said to Gladia, and what gets lost on the way.

Gladia has one rule: a silence of `endpointing` seconds ends an utterance, whatever was said.
It has no look at the sentence, so nothing corresponds to AssemblyAI's two-step rule.
"""

from dataclasses import dataclass

SHORTEST_ENDPOINTING_S = 0.01
LONGEST_ENDPOINTING_S = 10.0
LONGEST_UTTERANCE_S = 60.0

_MS_PER_S = 1000


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """What ends a turn at AssemblyAI.

    Attributes:
        min_turn_silence_ms: silence after which a complete sentence ends the turn.
        max_turn_silence_ms: silence that ends it in any case.
        end_of_turn_confidence_threshold: 0 to 1, for the models that take one.
        vad_threshold: 0 to 1, what counts as speech.
    """

    min_turn_silence_ms: int
    max_turn_silence_ms: int
    end_of_turn_confidence_threshold: float | None = None
    vad_threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Endpointing:
    """What ends an utterance at Gladia.

    Attributes:
        endpointing_s: pure silence that ends it.
        maximum_duration_s: its greatest length under unbroken speech.
        notes: one line for each setting that has no counterpart or another meaning.
    """

    endpointing_s: float
    maximum_duration_s: float
    notes: tuple[str, ...]


def endpointing_for(settings: TurnSettings) -> Endpointing:
    """Gladia's settings for the turn settings of AssemblyAI.

    `endpointing` follows the shorter silence: it keeps the presets inside what Gladia advises
    (0.05 to 0.5 s for conversations), where the longer one would merge whole exchanges.
    """
    wanted_s = settings.min_turn_silence_ms / _MS_PER_S
    endpointing_s = min(max(wanted_s, SHORTEST_ENDPOINTING_S), LONGEST_ENDPOINTING_S)
    notes = [
        (
            f"min_turn_silence {settings.min_turn_silence_ms} ms became endpointing "
            f"{endpointing_s:g} s: pure silence, with no look at whether the sentence is complete"
        ),
        (
            f"max_turn_silence {settings.max_turn_silence_ms} ms has no counterpart: "
            "an unfinished sentence gets no longer silence than a finished one"
        ),
        (
            f"maximum_duration_without_endpointing is {LONGEST_UTTERANCE_S:g} s, the longest "
            "turn of AssemblyAI: it limits the length of an utterance, not a silence"
        ),
    ]
    if settings.end_of_turn_confidence_threshold is not None:
        notes.append(
            "end_of_turn_confidence_threshold has no counterpart: Gladia has no confidence "
            "that a turn is over"
        )
    if settings.vad_threshold is not None:
        notes.append(
            "vad_threshold was not carried over: pre_processing.speech_threshold has another "
            "scale (0.6 is its default)"
        )
    return Endpointing(endpointing_s, LONGEST_UTTERANCE_S, tuple(notes))
