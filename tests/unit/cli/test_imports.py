"""No command loads what it does not use: by the names of modules, whatever the clock says."""

import json
from pathlib import Path

from fermata.cli.main import COMMANDS
from tests.unit.calibration.publishing_folder import QUICK_MS, Folder
from tests.unit.cli.modules_loaded import modules_loaded

HEAVY = frozenset(
    {
        *("av", "duckdb", "fastapi", "jinja2", "matplotlib", "pandas", "prefect", "requests"),
        *("sqlalchemy", "starlette", "uvicorn", "websocket", "fermata.localserver.server"),
    }
)
MIDDLING = frozenset({"asyncio", "fsspec", "numpy", "pyarrow", "pydantic_settings"})


def test_explaining_and_refusing_a_command_loads_nothing_that_works() -> None:
    commands = [
        ["--version"],
        ["--help"],
        *([name, "--help"] for name in COMMANDS),
        ["calibrate", "calls", "--engine", "nobody"],
        ["stream", "--speed", "9"],
        ["nothing"],
    ]
    loaded = dict(zip(map(" ".join, commands), modules_loaded(*commands), strict=True))
    assert {each: found & (HEAVY | MIDDLING) for each, found in loaded.items()} == {
        each: set() for each in loaded
    }


def test_a_command_that_reads_a_file_loads_no_more_than_reading_takes(tmp_path: Path) -> None:
    Folder(tmp_path).publish({"ivr": QUICK_MS})
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "page.html").write_text("a page")
    (tmp_path / "live.json").write_text(json.dumps({"sample_rate": 16_000}))
    commands = [
        ["migrate", str(tmp_path / "live.json")],
        ["report"],
        ["export", "--for", "livekit"],
        ["history"],
    ]
    loaded = modules_loaded(*commands, variables={"FERMATA_DATA_DIR": str(tmp_path)})
    found = {each[0]: modules & HEAVY for each, modules in zip(commands, loaded, strict=True)}
    assert found == {each[0]: set() for each in commands}
    assert "fermata.calibration.publishing" in loaded[-1]
