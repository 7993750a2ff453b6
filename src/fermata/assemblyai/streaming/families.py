"""Which streaming models take which parameters.

Models are told apart by the pattern of their names, because new ones come every few weeks. A
name that fits none passes through: then only ranges are checked.

Sources: the parameter tables of the streaming v3 reference and of the official skill (spring
to autumn 2026). "Refused" is what a person asked for and would not get, since the service
ignores it without a word; "without effect" changes nothing that matters.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum


class Family(Enum):
    """Models that behave alike."""

    UNIVERSAL_STREAMING = "universal-streaming"
    WHISPER = "whisper"
    U3_FIRST = "u3-rt"
    U3_LATER = "universal-3-5 and later"
    UNKNOWN = "unknown"


_PATTERNS = (
    (re.compile(r"universal-streaming-"), Family.UNIVERSAL_STREAMING),
    (re.compile(r"whisper-"), Family.WHISPER),
    (re.compile(r"u3-"), Family.U3_FIRST),
    (re.compile(r"_?universal-3-([5-9]|\d\d)"), Family.U3_LATER),
)

_UNIVERSAL = frozenset({Family.UNIVERSAL_STREAMING})
_FORMATTING = frozenset({Family.UNIVERSAL_STREAMING, Family.WHISPER})
_U3 = frozenset({Family.U3_FIRST, Family.U3_LATER})
_LATER = frozenset({Family.U3_LATER})

_REFUSED: dict[str, frozenset[Family]] = {
    "mode": _LATER,
    "prompt": _U3,
    "agent_context": _LATER,
    "language": _UNIVERSAL,
    "language_codes": _LATER,
    "voice_focus": _LATER,
    "voice_focus_threshold": _LATER,
    "speaker_labels": frozenset(Family) - {Family.WHISPER},
    "max_speakers": frozenset(Family) - {Family.WHISPER},
}
_WITHOUT_EFFECT: dict[str, frozenset[Family]] = {
    "format_turns": _FORMATTING,
    "end_of_turn_confidence_threshold": _UNIVERSAL,
    "interruption_delay": _LATER,
    "continuous_partials": _LATER,
    "previous_context_n_turns": _LATER,
    "acknowledge_silence": _U3,
    "language_detection": frozenset(Family),
}
_SINGLE_LANGUAGE = re.compile(r"universal-streaming-english")


@dataclass(frozen=True, slots=True)
class Fit:
    """How parameters fit a model.

    Attributes:
        refused: Those that the model lacks, and that were asked for on purpose.
        without_effect: Those that the model ignores, without harm.
    """

    refused: tuple[str, ...]
    without_effect: tuple[str, ...]


def family_of(speech_model: str) -> Family:
    """The family of a model, by its name.

    >>> family_of("u3-rt-pro"), family_of("universal-3-6-pro")
    (<Family.U3_FIRST: 'u3-rt'>, <Family.U3_LATER: 'universal-3-5 and later'>)
    """
    found = (family for pattern, family in _PATTERNS if pattern.match(speech_model))
    return next(found, Family.UNKNOWN)


def fit(speech_model: str, parameters: Collection[str]) -> Fit:
    """Tells which of the parameters a model lacks or ignores."""
    family = family_of(speech_model)
    if family is Family.UNKNOWN:
        return Fit((), ())
    return Fit(
        tuple(name for name in parameters if family not in _REFUSED.get(name, {family})),
        tuple(
            name
            for name in parameters
            if family not in _WITHOUT_EFFECT.get(name, {family})
            or (name == "language_detection" and _SINGLE_LANGUAGE.match(speech_model))
        ),
    )
