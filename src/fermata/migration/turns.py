"""The fields that say when an utterance ends, and what is taken for speech."""

from fermata.migration.draft import SWITCHED_OFF, Draft, Rule, always, by_switch
from fermata.migration.fates import Fate

_MS_PER_S = 1000
_SHORTEST_SILENCE_MS = 50
_DEFAULT_SPEECH_THRESHOLD = 0.6


def _endpointing(draft: Draft, path: str, value: object) -> None:
    assert isinstance(value, int | float)
    silence_ms = max(round(value * _MS_PER_S), _SHORTEST_SILENCE_MS)
    draft.parameters["min_turn_silence"] = silence_ms
    draft.parameters["max_turn_silence"] = silence_ms
    note = (
        f"{silence_ms} ms for both keeps Gladia's pure silence timer, fragments included; raise "
        "max_turn_silence to let an unfinished sentence run on, or calibrate on recordings"
    )
    draft.settle(path, value, Fate.CHANGED, note, "min_turn_silence, max_turn_silence")


def _speech_threshold(draft: Draft, path: str, value: object) -> None:
    if value == _DEFAULT_SPEECH_THRESHOLD:
        draft.settle(path, value, Fate.DROPPED, "it was Gladia's default", "vad_threshold")
        return
    note = (
        "the scales differ (Gladia's default is 0.6, the models' 0.2 to 0.4), so the model's "
        "default stays: move vad_threshold from there, the same way"
    )
    draft.settle(path, value, Fate.UNSUPPORTED, note, "vad_threshold")


RULES: dict[str, Rule] = {
    "endpointing": _endpointing,
    "maximum_duration_without_endpointing": always(
        Fate.UNSUPPORTED,
        "a turn lasts 60 s at most (10 s with speaker labels), which cannot be set; "
        "max_turn_silence is no substitute, it limits a silence and not a length",
    ),
    "pre_processing.audio_enhancer": by_switch(
        always(
            Fate.UNSUPPORTED,
            "voice_focus (near-field or far-field; universal-3-5-pro and later; billed extra) "
            "comes nearest: set it yourself",
            "voice_focus",
        ),
        SWITCHED_OFF,
    ),
    "pre_processing.speech_threshold": _speech_threshold,
}
"""The rule for each field of this subject, by path."""
