"""A client for AssemblyAI and for every server that speaks its language."""

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
