"""A key in a Secret block where PREFECT_API_URL is not set: what `fermata doctor` says."""

import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from tests.flows.conversations import Conversations
from tests.flows.running import FlowRunner, StartServer
from tests.flows.seen import prefect_client

KEY = "sk-kept-in-a-block-9876543210"


@pytest.fixture
def home(flows: FlowRunner, serve: StartServer, tmp_path: Path) -> Path:
    """Prefect's folder on a machine whose settings name a block and no server."""
    serve(api_keys=frozenset({KEY}))
    flows.set(ASSEMBLYAI_API_KEY="", FERMATA_ASSEMBLYAI_KEY_BLOCK=f"key-{uuid4().hex}")
    return tmp_path / "prefect"


def doctor_says_of_assemblyai(home: Path) -> str:
    """The line on AssemblyAI."""
    configured = ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING")
    environment = {name: each for name, each in os.environ.items() if name not in configured}
    done = subprocess.run(
        [sys.executable, "-c", "from fermata.cli.main import main; main(['doctor'])"],
        env={**environment, "PREFECT_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    (line,) = [each for each in done.stdout.splitlines() if " AssemblyAI " in each]
    return line


def test_the_local_server_is_asked_as_runs_do(home: Path, conversations: Conversations) -> None:
    from prefect.blocks.system import Secret

    document = Secret(value=KEY).save(os.environ["FERMATA_ASSEMBLYAI_KEY_BLOCK"])
    home.symlink_to(os.environ["PREFECT_HOME"])
    assert doctor_says_of_assemblyai(home).endswith("takes the key")
    with prefect_client() as client:
        client.delete_block_document(document)


def test_without_a_server_one_line_says_what_to_do(home: Path) -> None:
    line = doctor_says_of_assemblyai(home)
    assert "no Prefect server runs to read the Secret block" in line
    assert line.endswith("set PREFECT_API_URL, or start the local one with `make serve`")
    assert not (home / "server.json").exists()
