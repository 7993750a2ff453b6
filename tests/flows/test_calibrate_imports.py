"""What `fermata calibrate` has loaded when it first calls the service, by the names of modules."""

import socket
import threading

from tests.flows.conversations import Conversations
from tests.flows.running import KEY, FlowRunner
from tests.unit.cli.modules_loaded import modules_loaded

LATER = frozenset(
    {
        # Figures, tables and report.
        *("jinja2", "matplotlib", "pandas", "pyarrow", "fermata.calibration.calibration"),
        *("fermata.report.page", "flows.approval", "flows.conclusion"),
        # A server that is not needed where a service answers.
        *("uvicorn", "fermata.localserver.server"),
        # What only large batches with a deployment for parts of them take.
        *("prefect.deployments.runner", "docker"),
        *("duckdb", "psycopg", "fermata.live.session"),
    }
)


def test_a_first_request_waits_for_no_module_that_comes_later(
    flows: FlowRunner, conversations: Conversations
) -> None:
    conversations.add("call.wav")
    with socket.create_server(("127.0.0.1", 0)) as service:
        port = service.getsockname()[1]
        threading.Thread(target=_refuse, args=(service,), daemon=True).start()
        (loaded,) = modules_loaded(
            ["calibrate", str(conversations.folder), "--engine", "assemblyai"],
            variables={
                "ASSEMBLYAI_API_KEY": KEY,
                "FERMATA_ASSEMBLYAI_BASE_URL": f"http://127.0.0.1:{port}",
            },
            port=port,
        )
    assert loaded & LATER == set()
    assert "fermata.assemblyai.client" in loaded


def _refuse(service: socket.socket) -> None:
    connection, _ = service.accept()
    with connection:
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
