"""A large upload takes no memory."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from fermata.localserver import LocalServer

SIZE_BYTES = 96 << 20
ALLOWED_GROWTH_KB = 10 << 10

PROGRAM = """
import json, pathlib, re, sys
from fermata.assemblyai import AssemblyAIClient
url, path, size_bytes, sha256 = sys.argv[1:]
# Not ru_maxrss: that one begins with what the parent process had.
status = pathlib.Path("/proc/self/status")
peak_kb = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1])
with AssemblyAIClient(url, "a-key-that-must-not-leak") as client:
    client.check()
    before_kb = peak_kb()
    client.upload(lambda: open(path, "rb"), size_bytes=int(size_bytes), sha256=sha256)
    print(json.dumps(peak_kb() - before_kb))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads memory from /proc")
def test_a_hundred_megabytes_are_uploaded_in_ten(server: LocalServer, tmp_path: Path):
    path = tmp_path / "long.wav"
    with path.open("wb") as file:
        file.truncate(SIZE_BYTES)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, server.url, path, str(SIZE_BYTES), digest],
        check=True,
        capture_output=True,
        timeout=100,
    )
    assert json.loads(done.stdout) < ALLOWED_GROWTH_KB
    assert server.store.uploads_per_content == {digest: 1}
