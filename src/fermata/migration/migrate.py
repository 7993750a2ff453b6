"""Turns a Gladia session configuration into AssemblyAI's streaming parameters."""

import difflib
from collections.abc import Iterator, Mapping

from fermata.assemblyai.streaming.families import Family, family_of
from fermata.errors import UsageError
from fermata.migration import audio, language, messages, turns, understanding, vocabulary
from fermata.migration.draft import Draft, Rule
from fermata.migration.fates import Fate, FieldFate, Migration
from fermata.migration.problems import Problem, problems_of

# Gladia's defaults, which hold where the configuration says nothing.
_DEFAULT_SAMPLE_RATE_HZ = 16000
_DEFAULT_ENCODING = "pcm_s16le"

_RULES: dict[str, Rule] = {
    **audio.RULES,
    **language.RULES,
    **turns.RULES,
    **vocabulary.RULES,
    **understanding.RULES,
    **messages.RULES,
}
_SECTIONS = frozenset(
    path.rsplit(".", depth)[0] for path in _RULES for depth in range(1, path.count(".") + 1)
)


def migrate(gladia_config: Mapping[str, object], speech_model: str | None = None) -> Migration:
    """Migrates the body of `POST /v2/live`.

    Args:
        gladia_config: the body, as a JSON document gives it.
        speech_model: the streaming model to use; without it the one that the languages need.

    Returns:
        The parameters, and the fate of every field that was given.

    Raises:
        UsageError: the configuration is not a JSON object.
    """
    if not isinstance(gladia_config, Mapping):
        raise UsageError("not a Gladia configuration: give the JSON object of POST /v2/live")
    draft = _begin(gladia_config, speech_model)
    problems = problems_of(gladia_config)
    _settle(draft, dict(_leaves(gladia_config)), problems)
    of_fields = sorted((each for each in problems.values() if each.path), key=_unknown_last)
    draft.fates.extend(map(_fate_of, of_fields))
    draft.notes.extend(each.text for each in problems.values() if not each.path)
    draft.notes.extend(_notes(draft))
    return _finish(draft)


def _unknown_last(problem: Problem) -> bool:
    return problem.is_unknown


def _begin(config: Mapping[str, object], speech_model: str | None) -> Draft:
    draft = Draft(config, "", {})
    languages = language.languages_of(draft.given("language_config.languages"))
    draft.speech_model = speech_model or language.model_for(languages)
    draft.parameters = {
        "speech_model": draft.speech_model,
        "sample_rate": _DEFAULT_SAMPLE_RATE_HZ,
        "encoding": _DEFAULT_ENCODING,
    }
    if family_of(draft.speech_model) in {Family.WHISPER, Family.UNIVERSAL_STREAMING}:
        # The Universal-3 models format always, these on demand; Gladia's text is formatted.
        draft.parameters["format_turns"] = True
    return draft


def _leaves(config: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in config.items():
        path = f"{prefix}{name}"
        if path in _SECTIONS and isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{path}.")
        else:
            yield path, value


def _settle(draft: Draft, leaves: Mapping[str, object], problems: Mapping[str, Problem]) -> None:
    ruled = [path for path in _RULES if path in leaves]
    empty = [path for path in leaves if path in _SECTIONS]
    for path in (*ruled, *empty):
        value = leaves[path]
        if path in problems:
            continue
        if value is None or path in empty:
            draft.settle(path, value, Fate.DROPPED, "nothing was set")
        else:
            _RULES[path](draft, path, value)


def _fate_of(problem: Problem) -> FieldFate:
    if not problem.is_unknown:
        return FieldFate(problem.path, problem.value, Fate.INVALID, None, problem.text)
    note = "Gladia documents no such field"
    known = [path for path in (*_RULES, *_SECTIONS) if not problem.path.startswith(path)]
    if alike := difflib.get_close_matches(problem.path, known, n=1, cutoff=0.8):
        note = f"{note}; {alike[0]} may be meant"
    return FieldFate(problem.path, problem.value, Fate.UNKNOWN, None, note)


def _notes(draft: Draft) -> Iterator[str]:
    if family_of(draft.speech_model) is Family.UNKNOWN:
        yield (
            f"{draft.speech_model} is no streaming model of AssemblyAI's that Fermata knows: "
            "whether it exists, and which languages and parameters it takes, was not checked"
        )
    if "min_turn_silence" not in draft.parameters:
        yield (
            "endpointing is not set: Gladia ended an utterance at its default (0.05 s; 0.3 s in "
            "older documentation), AssemblyAI ends turns at its own"
        )
    missing = language.not_known(draft.speech_model, draft.given("language_config.languages"))
    if missing:
        yield f"{draft.speech_model} does not know {', '.join(missing)}: choose another model"
    yield (
        "Gladia drops a session after 30 s without audio; here a forgotten one is billed for up "
        "to 3 h: set inactivity_timeout and always send Terminate"
    )
    yield "times come in ms, not in seconds, and count from the start of each session"


def _finish(draft: Draft) -> Migration:
    return Migration(
        parameters=draft.parameters,
        sessions=draft.sessions,
        fates=tuple(draft.fates),
        turn_prompt=understanding.turn_prompt(draft.turn_tasks),
        session_prompt=understanding.session_prompt(draft.session_tasks),
        notes=tuple(draft.notes),
    )
