"""What Gladia adds to a transcript, which becomes work for the LLM Gateway."""

from collections.abc import Sequence

from fermata.gladia.languages import TRANSLATION_LANGUAGES
from fermata.migration.draft import SWITCHED_OFF, Draft, Rule, always, by_switch, if_enabled
from fermata.migration.fates import Fate

_GATEWAY = "llm_gateway"
_TRANSLATION = "realtime_processing.translation"
_SUMMARY = "post_processing.summarization"
_TURN_NOTE = "ask the LLM Gateway for it with turn_prompt, one answer for each final turn"
_SESSION_NOTE = "ask the LLM Gateway for it with session_prompt, once the session is over"

_SUMMARIES = {
    "general": "Summarise the conversation.",
    "bullet_points": "Summarise the conversation in bullet points.",
    "concise": "Summarise the conversation in one or two sentences.",
}


def turn_prompt(tasks: Sequence[str]) -> str | None:
    """One prompt for all that is asked of each turn; the service fills in `{{turn}}`."""
    if not tasks:
        return None
    lines = "\n".join(f"- {task}" for task in tasks)
    return f"Do the following with this turn of a conversation.\n{lines}\n\nTurn: {{{{turn}}}}"


def session_prompt(tasks: Sequence[str]) -> str | None:
    """One prompt for all that is asked of the whole transcript."""
    return "\n".join(tasks) or None


def _turn_task(task: str) -> Rule:
    def rule(draft: Draft, path: str, value: object) -> None:
        draft.turn_tasks.append(task)
        draft.settle(path, value, Fate.MOVED, _TURN_NOTE, _GATEWAY)

    return by_switch(rule, SWITCHED_OFF)


def _target_languages(draft: Draft, path: str, value: object) -> None:
    codes = value if isinstance(value, list) else []
    languages = ", ".join(code for code in codes if code in TRANSLATION_LANGUAGES)
    style = " in informal language" if draft.given(f"{_TRANSLATION}_config.informal") else ""
    context = draft.given(f"{_TRANSLATION}_config.context")
    about = f" The context: {context}" if isinstance(context, str) and context else ""
    draft.turn_tasks.append(f"Translate it into these languages{style}: {languages}.{about}")
    draft.settle(path, value, Fate.MOVED, _TURN_NOTE, _GATEWAY)


def _summarization(draft: Draft, path: str, value: object) -> None:
    kind = draft.given(f"{_SUMMARY}_config.type")
    task = _SUMMARIES.get(kind, _SUMMARIES["general"]) if isinstance(kind, str) else None
    draft.session_tasks.append(task or _SUMMARIES["general"])
    draft.settle(path, value, Fate.MOVED, _SESSION_NOTE, _GATEWAY)


def _chapterization(draft: Draft, path: str, value: object) -> None:
    draft.session_tasks.append("List its chapters, each with a headline and a short summary.")
    draft.settle(path, value, Fate.MOVED, f"deprecated at Gladia; {_SESSION_NOTE}", _GATEWAY)


def _translation_detail(rule: Rule) -> Rule:
    return if_enabled(_TRANSLATION, rule)


_IN_PROMPT = _translation_detail(always(Fate.MOVED, "it is part of turn_prompt", _GATEWAY))

RULES: dict[str, Rule] = {
    _TRANSLATION: by_switch(
        always(Fate.MOVED, f"by {_TRANSLATION}_config", _GATEWAY), SWITCHED_OFF
    ),
    f"{_TRANSLATION}_config.target_languages": _translation_detail(_target_languages),
    f"{_TRANSLATION}_config.model": _translation_detail(
        always(Fate.MOVED, "the quality follows from the LLM Gateway's model", _GATEWAY)
    ),
    f"{_TRANSLATION}_config.match_original_utterances": _translation_detail(
        by_switch(
            always(Fate.DROPPED, "each answer carries the turn_order of its turn"),
            always(Fate.UNSUPPORTED, "an answer always belongs to one turn"),
        )
    ),
    f"{_TRANSLATION}_config.lipsync": _translation_detail(
        by_switch(
            always(Fate.UNSUPPORTED, "a translated turn has no word times"),
            SWITCHED_OFF,
        )
    ),
    f"{_TRANSLATION}_config.context_adaptation": _translation_detail(
        always(Fate.MOVED, "the prompt decides: say in turn_prompt what matters", _GATEWAY)
    ),
    f"{_TRANSLATION}_config.context": _IN_PROMPT,
    f"{_TRANSLATION}_config.informal": _IN_PROMPT,
    "realtime_processing.named_entity_recognition": _turn_task(
        "List the named entities in it, each with its type."
    ),
    "realtime_processing.sentiment_analysis": _turn_task(
        "Give its sentiment (positive, negative, neutral or mixed) and its emotion."
    ),
    _SUMMARY: by_switch(_summarization, SWITCHED_OFF),
    f"{_SUMMARY}_config.type": if_enabled(
        _SUMMARY, always(Fate.MOVED, "it is part of session_prompt", _GATEWAY)
    ),
    "post_processing.chapterization": by_switch(_chapterization, SWITCHED_OFF),
}
"""The rule for each field of this subject, by path."""
