"""Which messages are sent where, and what is only written beside a session."""

from fermata.migration.draft import Draft, Rule, always, by_switch, if_enabled
from fermata.migration.fates import Fate

_CALLBACK_URL = "callback_config.url"
_ONLY_FINALS = "the webhook gets the final turns only, in one POST after the session"


def _kept(note: str, target: str | None = None) -> Rule:
    return always(Fate.DROPPED, note, target)


def _unwanted(target: str) -> Rule:
    return always(Fate.CHANGED, f"{target} messages always come: pass over them", target)


def _callback(draft: Draft, path: str, value: object) -> None:
    if draft.given(_CALLBACK_URL) is None:
        draft.settle(path, value, Fate.INVALID, f"{_CALLBACK_URL} is missing: give the address")
    else:
        draft.settle(path, value, Fate.CHANGED, _ONLY_FINALS, "webhook_url")


def _callback_url(draft: Draft, path: str, value: object) -> None:
    if not str(value).startswith(("http://", "https://")):
        draft.settle(path, value, Fate.INVALID, "this is no http address", "webhook_url")
        return
    draft.parameters["webhook_url"] = value
    draft.settle(path, value, Fate.CHANGED, _ONLY_FINALS, "webhook_url")


_NO_MORE = by_switch(always(Fate.UNSUPPORTED, _ONLY_FINALS), _kept("it was off"))

_MESSAGES: dict[str, Rule] = {
    "receive_partial_transcripts": by_switch(
        _kept("partial turns always come", "Turn"), _unwanted("partial Turn")
    ),
    "receive_final_transcripts": by_switch(
        _kept("final turns always come", "Turn"), _unwanted("final Turn")
    ),
    "receive_speech_events": by_switch(
        always(
            Fate.CHANGED,
            "SpeechStarted comes from the Universal-3 models; nothing marks the end of speech",
            "SpeechStarted",
        ),
        _unwanted("SpeechStarted"),
    ),
    "receive_pre_processing_events": by_switch(
        _kept("there is no pre-processing to tell of"), _kept("it was off")
    ),
    "receive_realtime_processing_events": by_switch(
        always(
            Fate.MOVED,
            "the LLM Gateway's answers come as LLMGatewayResponse",
            "llm_gateway",
        ),
        _kept("nothing comes unless llm_gateway is set"),
    ),
    "receive_post_processing_events": by_switch(
        always(
            Fate.MOVED,
            "nothing comes after the session: keep the turns, and ask the LLM Gateway about them",
            "llm_gateway",
        ),
        _kept("nothing comes after the session"),
    ),
    "receive_acknowledgments": by_switch(
        always(
            Fate.UNSUPPORTED,
            "nothing is acknowledged, and a dropped session is not resumed: a new one begins",
        ),
        _kept("nothing is acknowledged"),
    ),
    "receive_errors": by_switch(_kept("Error always comes", "Error"), _unwanted("Error")),
    "receive_lifecycle_events": by_switch(
        _kept("Begin and Termination always come", "Begin, Termination"),
        _unwanted("Begin and Termination"),
    ),
}

_CALLBACK: dict[str, Rule] = {
    name: (
        by_switch(
            _kept("the webhook gets the final turns", "webhook_url"),
            always(Fate.UNSUPPORTED, _ONLY_FINALS),
        )
        if name == "receive_final_transcripts"
        else _NO_MORE
    )
    for name in _MESSAGES
}

RULES: dict[str, Rule] = {
    "custom_metadata": always(
        Fate.UNSUPPORTED, "a session carries no metadata: keep yours beside the session's id"
    ),
    **{f"messages_config.{name}": rule for name, rule in _MESSAGES.items()},
    "callback": by_switch(_callback, _kept("it was off")),
    _CALLBACK_URL: if_enabled("callback", _callback_url),
    **{f"callback_config.{name}": if_enabled("callback", rule) for name, rule in _CALLBACK.items()},
}
"""The rule for each field of this subject, by path."""
