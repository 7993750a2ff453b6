"""Wrong use of the command: exit code 2, one line that says what to do, before anything starts."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from fermata import __version__
from fermata.cli.main import COMMANDS, app, run
from tests.flows.conversations import write_sound
from tests.flows.running import forget_wiring

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    monkeypatch.chdir(tmp_path)
    # Nothing here may come so far as to start a Prefect server.
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    forget_wiring()
    (tmp_path / "empty").mkdir()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "notes.txt").write_text("no sound")
    write_sound(tmp_path / "calls" / "call.wav", "call")
    yield tmp_path
    forget_wiring()
    assert not (tmp_path / "prefect").exists()


def one_line(arguments: list[str], capsys: Capture) -> str:
    """The line by which a wrong use is explained."""
    assert run(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    (line,) = shown.err.splitlines()
    assert line.startswith("fermata: ")
    return line


FILE = ["stream", "--source", "calls/call.wav"]
AGAIN = ["reprocess", "--speech-models", "universal-2"]

OUT_OF_RANGE = [
    (["stream", "--channels", "0"], "--channels"),
    (["stream", "--channels", "33"], "--channels"),
    ([*FILE, "--min-turn-silence", "0"], "--min-turn-silence"),
    ([*FILE, "--min-turn-silence", "49"], "--min-turn-silence"),
    ([*FILE, "--max-turn-silence", "10001"], "--max-turn-silence"),
    ([*FILE, "--min-turn-silence", "900", "--max-turn-silence", "800"], "give both"),
    ([*FILE, "--speaker-labels", "--max-speakers", "0"], "--max-speakers"),
    ([*FILE, "--speaker-labels", "--max-speakers", "11"], "--max-speakers"),
    ([*FILE, "--duration", "-1"], "give at least 1 second"),
    ([*AGAIN, "--accept-cost-usd", "-4"], "--accept-cost-usd"),
    ([*AGAIN, "--accept-cost-usd", "nan"], "--accept-cost-usd"),
    ([*AGAIN, "--price-usd-per-hour", "-0.1"], "--price-usd-per-hour"),
    ([*AGAIN, "--price-usd-per-hour", "inf"], "--price-usd-per-hour"),
    (["reprocess", "--since", "2026-11-02", "--until", "2026-11-01"], "lies after"),
    (["measure-punctuation", "calls", "--minutes", "0"], "--minutes"),
    (["measure-punctuation", "calls", "--minutes", "nan"], "--minutes"),
    (["measure-punctuation", "calls", "--minutes", "inf"], "--minutes"),
    (["calibrate", "calls", "--accept-audio-hours", "-1"], "--accept-audio-hours"),
    (["calibrate", "calls", "--accept-audio-hours", "nan"], "--accept-audio-hours"),
    (["local-server", "--port", "99999"], "--port"),
    (["local-server", "--port", "-1"], "--port"),
    (["local-server", "--concurrency", "0"], "--concurrency"),
    (["local-server", "--processing-time", "-1"], "--processing-time"),
    (["local-server", "--processing-time", "nan"], "--processing-time"),
    (["local-server", "--processing-time-per-audio-second", "inf"], "audio-second"),
]
"""Every option that takes a number or a day, beyond what it can be."""

WITHOUT_EFFECT = [
    ([*FILE, "--max-speakers", "2"], "--speaker-labels"),
    ([*FILE, "--device", "1"], "--device has no effect without --source mic"),
    ([*FILE, "--channels", "2"], "--channels has no effect without --source mic"),
    ([*FILE, "--llm-model", "other"], "--llm-prompt or --summarise"),
    (["stream", "--play"], "--play has no effect without a recording"),
    (["reprocess", "--accept-cost-usd", "5"], "--speech-models"),
    (["reprocess", "--accept-cost-usd", "-4"], "--speech-models"),
    (["reprocess", "--price-usd-per-hour", "0.1"], "--speech-models"),
]


def test_no_option_that_takes_a_number_is_left_out() -> None:
    options = {
        (name, f"--{each.replace('_', '-')}")
        for name in COMMANDS
        for each, kind in numbers_of(name)
        if {"int", "float", "date"} & set(kind)
    }
    tried = {(words[0], word) for words, _ in OUT_OF_RANGE for word in words if word[:2] == "--"}
    assert options <= tried


def numbers_of(command: str) -> Iterator[tuple[str, list[str]]]:
    """The options of a command, and the words in their types."""
    for argument in app[command].assemble_argument_collection():
        yield argument.name.removeprefix("--"), re.findall(r"\w+", str(argument.hint))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["calibrate"], "name a folder"),
        (["calibrate", "nowhere"], "nowhere"),
        (["calibrate", "empty"], "there is no file in it"),
        (["calibrate", "texts"], "these extensions count"),
        (["calibrate", "gopher://host/calls"], "gopher"),
        (["calibrate", "calls", "--speed", "9"], "--speed"),
        (["calibrate", "calls", "--engine", "cloud"], "cloud"),
        (["calibrate", "calls", "--group-by"], "--group-by"),
        (["calibrate", "calls", "--engine", "assemblyai"], "ASSEMBLYAI_API_KEY"),
        (["calibrate", "calls", "--goal", "quick"], "'quick' is no goal: write"),
        (["calibrate", "calls", "--speed", "9"], "See `fermata calibrate --help`"),
        (["transcribe", "calls"], "See `fermata --help`"),
        (["report"], "`fermata calibrate RECORDINGS` or `fermata reprocess` writes one"),
        (["rollback"], "run `fermata calibrate RECORDINGS` first"),
        (["export", "--for", "vapi"], "run `fermata calibrate RECORDINGS` first"),
        (["reprocess"], "no transcribed recordings"),
        (["reprocess", "--since", "yesterday"], "--since"),
        (AGAIN, "leave speech_models (--speech-models) out to send nothing"),
        (["stream", "--source", "nowhere.wav"], "nowhere.wav"),
        (["stream", "--source", "calls"], "can't be streamed"),
        (["stream", "--source", "https://host/call.wav"], "or a file on this machine"),
        (["stream", "--source", "s3://bucket/call.wav"], "or a file on this machine"),
        (["stream", "--source", "file:///nowhere%20to.wav"], "No such file"),
        (["stream", "--source", "/dev/zero"], "a pipe or a device"),
        (["stream", "--source", "calls/call.wav", "--group", "ivr"], "calibrate first"),
        (["stream", "--source", "calls/call.wav", "--preset", "fast"], "balanced"),
        (["stream", "--source", "calls/call.wav", "--duration", "0"], "give at least 1 second"),
        (["local-server", "--fault", "submit:status"], "submit:status"),
        (["local-server", "--references", "nowhere"], "nowhere"),
        (["local-server", "--port", "high"], "--port"),
        *OUT_OF_RANGE,
        *WITHOUT_EFFECT,
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_is_explained_in_one_line(
    arguments: list[str], said: str, capsys: Capture
) -> None:
    assert said in one_line(arguments, capsys)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("FERMATA_MAX_CONCURRENT_RECORDINGS", "many", "FERMATA_MAX_CONCURRENT_RECORDINGS"),
        ("FERMATA_LEDGER_URL", "oracle://ledger", "ledger"),
        ("FERMATA_DATA_DIR", "carrier-pigeon://loft", "carrier-pigeon"),
        ("FERMATA_PRESETS_FILE", "no-presets.toml", "no-presets.toml"),
        ("FERMATA_PRESET_PAIRS", "of-nobody", "of-nobody"),
    ],
)
def test_a_wrong_setting_is_explained_in_one_line(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str, capsys: Capture
) -> None:
    monkeypatch.setenv(variable, value)
    assert said in one_line(["calibrate", "calls"], capsys)


def test_a_data_folder_that_cannot_be_written_is_explained_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    Path("taken").write_text("a file where the folder should be")
    monkeypatch.setenv("FERMATA_DATA_DIR", "taken")
    assert run(["calibrate", "calls"]) in (1, 2)
    (line,) = capsys.readouterr().err.splitlines()
    assert "taken" in line


def test_a_damaged_ledger_is_explained_in_one_line(capsys: Capture) -> None:
    Path("data").mkdir()
    Path("data/ledger.sqlite").write_bytes(b"no database" * 400)
    for arguments in (["calibrate", "calls"], ["reprocess"], ["tidy"]):
        assert "it is rebuilt from the archive" in one_line(arguments, capsys)


def test_a_secret_in_an_address_is_not_repeated(capsys: Capture) -> None:
    line = one_line(["calibrate", "gopher://user:secret@host/calls?token=secret"], capsys)
    assert "secret" not in line


def test_help_tells_every_option_and_exits_with_0(capsys: Capture) -> None:
    assert run(["calibrate", "--help"]) == 0
    shown = capsys.readouterr().out
    options = ("--engine", "--group-by", "--multichannel", "--choose-by", "--json")
    assert all(option in shown for option in options)


def test_help_of_a_command_tells_more_than_its_line_in_the_list(capsys: Capture) -> None:
    assert run(["measure-punctuation", "--help"]) == 0
    assert "which costs money" in capsys.readouterr().out


def test_help_shows_no_empty_defaults(capsys: Capture) -> None:
    assert run(["calibrate", "--help"]) == 0
    shown = capsys.readouterr().out
    assert "[default: auto]" in shown
    assert '""' not in shown
    assert "False" not in shown


def test_the_version_is_that_of_the_package(capsys: Capture) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.strip() == __version__
