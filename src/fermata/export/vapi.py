"""The choice for Vapi: its start speaking plan, or the transcriber of AssemblyAI under it.

Sources: docs.vapi.ai/customization/voice-pipeline-configuration (the order of the plans); the
API's schemas StartSpeakingPlan (`waitSeconds` 0 to 5, default 0.4), TranscriptionEndpointingPlan
(each 0 to 3 s; defaults 0.1 after punctuation, 1.5 without, 0.4 after a number) and
AssemblyAITranscriber (milliseconds, no upper end; `speechModel`, default
universal-streaming-english); assemblyai.com/docs/voice-agents/vapi.
"""

from fermata.export.assemblyai import fitted_silences
from fermata.export.handover import (
    Export,
    Form,
    Mark,
    SettingFate,
    Stack,
    carried,
    lost,
    lost_threshold,
)
from fermata.export.recommendation import Recommendation
from fermata.export.texts import as_json
from fermata.export.units import Fitted, Range, seconds
from fermata.migration import Fate

PUNCTUATED = Range("onPunctuationSeconds", 0, 3, "s")
UNPUNCTUATED = Range("onNoPunctuationSeconds", 0, 3, "s")

_TRANSCRIBER_NAMES = {
    "min_turn_silence": "minEndOfTurnSilenceWhenConfident",
    "max_turn_silence": "maxTurnSilence",
    "end_of_turn_confidence_threshold": "endOfTurnConfidenceThreshold",
}
_PRECEDENCE = (
    "a smartEndpointingPlan, a customEndpointingRule that matches, or a transcriber that ends "
    "turns by itself goes before the transcriptionEndpointingPlan"
)


def export(recommendation: Recommendation) -> Export:
    """The choice in Vapi's names."""
    return Export(Stack.VAPI, (_plan(recommendation), _transcriber(recommendation)), (_PRECEDENCE,))


def _plan(recommendation: Recommendation) -> Form:
    punctuated = PUNCTUATED.fit(seconds(recommendation.min_turn_silence_ms))
    unpunctuated = UNPUNCTUATED.fit(seconds(recommendation.max_turn_silence_ms))
    settings = {
        "startSpeakingPlan": {
            "waitSeconds": 0,
            "transcriptionEndpointingPlan": {
                "onPunctuationSeconds": punctuated.value,
                "onNoPunctuationSeconds": unpunctuated.value,
            },
        }
    }
    return Form(
        "plan",
        "part of an assistant: Vapi ends the turn by the transcript",
        settings,
        as_json(settings),
        (
            carried(
                "min_turn_silence",
                recommendation.min_turn_silence_ms,
                "onPunctuationSeconds",
                punctuated,
                "in seconds, after a transcript that ends with punctuation",
            ),
            carried(
                "max_turn_silence",
                recommendation.max_turn_silence_ms,
                "onNoPunctuationSeconds",
                unpunctuated,
                "in seconds, after one that ends without",
            ),
            *lost_threshold(
                recommendation.end_of_turn_confidence_threshold,
                "Vapi's own plan has no confidence that a turn is over",
            ),
            *_untouched(),
        ),
    )


def _untouched() -> tuple[SettingFate, SettingFate]:
    return (
        carried(
            "waitSeconds",
            None,
            "waitSeconds",
            Fitted(0),
            "so that Vapi's default of 0.4 s does not come on top of the silences",
        ),
        lost(
            "onNumberSeconds",
            None,
            "left as it is (default 0.4 s): AssemblyAI has no rule for numbers",
        ),
    )


def _transcriber(recommendation: Recommendation) -> Form:
    options = {
        _TRANSCRIBER_NAMES[name]: fate for name, fate in fitted_silences(recommendation).items()
    }
    model = recommendation.speech_model
    sent = {"speechModel": model} | {name: fate.sent for name, fate in options.items()}
    settings = {"transcriber": {"provider": "assembly-ai", **sent}}
    note = "used only without a smartEndpointingPlan"
    named = "as it is; Vapi takes universal-streaming-english where none is given"
    fates = (
        carried("speech_model", model, "speechModel", Fitted(model), named, fate=Fate.MAPPED),
        *(
            carried(fate.setting, fate.value, name, Fitted(fate.sent), note)
            for name, fate in options.items()
        ),
    )
    return Form(
        "transcriber",
        "part of an assistant: AssemblyAI ends the turn, as Vapi's transcriber",
        settings,
        as_json(settings),
        fates,
        marks=(Mark("provider", "assembly-ai"),),
    )
