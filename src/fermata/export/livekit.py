"""The choice for LiveKit Agents: its AssemblyAI plugin, or its own endpointing delays.

Sources: livekit/agents 1.7.0, `livekit-agents/livekit/agents/voice/turn.py` (names, seconds,
defaults 0.5 and 3.0), `.../voice/audio_recognition.py` (how the delays are counted) and
`livekit-plugins/livekit-plugins-assemblyai/.../stt.py` (`max_turn_silence` follows
`min_turn_silence`, and that is 100 ms, unless both are given);
docs.livekit.io/reference/agents/turn-handling-options; assemblyai.com/docs/integrations/livekit.
"""

from fermata.export.assemblyai import fitted_silences
from fermata.export.handover import (
    Export,
    Form,
    Mark,
    SettingFate,
    Stack,
    carried,
    lost_threshold,
)
from fermata.export.recommendation import Recommendation
from fermata.export.texts import keywords
from fermata.export.units import Fitted, seconds
from fermata.migration import Fate

PLUGIN_MODELS = frozenset(
    {
        "universal-streaming-english",
        "universal-streaming-multilingual",
        "u3-rt-pro",
        "u3-rt-pro-beta-1",
        "u3-pro",
        "universal-3-5-pro",
    }
)
"""The models that the plugin of 1.7.0 names."""

_RENAMED = {
    "min_end_of_turn_silence_when_confident": "min_turn_silence",
    "min_endpointing_delay": "turn_handling.endpointing.min_delay",
    "max_endpointing_delay": "turn_handling.endpointing.max_delay",
}
_NO_RANGE = "LiveKit documents no range for min_delay and max_delay, so none was checked"


def export(recommendation: Recommendation) -> Export:
    """The choice in the names of LiveKit Agents."""
    notes = [_NO_RANGE]
    if recommendation.speech_model not in PLUGIN_MODELS:
        notes.append(
            f"the AssemblyAI plugin of LiveKit Agents 1.7.0 does not name the model "
            f"{recommendation.speech_model}: look whether yours does"
        )
    return Export(
        Stack.LIVEKIT,
        (_ended_by_assemblyai(recommendation), _ended_by_livekit(recommendation)),
        tuple(notes),
    )


def _ended_by_assemblyai(recommendation: Recommendation) -> Form:
    silences = fitted_silences(recommendation)
    model = recommendation.speech_model
    options = {"model": model} | {name: fate.sent for name, fate in silences.items()}
    turns = {"turn_detection": "stt", "endpointing": {"min_delay": 0.0}}
    text = (
        "from livekit.agents import AgentSession\n"
        "from livekit.plugins import assemblyai\n\n"
        f"session = AgentSession(\n    stt=assemblyai.STT(\n{keywords(options, 8)}\n    ),\n"
        '    turn_handling={"turn_detection": "stt", "endpointing": {"min_delay": 0.0}},\n)'
    )
    return Form(
        "stt",
        "AssemblyAI ends the turn, through LiveKit's plugin",
        {"stt": options, "turn_handling": turns},
        text,
        (
            carried("speech_model", model, "model", Fitted(model), "as it is", fate=Fate.MAPPED),
            *silences.values(),
            _no_delay_on_top(),
        ),
        marks=(Mark("turn_detection", "stt"), Mark("min_turn_silence"), Mark("max_turn_silence")),
        renamed=_RENAMED,
    )


def _no_delay_on_top() -> SettingFate:
    return SettingFate(
        "endpointing.min_delay",
        None,
        Fate.CHANGED,
        "endpointing.min_delay",
        0.0,
        "LiveKit's default of 0.5 s would come on top of AssemblyAI's end of turn where the "
        "session has no VAD of its own; max_delay plays no part here",
    )


def _ended_by_livekit(recommendation: Recommendation) -> Form:
    shortest_s = seconds(recommendation.min_turn_silence_ms)
    longest_s = seconds(recommendation.max_turn_silence_ms)
    text = (
        "from livekit.agents import AgentSession\n\n"
        "session = AgentSession(\n"
        f'    turn_handling={{"endpointing": {{"min_delay": {shortest_s}, '
        f'"max_delay": {longest_s}}}}},\n)'
    )
    return Form(
        "turn-detector",
        "LiveKit's turn detector ends the turn",
        {"turn_handling": {"endpointing": {"min_delay": shortest_s, "max_delay": longest_s}}},
        text,
        (
            carried(
                "min_turn_silence",
                recommendation.min_turn_silence_ms,
                "endpointing.min_delay",
                Fitted(shortest_s),
                "in seconds; what sounds complete is judged by LiveKit's model",
            ),
            carried(
                "max_turn_silence",
                recommendation.max_turn_silence_ms,
                "endpointing.max_delay",
                Fitted(longest_s),
                "in seconds; used where the model holds the turn for unfinished",
            ),
            *lost_threshold(
                recommendation.end_of_turn_confidence_threshold,
                "LiveKit's detector has thresholds of its own, one for each language",
            ),
        ),
        marks=(Mark("endpointing"), Mark("min_delay"), Mark("max_delay")),
        renamed=_RENAMED,
    )
