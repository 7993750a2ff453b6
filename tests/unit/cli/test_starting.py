"""What the command finds as it starts: closed streams, Prefect's settings, a foreign system.

Each needs a process: Python sees what is closed, and Prefect reads its variables, at the start.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FERMATA = Path(sys.executable).with_name("fermata")


def ended(folder: Path, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    own = {"FERMATA_DATA_DIR": str(folder / "data"), "PREFECT_HOME": str(folder / "prefect")}
    return subprocess.run(
        ["/bin/sh", "-c", command.replace("fermata", f'"{FERMATA}"')],
        cwd=folder,
        env=os.environ | own | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("command", "code", "told"),
    [
        ("fermata history >&-", 2, "fermata: standard output is closed: give it a place"),
        ("fermata history >&- 2>&-", 2, ""),
        ("fermata history 2>&- <&-", 0, ""),
    ],
)
def test_a_closed_stream_is_told_in_one_line_where_that_can_be(
    command: str, code: int, told: str, tmp_path: Path
) -> None:
    done = ended(tmp_path, command)
    assert done.returncode == code
    assert done.stderr.startswith(told)
    assert len(done.stderr.splitlines()) == bool(told)


def test_what_prefect_cannot_read_of_its_settings_is_told_in_one_line(tmp_path: Path) -> None:
    done = ended(tmp_path, "fermata ui", PREFECT_CLIENT_MAX_RETRIES="sk-many")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "Prefect can't read its settings (max_retries: Input should be a valid integer" in line
    assert "sk-many" not in line


def test_a_system_that_is_neither_linux_nor_macos_is_told_in_one_line(tmp_path: Path) -> None:
    without = (
        "import sys; sys.modules['fcntl'] = None; from fermata.cli import main; main(['history'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", without],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("fermata: Fermata runs on Linux and macOS, not on ")
