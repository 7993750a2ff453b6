"""`fermata export`, from a data folder to stdout, stderr and the exit code."""

import json
import sys
from contextlib import redirect_stderr

import pytest

from fermata.calibration import MAIN
from fermata.cli.main import run
from fermata.storage import Storage
from tests.flows.running import forget_wiring
from tests.unit.export.choices import latest_choices


@pytest.fixture
def data(tmp_path, monkeypatch):
    """An empty data folder that the command uses."""
    monkeypatch.setenv("FERMATA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    forget_wiring()
    yield Storage(str(tmp_path / "data"))
    forget_wiring()


@pytest.fixture
def calibrated(data):
    """The same with a choice overall and one for the group `sales`."""
    text = latest_choices(sales=(160, 400)).model_dump_json()
    data.write_atomically(MAIN.latest_path, text.encode())


@pytest.mark.usefixtures("calibrated")
class TestWithACalibration:
    def test_what_can_be_pasted_goes_to_stdout_and_the_rest_to_stderr(self, capsys):
        assert run(["export", "--for", "gladia"]) == 0
        printed = capsys.readouterr()
        assert json.loads(printed.out) == {
            "endpointing": 0.4,
            "maximum_duration_without_endpointing": 60.0,
        }
        assert "From the calibration of all recordings at 2026-03-02 01:00" in printed.err
        assert "max_turn_silence 1280 ms has no counterpart" in printed.err

    def test_what_can_be_pasted_comes_before_the_notes(self, capfd):
        with redirect_stderr(sys.stdout):
            assert run(["export", "--for", "gladia"]) == 0
        both = capfd.readouterr().out
        assert both.startswith("{")
        assert "max_turn_silence 1280 ms has no counterpart" in both

    def test_several_forms_each_stand_under_a_line_that_names_them(self, capsys):
        assert run(["export", "--for", "deepgram"]) == 0
        assert capsys.readouterr().out == (
            "# Flux: part of the query string of wss://api.deepgram.com/v2/listen\n"
            "eot_timeout_ms=1280\n"
            "\n"
            "# Nova: part of the query string of wss://api.deepgram.com/v1/listen\n"
            "endpointing=400&interim_results=true&utterance_end_ms=1280\n"
        )

    def test_a_group_has_a_choice_of_its_own(self, capsys):
        assert run(["export", "--for", "gladia", "--group", "sales"]) == 0
        assert json.loads(capsys.readouterr().out)["endpointing"] == 0.16

    def test_a_group_without_a_choice_is_wrong_use(self, capsys):
        assert run(["export", "--for", "gladia", "--group", "nobody"]) == 2
        assert "no calibration for the group 'nobody'; there are: sales" in capsys.readouterr().err

    def test_json_is_one_object_with_forms_and_fates(self, capsys):
        assert run(["export", "--for", "assemblyai", "--json"]) == 0
        printed = capsys.readouterr()
        exported = json.loads(printed.out)
        assert (exported["stack"], exported["group"], exported["chosen_by"]) == (
            "assemblyai",
            "*",
            "average-gap",
        )
        assert [form["name"] for form in exported["forms"]] == ["query", "python", "update"]
        assert exported["forms"][0]["fates"][1]["target"] == "min_turn_silence"
        assert printed.err == ""

    def test_the_models_own_reading_of_the_silences_is_noted(self, capsys):
        run(["export", "--for", "assemblyai"])
        assert "Note: u3-rt-pro: min_turn_silence is when" in capsys.readouterr().err

    def test_a_present_file_comes_back_with_the_recommended_values(self, capsys, tmp_path):
        file = tmp_path / "session.json"
        file.write_text('{"turn_handling": {"endpointing": {"min_delay": 0.5}}, "own": true}')
        before = file.read_bytes()
        assert run(["export", "--for", "livekit", "--diff", str(file)]) == 0
        printed = capsys.readouterr()
        assert json.loads(printed.out) == {
            "turn_handling": {"endpointing": {"min_delay": 0.4, "max_delay": 1.28}},
            "own": True,
        }
        assert "turn_handling.endpointing.min_delay: 0.5 → 0.4" in printed.err
        assert "turn_handling.endpointing.max_delay: not set → 1.28" in printed.err
        assert '-      "min_delay": 0.5\n+      "min_delay": 0.4,' in printed.err
        assert file.read_bytes() == before

    def test_a_present_file_that_is_right_needs_no_change(self, capsys, tmp_path):
        file = tmp_path / "query"
        file.write_text("eot_timeout_ms=1280&model=flux-general-en\n")
        assert run(["export", "--for", "deepgram", "--diff", str(file)]) == 0
        printed = capsys.readouterr()
        assert printed.out == "eot_timeout_ms=1280&model=flux-general-en\n"
        assert "Nothing to change" in printed.err

    def test_no_other_value_of_a_present_file_is_shown_on_stderr(self, capsys, tmp_path):
        for text in (
            "wss://host/v3/ws?token=nobody-elses-value&min_turn_silence=100&max_turn_silence=200",
            "ASSEMBLYAI_API_KEY=nobody-elses-value\nMIN_TURN_SILENCE=100\n",
            '{\n"key": "nobody-elses-value",\n"min_turn_silence": 100\n}',
        ):
            file = tmp_path / "present"
            file.write_text(text)
            assert run(["export", "--for", "assemblyai", "--diff", str(file)]) == 0
            printed = capsys.readouterr()
            assert "nobody-elses-value" in printed.out
            assert "nobody-elses-value" not in printed.err

    def test_a_comparison_is_part_of_the_json(self, capsys, tmp_path):
        file = tmp_path / "vad.json"
        file.write_text('{"type": "server_vad", "silence_duration_ms": 500}')
        assert run(["export", "--for", "openai", "--diff", str(file), "--json"]) == 0
        comparison = json.loads(capsys.readouterr().out)["comparison"]
        assert comparison["form"] == "server_vad"
        assert comparison["changes"] == [{"path": ["silence_duration_ms"], "old": 500, "new": 400}]
        assert json.loads(comparison["merged"])["silence_duration_ms"] == 400

    @pytest.mark.parametrize("content", [None, b"\xff\xfe\xff", b"no json"])
    def test_a_file_that_cannot_be_used_is_wrong_use(self, capsys, tmp_path, content):
        file = tmp_path / "present.json"
        if content is not None:
            file.write_bytes(content)
        assert run(["export", "--for", "openai", "--diff", str(file)]) == 2
        printed = capsys.readouterr()
        assert (printed.out, printed.err.count("\n")) == ("", 1)


@pytest.mark.usefixtures("data")
class TestWithoutACalibration:
    def test_it_says_what_to_do_first(self, capsys):
        assert run(["export", "--for", "livekit"]) == 2
        assert capsys.readouterr().err == (
            "fermata: no settings are in force yet: run `fermata calibrate RECORDINGS` first, "
            "or `fermata publish RUN`\n"
        )

    def test_an_unknown_stack_is_wrong_use(self, capsys):
        assert run(["export", "--for", "carrier-pigeon"]) == 2
        assert capsys.readouterr().err.count("\n") == 1
