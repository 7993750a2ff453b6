"""The choice in AssemblyAI's own forms, and through the plugins of LiveKit and Pipecat."""

import json
from urllib.parse import parse_qsl

from hypothesis import given

from fermata.assemblyai.streaming.parameters import streaming_parameters
from fermata.export import Recommendation, Stack, export
from fermata.migration import Fate
from tests.unit.export.choices import (
    BALANCED,
    CONFIDENT,
    fate_of,
    form_of,
    recommendations,
)


def test_assemblyai_gets_a_query_string():
    assert form_of(export(BALANCED, Stack.ASSEMBLYAI), "query").text == (
        "speech_model=u3-rt-pro&min_turn_silence=400&max_turn_silence=1280"
    )


def test_a_model_with_confidence_gets_its_threshold_too():
    assert form_of(export(CONFIDENT, Stack.ASSEMBLYAI), "query").text.endswith(
        "&max_turn_silence=1280&end_of_turn_confidence_threshold=0.4"
    )


@given(recommendations())
def test_every_query_string_is_one_that_the_service_takes(recommendation):
    query = form_of(export(recommendation, Stack.ASSEMBLYAI), "query").text
    streaming_parameters(dict(parse_qsl(query)))


def test_assemblyai_gets_parameters_of_the_python_sdk():
    assert form_of(export(BALANCED, Stack.ASSEMBLYAI), "python").text == (
        "from assemblyai.streaming.v3 import StreamingParameters\n"
        "\n"
        "parameters = StreamingParameters(\n"
        "    sample_rate=16_000,\n"
        '    speech_model="u3-rt-pro",\n'
        "    min_turn_silence=400,\n"
        "    max_turn_silence=1280,\n"
        ")"
    )


def test_the_python_sdk_runs_them():
    for recommendation in (BALANCED, CONFIDENT):
        form = form_of(export(recommendation, Stack.ASSEMBLYAI), "python")
        names: dict = {}
        exec(form.text, names)
        parameters = names["parameters"].model_dump(mode="json", exclude_none=True)
        assert parameters == {"sample_rate": 16_000, **form.settings}


def test_assemblyai_gets_a_message_for_a_running_session():
    form = form_of(export(BALANCED, Stack.ASSEMBLYAI), "update")
    assert json.loads(form.text) == {
        "type": "UpdateConfiguration",
        "min_turn_silence": 400,
        "max_turn_silence": 1280,
    }
    assert fate_of(form, "speech_model").fate is Fate.UNSUPPORTED


def test_silences_that_the_service_would_clamp_in_silence_are_clamped_aloud():
    form = form_of(export(Recommendation(20, 20_000, "u3-rt-pro"), Stack.ASSEMBLYAI), "query")
    assert form.settings["min_turn_silence"] == 50
    shortest, longest = (fate_of(form, name) for name in list(form.settings)[1:])
    assert shortest.note.startswith("min_turn_silence takes 50 to 10000 ms, so 20 became 50")
    assert (longest.fate, longest.value, longest.sent) == (Fate.CHANGED, 20_000, 10_000)


def test_livekit_gets_the_options_of_its_assemblyai_plugin_and_no_delay_on_top():
    assert form_of(export(BALANCED, Stack.LIVEKIT), "stt").text == (
        "from livekit.agents import AgentSession\n"
        "from livekit.plugins import assemblyai\n"
        "\n"
        "session = AgentSession(\n"
        "    stt=assemblyai.STT(\n"
        '        model="u3-rt-pro",\n'
        "        min_turn_silence=400,\n"
        "        max_turn_silence=1280,\n"
        "    ),\n"
        '    turn_handling={"turn_detection": "stt", "endpointing": {"min_delay": 0.0}},\n'
        ")"
    )


def test_livekit_with_its_own_turn_detector_gets_delays_in_seconds():
    assert form_of(export(BALANCED, Stack.LIVEKIT), "turn-detector").text == (
        "from livekit.agents import AgentSession\n"
        "\n"
        "session = AgentSession(\n"
        '    turn_handling={"endpointing": {"min_delay": 0.4, "max_delay": 1.28}},\n'
        ")"
    )


def test_a_model_that_livekits_plugin_does_not_name_is_pointed_out():
    newest = export(Recommendation(400, 1280, "universal-3-6-pro"), Stack.LIVEKIT)
    assert any("does not name the model universal-3-6-pro" in note for note in newest.notes)


def test_pipecat_gets_the_settings_of_its_assemblyai_service():
    assert form_of(export(BALANCED, Stack.PIPECAT), "assemblyai").text == (
        "import os\n"
        "\n"
        "from pipecat.services.assemblyai.stt import AssemblyAISTTService\n"
        "\n"
        "stt = AssemblyAISTTService(\n"
        '    api_key=os.environ["ASSEMBLYAI_API_KEY"],\n'
        "    vad_force_turn_endpoint=False,\n"
        "    settings=AssemblyAISTTService.Settings(\n"
        '        model="u3-rt-pro",\n'
        "        min_turn_silence=400,\n"
        "        max_turn_silence=1280,\n"
        "    ),\n"
        ")"
    )


def test_pipecat_is_not_told_to_let_a_model_end_turns_that_it_refuses():
    exported = export(CONFIDENT, Stack.PIPECAT)
    assert [form.name for form in exported.forms] == ["smart-turn", "speech-timeout"]
    assert "not universal-streaming-english" in exported.notes[0]
