"""The local server as a program of its own."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

RECORDING = Path(__file__).parents[2] / "recordings/ivr/lost_parcel.wav"

PROGRAM = """
import resource
from fermata.localserver import LocalServerConfig, serve
try:
    serve(LocalServerConfig(engine_processes=1), lambda url: print(url, flush=True))
except KeyboardInterrupt:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)
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
    assert int(out)
    assert (err, program.returncode) == ("", 0)
    assert list(tmp_path.iterdir()) == []


def test_sigterm_ends_it_cleanly_amid_a_job(start_program, tmp_path):
    program = start_program()
    start_a_job(program.stdout.readline().strip())
    program.terminate()
    _, err = program.communicate(timeout=60)
    assert err == ""
    assert program.returncode == -signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


def peak_kib(process: subprocess.Popen[str], upload_bytes: int) -> int:
    """Uploads that much, ends the program, and returns the most memory that it ever held."""
    url = process.stdout.readline().strip()
    chunks = (bytes(CHUNK_BYTES) for _ in range(upload_bytes // CHUNK_BYTES))
    headers = {"Authorization": "key"}
    response = requests.post(f"{url}/v2/upload", data=chunks, headers=headers, timeout=60)
    assert response.status_code == 200
    process.send_signal(signal.SIGINT)
    return int(process.communicate(timeout=60)[0])


def test_an_upload_is_never_whole_in_memory(start_program):
    small_kib = peak_kib(start_program(), 2**20)
    large_kib = peak_kib(start_program(), 300 * 2**20)
    assert large_kib - small_kib < 20 * 1024
