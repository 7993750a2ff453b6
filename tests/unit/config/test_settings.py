"""Settings: errors that name the variable and repeat no value; keys masked in every log line."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.choices import Engine
from config.env_files import tuned_environment
from config.services import choose_engine
from config.settings import Settings, settings
from config.wiring import ledger, presets, storage
from fermata.calibration import PresetName
from fermata.errors import UsageError
from fermata.log_text import OneLineFilter
from fermata.redact import MASK, RedactingFilter, remember_secret
from tests.flows.running import forget_wiring

KEY = "sk-0123456789abcdef"
ENV_EXAMPLE = Path(__file__).parents[3] / ".env.example"


@pytest.fixture(autouse=True)
def settings_read_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setitem(Settings.model_config, "env_file", (".env",))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FERMATA_TASK_RETRY_DELAYS_S")
    forget_wiring()
    yield
    forget_wiring()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("FERMATA_MAX_CONCURRENT_RECORDINGS", "none"),
        ("FERMATA_MAX_FAILED_SHARE", "1.5"),
        ("FERMATA_POLL_INTERVAL_S", "-3"),
        ("FERMATA_SPEECH_MODELS", " , "),
        ("FERMATA_TASK_RUNNER", "cluster"),
        ("FERMATA_TASK_RETRY_DELAYS_S", "1,soon"),
        ("FERMATA_PREFECT_PORT", KEY),
        ("FERMATA_REPORTS_URL", f"https://me:{KEY}@reports.example"),
        ("FERMATA_REPORTS_URL", "file:///srv/data"),
    ],
)
def test_a_bad_value_is_told_by_its_variable_in_one_line_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(UsageError, match=f"^{variable}: ") as error:
        settings()
    assert "\n" not in str(error.value)
    assert KEY not in str(error.value)


def test_the_environment_wins_over_the_env_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("FERMATA_DATA_DIR=from-file\nFERMATA_STREAMING_MODEL=from-file\n")
    monkeypatch.setenv("FERMATA_DATA_DIR", "from-environment")
    assert settings().data_dir == "from-environment"
    assert settings().streaming_model == "from-file"


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSEMBLYAI_API_KEY", "")
    assert settings().assemblyai_api_key is None
    assert choose_engine(Engine.AUTO) is Engine.LOCAL


def test_lists_are_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FERMATA_SPEECH_MODELS", "universal-2, slam-1 ,")
    assert settings().speech_models == ("universal-2", "slam-1")


def test_the_example_names_every_setting_and_no_other() -> None:
    lines = ENV_EXAMPLE.read_text().splitlines()
    named = {line.partition("=")[0] for line in lines if "=" in line and not line.startswith("#")}
    aliased = {"assemblyai_api_key": "ASSEMBLYAI_API_KEY", "gladia_api_key": "GLADIA_API_KEY"}
    # `threads` is the one task runner there is.
    fields = set(Settings.model_fields) - {"task_runner"}
    assert named >= {aliased.get(field, f"FERMATA_{field.upper()}") for field in fields}
    assert all(line.endswith("=") for line in lines if line and not line.startswith("#"))


def test_the_settings_show_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSEMBLYAI_API_KEY", KEY)
    assert KEY not in repr(settings())
    assert KEY not in settings().model_dump_json()


def test_with_a_key_auto_is_the_real_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSEMBLYAI_API_KEY", KEY)
    assert choose_engine(Engine.AUTO) is Engine.ASSEMBLYAI


def test_the_real_service_without_a_key_is_refused_with_the_variables_name() -> None:
    with pytest.raises(UsageError, match="ASSEMBLYAI_API_KEY"):
        choose_engine(Engine.ASSEMBLYAI)


def test_the_ledger_lies_beside_the_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FERMATA_DATA_DIR", str(tmp_path / "calls"))
    assert storage().is_local
    ledger()
    assert (tmp_path / "calls" / "ledger.sqlite").exists()


def test_data_in_remote_storage_ask_for_a_ledger_in_a_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FERMATA_DATA_DIR", "memory://calls")
    with pytest.raises(UsageError, match="FERMATA_LEDGER_URL"):
        ledger()


def test_another_familys_pairs_are_used_only_when_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert presets().presets[PresetName.BALANCED].min_turn_silence_ms == 400
    monkeypatch.setenv("FERMATA_PRESET_PAIRS", "u3-rt-pro")
    forget_wiring()
    assert presets().presets[PresetName.BALANCED].min_turn_silence_ms == 100


def test_the_tuned_settings_of_the_server_are_plain_pairs() -> None:
    tuned = tuned_environment()
    assert tuned["PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE"] == "100"
    assert tuned["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert not any(name.startswith("#") or " " in name for name in tuned)


def record(message: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord("fermata", logging.INFO, __file__, 1, message, arguments, None)


def test_a_key_is_masked_in_a_log_line_and_in_its_arguments() -> None:
    remember_secret(KEY)
    masking = RedactingFilter()
    for each in (record(f"the key is {KEY}"), record("the key is %s", KEY)):
        assert masking.filter(each)
        assert each.getMessage() == f"the key is {MASK}"


def test_a_key_is_masked_in_a_traceback() -> None:
    remember_secret(KEY)
    with pytest.raises(ValueError, match="bad key") as caught:
        raise ValueError(f"bad key {KEY}")
    each = record("it failed")
    each.exc_info = (caught.type, caught.value, caught.tb)
    RedactingFilter().filter(each)
    text = logging.Formatter().format(each)
    assert KEY not in text
    assert f"bad key {MASK}" in text


def test_a_line_break_in_a_files_name_writes_no_line_of_its_own() -> None:
    odd = record("%s: transcribed", "a\nERROR: b\x1b[2J\ud800.wav")
    OneLineFilter(["fermata"]).filter(odd)
    assert odd.getMessage() == r"a\nERROR: b\x1b[2J\ud800.wav: transcribed"
    banner = logging.LogRecord("prefect.engine", logging.INFO, __file__, 1, "one\ntwo", (), None)
    OneLineFilter(["fermata"]).filter(banner)
    assert banner.getMessage() == "one\ntwo"


def test_a_line_without_a_key_stays_as_it_is() -> None:
    for each in (KEY, "", "abc"):
        remember_secret(each)
    each = record("%d of %d", 1, 2)
    RedactingFilter().filter(each)
    assert (each.msg, each.args) == ("%d of %d", (1, 2))
