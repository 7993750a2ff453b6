"""What can be changed while a session runs, and what else may be said to the service.

Nothing is acknowledged, and a value that the service does not like ends the session (3006).
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from fermata.assemblyai.streaming.families import Family, family_of
from fermata.assemblyai.streaming.parameters import StreamingParameters, streaming_parameters
from fermata.errors import UsageError

TERMINATE = '{"type":"Terminate"}'
FORCE_ENDPOINT = '{"type":"ForceEndpoint"}'
KEEP_ALIVE = '{"type":"KeepAlive"}'

_ALL = frozenset({"keyterms_prompt", "min_turn_silence", "max_turn_silence", "session_heartbeat"})
_UNIVERSAL = _ALL | {"end_of_turn_confidence_threshold"}
_U3 = _ALL | {
    "prompt",
    "mode",
    "vad_threshold",
    "interruption_delay",
    "continuous_partials",
    "agent_context",
    "language_codes",
}
_CHANGEABLE = {
    Family.UNIVERSAL_STREAMING: _UNIVERSAL,
    Family.WHISPER: _ALL,
    Family.U3_FIRST: _U3,
    Family.U3_LATER: _U3,
    Family.UNKNOWN: _UNIVERSAL | _U3,
}


def configuration_update(
    current: StreamingParameters, changes: Mapping[str, Any]
) -> dict[str, object]:
    """The message that changes a running session.

    Args:
        current: The session's parameters.
        changes: New values by name; `keyterms_prompt` may be empty, which clears it.

    Raises:
        UsageError: Nothing to change, a name that can't be changed while the session runs, or
            a value out of range.
    """
    changeable = _CHANGEABLE[family_of(current.speech_model)]
    fixed = sorted(set(changes) - changeable)
    if fixed or not changes:
        raise UsageError(
            f"while a session runs, {', '.join(fixed) or 'nothing'} can't be changed with "
            f"{current.speech_model}: choose from {', '.join(sorted(changeable))}"
        )
    checked = streaming_parameters(current.model_dump() | dict(changes))
    message: dict[str, object] = {"type": "UpdateConfiguration"}
    for name in changes:
        value = getattr(checked, name)
        message[name] = value.model_dump() if isinstance(value, BaseModel) else value
    return message
