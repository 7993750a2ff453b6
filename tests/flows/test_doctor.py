"""`fermata doctor`: what it looks at, and what it says to do."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from config.clock import clock_skew_s
from config.settings import Settings
from fermata.cli.main import run
from fermata.errors import UsageError
from tests.flows.conversations import Conversations
from tests.flows.running import FlowRunner, StartServer

Capture = pytest.CaptureFixture[str]
Served = Callable[[timedelta | None], str]
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def served() -> Iterator[Served]:
    """Starts a server whose clock is off, or that tells no time; returns its address."""
    with ExitStack() as stack:

        def serve(behind: timedelta | None) -> str:
            class Clock(BaseHTTPRequestHandler):
                def do_HEAD(self) -> None:
                    self.send_response_only(404)
                    if behind is not None:
                        told = format_datetime(datetime.now(UTC) - behind, usegmt=True)
                        self.send_header("Date", told)
                    self.end_headers()

                def log_message(self, *_: object) -> None:
                    """Says nothing."""

            server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Clock))
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_address[1]}"

        yield serve


def test_all_is_well_where_nothing_is_set_up_but_a_data_folder(
    flows: FlowRunner, capsys: Capture
) -> None:
    run(["doctor"])
    shown = capsys.readouterr().out
    assert "✓ settings" in shown
    assert "✓ data folder" in shown
    assert "✓ ledger        0 recordings transcribed so far" in shown
    assert "no ASSEMBLYAI_API_KEY: recordings go to the local engine" in shown
    assert "answers, version 3." in shown
    assert re.search(r"✓ clock +within \d+ s of that of http", shown)


def test_a_key_that_is_refused_and_a_service_that_is_away_are_problems(
    conversations: Conversations, serve: StartServer, flows: FlowRunner, capsys: Capture
) -> None:
    serve(api_keys=frozenset({"another-key-0123456789"}))
    assert run(["doctor"]) == 1
    assert "✗ AssemblyAI" in capsys.readouterr().out
    flows.set(FERMATA_ASSEMBLYAI_BASE_URL=NOBODY)
    assert run(["doctor"]) == 1
    assert f"✗ clock         {NOBODY} cannot be reached" in capsys.readouterr().out


@pytest.mark.parametrize(("mode", "code"), [(0o644, 1), (0o640, 1), (0o600, 0)])
def test_keys_that_others_on_this_machine_can_read_are_a_problem(
    flows: FlowRunner, capsys: Capture, tmp_path: Path, mode: int, code: int
) -> None:
    (tmp_path / ".env").touch()
    (tmp_path / ".env").chmod(mode)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Settings.model_config, "env_file", (str(tmp_path / ".env"),))
        assert run(["doctor"]) == code
    told = f"where keys stand: chmod 600 {tmp_path / '.env'}"
    assert (told in capsys.readouterr().out) == bool(code)


def test_a_data_folder_that_others_may_enter_is_told(flows: FlowRunner, capsys: Capture) -> None:
    flows.data_dir.mkdir(mode=0o755, parents=True, exist_ok=True)
    flows.data_dir.chmod(0o755)
    assert run(["doctor"]) == 0
    assert f"chmod -R go= {flows.data_dir}" in capsys.readouterr().out


@pytest.mark.usefixtures("flows")
def test_a_prefect_server_that_does_not_answer_is_a_problem(capsys: Capture) -> None:
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with temporary_settings({PREFECT_API_URL: f"{NOBODY}/api"}):
        assert run(["doctor"]) == 1
    assert "check PREFECT_API_URL, or start the server" in capsys.readouterr().out


@pytest.mark.usefixtures("flows")
def test_a_prefect_server_that_takes_another_login_is_a_problem(capsys: Capture) -> None:
    from prefect.settings import PREFECT_API_AUTH_STRING, temporary_settings

    with temporary_settings({PREFECT_API_AUTH_STRING: "fermata:another"}):
        assert run(["doctor"]) == 1
    shown = capsys.readouterr().out
    assert "asks for a login: set PREFECT_API_AUTH_STRING=user:password" in shown
    assert "another" not in shown


def test_a_clock_that_is_off_says_by_how_much(
    served: Served, flows: FlowRunner, capsys: Capture
) -> None:
    flows.set(
        ASSEMBLYAI_API_KEY="k" * 20,
        FERMATA_ASSEMBLYAI_BASE_URL=served(timedelta(minutes=5)),
    )
    began_s = time.monotonic()
    assert run(["doctor"]) == 1
    took_s = time.monotonic() - began_s
    told = re.search(r"clock is (\d+) s ahead of that of", capsys.readouterr().out)
    assert told is not None
    assert int(told[1]) == pytest.approx(300, abs=1 + took_s)


@pytest.mark.parametrize("minutes", [-7, 7])
def test_skew_has_a_sign(served: Served, minutes: int) -> None:
    url = served(timedelta(minutes=minutes))
    began_s = time.monotonic()
    skew_s = clock_skew_s(url)
    # A second that the server cuts off, and whatever question and answer took.
    off_s = 1 + time.monotonic() - began_s
    assert skew_s == pytest.approx(60 * minutes, abs=off_s)


def test_a_server_that_tells_no_time_is_no_problem(served: Served) -> None:
    assert clock_skew_s(served(None)) is None


def test_a_server_that_is_away_is_told() -> None:
    with pytest.raises(UsageError, match="check network and address"):
        clock_skew_s(NOBODY)
