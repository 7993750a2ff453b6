"""AssemblyAI's LLM Gateway: questions about what was said, answered by a model."""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.assemblyai.gateway.client import GatewayClient
    from fermata.assemblyai.gateway.errors import (
        ModelFailedError,
        ModelRefusedError,
        NoModelAnsweredError,
    )
    from fermata.assemblyai.gateway.messages import Completion, Message, ModelFailure, Role, Usage
    from fermata.assemblyai.gateway.summary import SpokenTurn, Summary, summarise
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "Completion",
    "GatewayClient",
    "Message",
    "ModelFailedError",
    "ModelFailure",
    "ModelRefusedError",
    "NoModelAnsweredError",
    "Role",
    "SpokenTurn",
    "Summary",
    "Usage",
    "summarise",
]
