"""AssemblyAI's streaming v3: parameters, messages, and sessions for `fermata.live`."""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.assemblyai.streaming.access import (
        Access,
        KeyAccess,
        TokenAccess,
        checked_streaming_url,
        fetch_token,
        token_base_url,
    )
    from fermata.assemblyai.streaming.parameters import (
        LlmGateway,
        LlmMessage,
        StreamingParameters,
        llm_gateway_for,
        streaming_parameters,
    )
    from fermata.assemblyai.streaming.provider import AssemblyAiProvider, StreamingTimes
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "Access",
    "AssemblyAiProvider",
    "KeyAccess",
    "LlmGateway",
    "LlmMessage",
    "StreamingParameters",
    "StreamingTimes",
    "TokenAccess",
    "checked_streaming_url",
    "fetch_token",
    "llm_gateway_for",
    "streaming_parameters",
    "token_base_url",
]
