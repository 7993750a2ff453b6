"""Every stack that a choice can be handed over to, and the one door to them."""

from collections.abc import Callable

from fermata.export import assemblyai, deepgram, gladia, livekit, openai, pipecat, vapi
from fermata.export.handover import Export, Stack
from fermata.export.recommendation import Recommendation

_STACKS: dict[Stack, Callable[[Recommendation], Export]] = {
    Stack.ASSEMBLYAI: assemblyai.export,
    Stack.LIVEKIT: livekit.export,
    Stack.PIPECAT: pipecat.export,
    Stack.GLADIA: gladia.export,
    Stack.DEEPGRAM: deepgram.export,
    Stack.OPENAI: openai.export,
    Stack.VAPI: vapi.export,
}


def export(recommendation: Recommendation, stack: Stack) -> Export:
    """Says a recommendation in the names and units of a stack."""
    return _STACKS[stack](recommendation)
