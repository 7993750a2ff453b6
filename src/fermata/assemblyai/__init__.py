"""A client for AssemblyAI and for every server that speaks its language."""

from fermata.assemblyai.options import MultichannelMode, TranscriptOptions, options_for

__all__ = ["MultichannelMode", "TranscriptOptions", "options_for"]
