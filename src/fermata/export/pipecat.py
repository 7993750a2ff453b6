"""The choice for Pipecat: its AssemblyAI service, Smart Turn, or a plain speech timeout.

Sources: pipecat-ai/pipecat 1.7.0, `src/pipecat/services/assemblyai/stt.py` (which models may
end a turn), `src/pipecat/audio/vad/vad_analyzer.py` (`stop_secs` 0.2),
`src/pipecat/audio/turn/smart_turn/base_smart_turn.py` (`stop_secs` 3) and
`src/pipecat/turns/user_stop/speech_timeout_user_turn_stop_strategy.py` (0.6 s, counted after
the VAD's stop). All are seconds; no ranges are documented.
"""

from fermata.export.assemblyai import fitted_silences
from fermata.export.handover import Export, Form, Mark, Stack, carried, lost, lost_threshold
from fermata.export.recommendation import Recommendation
from fermata.export.texts import keywords
from fermata.export.units import Fitted, seconds
from fermata.migration import Fate

VAD_STOP_MS = 200
"""Pipecat's default silence before its VAD says that speech stopped."""

_ENDING_MODELS = ("u3-rt-pro", "universal-3-5-pro")
_RENAMED = {"min_end_of_turn_silence_when_confident": "min_turn_silence"}
_NO_RANGE = "Pipecat documents no range for its seconds, so none was checked"
_MEASURED_WITH = (
    f"Pipecat's waiting times for each recogniser assume VADParams.stop_secs "
    f"{seconds(VAD_STOP_MS)}; with another value it warns and asks for a measured ttfs_p99_latency"
)
_NO_THRESHOLD = "Pipecat's own turn detection has no such threshold"


def export(recommendation: Recommendation) -> Export:
    """The choice in the names of Pipecat."""
    own = (_smart_turn(recommendation), _speech_timeout(recommendation))
    notes = (_NO_RANGE, _MEASURED_WITH)
    model = recommendation.speech_model
    if model.startswith(_ENDING_MODELS):
        return Export(Stack.PIPECAT, (_ended_by_assemblyai(recommendation), *own), notes)
    refusal = f"Pipecat 1.7.0 lets only {' and '.join(_ENDING_MODELS)} end a turn, not {model}"
    return Export(Stack.PIPECAT, own, (refusal, *notes))


def _ended_by_assemblyai(recommendation: Recommendation) -> Form:
    silences = fitted_silences(recommendation)
    model = recommendation.speech_model
    options = {"model": model} | {name: fate.sent for name, fate in silences.items()}
    text = (
        "import os\n\n"
        "from pipecat.services.assemblyai.stt import AssemblyAISTTService\n\n"
        "stt = AssemblyAISTTService(\n"
        '    api_key=os.environ["ASSEMBLYAI_API_KEY"],\n'
        "    vad_force_turn_endpoint=False,\n"
        f"    settings=AssemblyAISTTService.Settings(\n{keywords(options, 8)}\n    ),\n)"
    )
    ending = "with its default, true, Pipecat sets max_turn_silence to min_turn_silence"
    return Form(
        "assemblyai",
        "AssemblyAI ends the turn, through Pipecat's service",
        {"AssemblyAISTTService": {"vad_force_turn_endpoint": False, "settings": options}},
        text,
        (
            carried("speech_model", model, "model", Fitted(model), "as it is", fate=Fate.MAPPED),
            *silences.values(),
            carried(
                "vad_force_turn_endpoint",
                None,
                "vad_force_turn_endpoint",
                Fitted(value=False),
                ending,
            ),
        ),
        marks=(Mark("vad_force_turn_endpoint"), Mark("min_turn_silence"), Mark("max_turn_silence")),
        renamed=_RENAMED,
    )


def _smart_turn(recommendation: Recommendation) -> Form:
    shortest_s = seconds(recommendation.min_turn_silence_ms)
    longest_s = seconds(recommendation.max_turn_silence_ms)
    text = (
        "from pipecat.audio.turn.smart_turn.base_smart_turn import SmartTurnParams\n"
        "from pipecat.audio.vad.vad_analyzer import VADParams\n\n"
        f"vad_params = VADParams(stop_secs={shortest_s})\n"
        f"smart_turn_params = SmartTurnParams(stop_secs={longest_s})"
    )
    return Form(
        "smart-turn",
        "Smart Turn ends the turn",
        {
            "VADParams": {"stop_secs": shortest_s},
            "SmartTurnParams": {"stop_secs": longest_s},
        },
        text,
        (
            carried(
                "min_turn_silence",
                recommendation.min_turn_silence_ms,
                "VADParams.stop_secs",
                Fitted(shortest_s),
                "in seconds; after it Smart Turn judges whether the turn sounds complete",
            ),
            carried(
                "max_turn_silence",
                recommendation.max_turn_silence_ms,
                "SmartTurnParams.stop_secs",
                Fitted(longest_s),
                "in seconds; ends a turn that Smart Turn holds for unfinished",
            ),
            *lost_threshold(recommendation.end_of_turn_confidence_threshold, _NO_THRESHOLD),
        ),
        marks=(Mark("SmartTurnParams"),),
    )


def _speech_timeout(recommendation: Recommendation) -> Form:
    stop_ms = min(recommendation.min_turn_silence_ms, VAD_STOP_MS)
    stop_s = seconds(stop_ms)
    rest_s = seconds(recommendation.min_turn_silence_ms - stop_ms)
    text = (
        "from pipecat.audio.vad.vad_analyzer import VADParams\n"
        "from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy\n\n"
        f"vad_params = VADParams(stop_secs={stop_s})\n"
        f"stop_strategy = SpeechTimeoutUserTurnStopStrategy(user_speech_timeout={rest_s})"
    )
    return Form(
        "speech-timeout",
        "silence alone ends the turn",
        {
            "VADParams": {"stop_secs": stop_s},
            "SpeechTimeoutUserTurnStopStrategy": {"user_speech_timeout": rest_s},
        },
        text,
        (
            carried(
                "min_turn_silence",
                recommendation.min_turn_silence_ms,
                "VADParams.stop_secs + user_speech_timeout",
                Fitted(f"{stop_s} + {rest_s}"),
                "in seconds, one after the other: pure silence, with no look at the sentence",
            ),
            lost(
                "max_turn_silence",
                recommendation.max_turn_silence_ms,
                "an unfinished sentence gets no longer silence than a finished one",
            ),
            *lost_threshold(recommendation.end_of_turn_confidence_threshold, _NO_THRESHOLD),
        ),
        marks=(Mark("user_speech_timeout"),),
    )
