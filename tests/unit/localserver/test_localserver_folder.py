"""What the local server was sent goes with it, whoever ends it and how."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from fermata.localserver.app import FOLDER_PREFIX
from fermata.localserver.folder import PassingFolder
from tests.flows.seen import eventually

MAIN = "import sys; from fermata.cli.main import main; main(['local-server', '--port', '0'])"


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_the_folder_goes_with_the_server(tmp_path: Path, end: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stderr is not None
        address = process.stderr.readline().strip()
        requests.post(
            f"{address}/v2/upload", data=b"a call", headers={"Authorization": "any"}, timeout=60
        )
        (folder,) = tmp_path.glob(f"{FOLDER_PREFIX}*")
        assert folder.stat().st_mode & 0o777 == 0o700
        assert list(folder.iterdir())
        os.killpg(process.pid, end)
        process.wait(60)
        eventually(lambda: not folder.exists() or None)
    finally:
        process.kill()
        process.communicate()


def test_removed_in_good_order_it_is_gone_at_once_and_nothing_waits(tmp_path: Path) -> None:
    folder = PassingFolder(f"{tmp_path}/with spaces '")
    (folder.path / "call").write_text("hello")
    folder.remove()
    folder.remove()
    assert list(tmp_path.iterdir()) == []
