"""The presets file: what it says, and what is refused."""

from pathlib import Path

import pytest

from fermata.calibration import Pair, PresetName, load_presets
from fermata.errors import UsageError

PRESETS_FILE = Path(__file__).parents[3] / "config" / "presets.toml"


@pytest.fixture(scope="module")
def presets():
    return load_presets(PRESETS_FILE)


@pytest.mark.parametrize(
    ("name", "min_ms", "max_ms", "threshold"),
    [
        ("aggressive", 160, 400, 0.4),
        ("balanced", 400, 1_280, 0.4),
        ("conservative", 800, 3_600, 0.7),
    ],
)
def test_the_presets_are_the_documented_ones(presets, name, min_ms, max_ms, threshold):
    preset = presets.presets[PresetName(name)]
    assert (preset.min_turn_silence_ms, preset.max_turn_silence_ms) == (min_ms, max_ms)
    assert preset.end_of_turn_confidence_threshold == threshold


@pytest.mark.parametrize(
    ("model", "takes"),
    [
        ("universal-streaming-english", True),
        ("universal-streaming-multilingual", True),
        ("u3-rt-pro", False),
        ("u3-rt-pro-beta-1", False),
        ("universal-3-5-pro", False),
        ("universal-3-6-pro", False),
        ("a-model-of-tomorrow", False),
    ],
)
def test_only_universal_streaming_models_take_a_confidence_threshold(presets, model, takes):
    assert presets.takes_confidence_threshold(model) is takes


@pytest.mark.parametrize("model", ["u3-rt-pro", "universal-3-6-pro", "a-model-of-tomorrow"])
def test_a_model_that_reads_the_numbers_otherwise_gets_a_one_line_note(presets, model):
    note = presets.note_for(model)
    assert note.startswith(f"{model}: ")
    assert "\n" not in note


def test_the_models_the_presets_were_documented_for_need_no_note(presets):
    assert presets.note_for("universal-streaming-english") is None


def test_the_pairs_of_another_family_are_used_only_when_asked_for(presets):
    asked = presets.with_pairs_of("u3-rt-pro")
    pairs = [
        (preset.min_turn_silence_ms, preset.max_turn_silence_ms)
        for preset in asked.presets.values()
    ]
    assert pairs == [(100, 800), (100, 1_000), (200, 2_000)]
    assert asked.boundaries == presets.boundaries
    assert presets.presets[PresetName.BALANCED].max_turn_silence_ms == 1_280


def test_a_family_needs_no_note_about_its_own_pairs(presets):
    assert presets.with_pairs_of("u3-rt-pro").note_for("u3-rt-pro") is None


@pytest.mark.parametrize("name", ["u4", "universal-3"])
def test_asking_for_pairs_that_are_not_there_names_those_that_are(presets, name):
    with pytest.raises(UsageError, match=f"'{name}'.*it has: u3-rt-pro$"):
        presets.with_pairs_of(name)


def refusal_of(path):
    with pytest.raises(UsageError) as refused:
        load_presets(path)
    text = str(refused.value)
    assert str(path) in text
    assert "\n" not in text
    return text


def test_a_missing_file_is_refused_in_one_line(tmp_path):
    assert "No such file" in refusal_of(tmp_path / "none.toml")


def test_a_file_that_is_not_toml_is_refused_in_one_line(tmp_path):
    path = tmp_path / "presets.toml"
    path.write_text("[presets\nmin = 1")
    refusal_of(path)


def test_a_file_that_is_not_text_is_refused_in_one_line(tmp_path):
    path = tmp_path / "presets.toml"
    path.write_bytes(b"\xff\xfe\x00")
    refusal_of(path)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("min_turn_silence_ms = 160", "min_turn_silence_ms = 500"), "presets.aggressive"),
        (("min_turn_silence_ms = 160", 'min_turn_silence_ms = "fast"'), "min_turn_silence_ms"),
        (("min_turn_silence_ms = 160", "min_turn_silence_ms = 10"), "equal to 50"),
        (("threshold = 0.7", "threshold = 7"), "end_of_turn_confidence_threshold"),
        (("balanced_from_average_gap_ms = 500", "balanced_from_average_gap_ms = 1000"), "lower"),
        (('title = "Aggressive"', ""), "presets.aggressive.title: Field required"),
        (('title = "Aggressive"', 'title = "A"\ntempo = 1'), "presets.aggressive.tempo"),
        (("[presets.conservative]", "[presets.glacial]"), "presets"),
        (('preset = "balanced"', 'preset = "median"'), "default.preset"),
        (("aggressive = { min_turn_silence_ms = 100", "balanced = { x = 1"), "presets.toml"),
        (("conservative = { min", "# conservative = { min"), "lacks conservative"),
    ],
)
def test_what_cannot_be_is_refused_by_its_place(tmp_path, change, named):
    path = tmp_path / "presets.toml"
    path.write_text(PRESETS_FILE.read_text().replace(*change))
    assert named in refusal_of(path)


def test_what_a_model_does_when_told_nothing_is_known_where_it_is_documented(presets):
    pairs = {
        model: presets.vendor_default(model)
        for model in ("u3-rt-pro", "universal-streaming-english", "universal-3-5-pro", "unknown")
    }
    assert pairs == {
        "u3-rt-pro": Pair(min_turn_silence_ms=100, max_turn_silence_ms=1_000),
        "universal-streaming-english": Pair(min_turn_silence_ms=400, max_turn_silence_ms=1_280),
        "universal-3-5-pro": None,
        "unknown": None,
    }
