"""A client for AssemblyAI and for every server that speaks its language."""

from typing import TYPE_CHECKING

from fermata.deferred import deferred

if TYPE_CHECKING:
    from fermata.assemblyai.client import AssemblyAIClient, ReceivedTranscript
    from fermata.assemblyai.errors import (
        AuthenticationError,
        ConnectionFailedError,
        ContentChangedError,
        ContentError,
        ContentUnreadableError,
        RateLimitedError,
        RequestRejectedError,
        ServiceError,
        ServiceUnavailableError,
        StoppedError,
        TransientServiceError,
        UnknownTranscriptError,
    )
    from fermata.assemblyai.options import (
        LOCAL_ENGINE,
        MultichannelMode,
        TranscriptOptions,
        options_for,
    )
    from fermata.assemblyai.retry import RetryPolicy
    from fermata.assemblyai.transport import Timeouts
else:
    __getattr__ = deferred(__name__)

__all__ = [
    "LOCAL_ENGINE",
    "AssemblyAIClient",
    "AuthenticationError",
    "ConnectionFailedError",
    "ContentChangedError",
    "ContentError",
    "ContentUnreadableError",
    "MultichannelMode",
    "RateLimitedError",
    "ReceivedTranscript",
    "RequestRejectedError",
    "RetryPolicy",
    "ServiceError",
    "ServiceUnavailableError",
    "StoppedError",
    "Timeouts",
    "TranscriptOptions",
    "TransientServiceError",
    "UnknownTranscriptError",
    "options_for",
]
