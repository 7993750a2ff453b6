"""The local server as a program of its own."""

import os
import re
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

RECORDING = Path(__file__).parents[2] / "recordings/ivr/lost_parcel.wav"

PROGRAM = """
from fermata.localserver import LocalServerConfig, serve
try:
    serve(LocalServerConfig(engine_processes=1), lambda url: print(url, flush=True))
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


CHUNK_BYTES = 2**20


@pytest.fixture
def start_program(tmp_path):
    """Starts the program, with a folder for its files; its first line is the address."""
    with ExitStack() as stack:

        def start() -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
                env={**os.environ, "TMPDIR": str(tmp_path)},
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield start


def start_a_job(url: str) -> None:
    headers = {"Authorization": "key"}
    upload = requests.post(
        f"{url}/v2/upload", data=RECORDING.read_bytes(), headers=headers, timeout=60
    )
    body = {"audio_url": upload.json()["upload_url"]}
    requests.post(f"{url}/v2/transcript", json=body, headers=headers, timeout=60)


def test_ctrl_c_ends_it_cleanly_amid_a_job(start_program, tmp_path):
    program = start_program()
    start_a_job(program.stdout.readline().strip())
    program.send_signal(signal.SIGINT)
    out, err = program.communicate(timeout=60)
    assert (out, err, program.returncode) == ("interrupted\n", "", 0)
    assert list(tmp_path.iterdir()) == []


def test_sigterm_ends_it_cleanly_amid_a_job(start_program, tmp_path):
    program = start_program()
    start_a_job(program.stdout.readline().strip())
    program.terminate()
    _, err = program.communicate(timeout=60)
    assert err == ""
    assert program.returncode == -signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


def upload(url: str, size_bytes: int) -> None:
    chunks = (bytes(CHUNK_BYTES) for _ in range(size_bytes // CHUNK_BYTES))
    headers = {"Authorization": "key"}
    response = requests.post(f"{url}/v2/upload", data=chunks, headers=headers, timeout=60)
    assert response.status_code == 200


def peak_kib(status: Path) -> int:
    """The most memory that a process ever held."""
    return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads memory from /proc")
def test_an_upload_is_never_whole_in_memory(start_program):
    program = start_program()
    url = program.stdout.readline().strip()
    status = Path(f"/proc/{program.pid}/status")
    upload(url, 2**20)
    before_kib = peak_kib(status)
    upload(url, 100 * 2**20)
    assert peak_kib(status) - before_kib < 20 * 1024
