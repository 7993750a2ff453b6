"""What commands print in a narrow terminal: every word of a wide one, whole."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fermata.cli.consoles import Terminal
from fermata.cli.main import run
from fermata.export import Stack
from tests.flows.running import forget_wiring
from tests.unit.calibration.publishing_folder import SLOW_MS, Folder

GLADIA = {
    "encoding": "wav/pcm",
    "sample_rate": 16_000,
    "channels": 2,
    "endpointing": 0.4,
    "language_config": {"languages": ["en", "fr"], "code_switching": True},
    "realtime_processing": {"custom_vocabulary": True, "sentiment_analysis": True},
    "callback_config": {"receive_final_transcripts": True},
}

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(Terminal, "is_terminal", True)
    monkeypatch.setenv("FERMATA_DATA_DIR", str(tmp_path / "data"))
    forget_wiring()
    Folder(tmp_path / "data").publish({"a-team-with-quite-a-long-name": SLOW_MS})
    yield
    forget_wiring()


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Callable[..., set[str]]:
    def printed(columns: int, *command: str) -> set[str]:
        monkeypatch.setenv("COLUMNS", str(columns))
        assert run(command) == 0
        told = re.sub(r"\x1b\[[\d;]*m|[─,]", " ", capsys.readouterr().err)
        return set(told.split())

    return printed


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize("stack", Stack)
def test_an_export_breaks_no_word(
    stack: Stack, columns: int, words: Callable[..., set[str]]
) -> None:
    command = ("export", "--for", stack.value, "--group", "a-team-with-quite-a-long-name")
    assert words(300, *command) - {"setting"} <= words(columns, *command)


@pytest.mark.parametrize("columns", [60, 80])
def test_a_migration_breaks_no_word(
    columns: int, words: Callable[..., set[str]], tmp_path: Path
) -> None:
    file = tmp_path / "gladia.json"
    file.write_text(json.dumps(GLADIA))
    assert words(300, "migrate", str(file)) - {"Gladia"} <= words(columns, "migrate", str(file))
