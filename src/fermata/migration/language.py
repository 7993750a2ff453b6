"""The languages and the model that follows from them."""

from collections.abc import Sequence

from fermata.assemblyai.streaming.families import Family, family_of, fit
from fermata.gladia.languages import TRANSCRIPTION_LANGUAGES
from fermata.migration.draft import Draft, Rule
from fermata.migration.fates import Fate

BASE_MODEL = "u3-rt-pro"
WIDER_MODEL = "universal-3-5-pro"
WIDEST_MODEL = "whisper-rt"

# AssemblyAI's page "What languages are supported for Streaming Speech-to-text?".
_BASE_LANGUAGES = frozenset({"en", "es", "de", "fr", "pt", "it"})
_WIDER_LANGUAGES = _BASE_LANGUAGES | frozenset(
    {"tr", "nl", "sv", "no", "da", "fi", "hi", "vi", "ar", "he", "ja", "ur", "zh"}
)
_LANGUAGES_OF = {Family.U3_FIRST: _BASE_LANGUAGES, Family.U3_LATER: _WIDER_LANGUAGES}
_MOST_LANGUAGE_CODES = 10


def languages_of(value: object) -> tuple[str, ...]:
    """The language codes in a `languages` field, each once and without those Gladia lacks."""
    entries = value if isinstance(value, list) else []
    return tuple(
        dict.fromkeys(
            code for code in entries if isinstance(code, str) and code in TRANSCRIPTION_LANGUAGES
        )
    )


def model_for(languages: Sequence[str]) -> str:
    """The streaming model that knows all of `languages`, the guides' one where it does."""
    wanted = set(languages)
    if wanted <= _BASE_LANGUAGES:
        return BASE_MODEL
    return WIDER_MODEL if wanted <= _WIDER_LANGUAGES else WIDEST_MODEL


def not_known(speech_model: str, value: object) -> tuple[str, ...]:
    """Which languages of a `languages` field the model is documented not to know."""
    known = _LANGUAGES_OF.get(family_of(speech_model))
    return () if known is None else tuple(each for each in languages_of(value) if each not in known)


def _takes_language_codes(speech_model: str) -> bool:
    return not fit(speech_model, ("language_codes",)).refused


def _languages(draft: Draft, path: str, value: object) -> None:
    languages = languages_of(value)
    model = draft.speech_model
    if len(languages) != 1:
        draft.parameters["language_detection"] = True
    if not languages:
        note = "no language was set: it is detected, and named with each final turn"
        draft.settle(path, value, Fate.MAPPED, note, "language_detection")
    elif not _takes_language_codes(model):
        note = (
            f"{model} takes no language parameter and detects the language itself; "
            f"{WIDER_MODEL} can be held to some with language_codes"
        )
        draft.settle(path, value, Fate.CHANGED, note, "speech_model")
    elif len(languages) > _MOST_LANGUAGE_CODES:
        note = (
            f"language_codes takes {_MOST_LANGUAGE_CODES} languages, so none was set: "
            "the language is detected"
        )
        draft.settle(path, value, Fate.CHANGED, note, "language_codes")
    else:
        draft.parameters["language_codes"] = list(languages)
        draft.settle(path, value, Fate.MAPPED, "the same codes", "language_codes")


def _code_switching(draft: Draft, path: str, value: object) -> None:
    if len(languages_of(draft.given("language_config.languages"))) == 1:
        note = "one language was set, so Gladia ignored it"
        draft.settle(path, value, Fate.DROPPED, note)
    elif value and family_of(draft.speech_model) is Family.UNKNOWN:
        note = "whether this model follows a change of language is not known here"
        draft.settle(path, value, Fate.UNSUPPORTED, note)
    elif value:
        note = f"{draft.speech_model} follows a change of language without a parameter"
        draft.settle(path, value, Fate.DROPPED, note)
    else:
        note = (
            "Gladia kept the language of the first utterance; here it may change with every "
            "turn: name one language to hold it"
        )
        draft.settle(path, value, Fate.CHANGED, note, "language_detection")


def _model(draft: Draft, path: str, value: object) -> None:
    note = f"{draft.speech_model} was chosen; name another with the languages and the price in mind"
    draft.settle(path, value, Fate.CHANGED, note, "speech_model")


RULES: dict[str, Rule] = {
    "model": _model,
    "language_config.languages": _languages,
    "language_config.code_switching": _code_switching,
}
"""The rule for each field of this subject, by path."""
