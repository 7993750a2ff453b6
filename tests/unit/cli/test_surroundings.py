"""Every command in every broken surrounding: one line that says what to put right, no traceback."""

import http.server
import io
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import pytest

from config.settings import Settings
from fermata.cli.main import COMMANDS, run
from fermata.errors import UsageError
from tests.flows.conversations import write_sound
from tests.flows.running import forget_wiring
from tests.unheard_port import unheard_port
from tests.unit.proxies.http_proxy import VARIABLES

ARGUMENTS = {
    "calibrate": ["calls", "--engine", "local"],
    "stream": ["--source", "calls/call.wav", "--provider", "local"],
    "reprocess": [],
    "measure-punctuation": ["calls"],
    "tidy": [],
    "report": [],
    "forget": ["call.wav"],
    "export": ["--for", "vapi"],
    "history": [],
    "publish": ["0a1b2c3d"],
    "rollback": [],
    "migrate": ["gladia.json"],
    "doctor": [],
    "ui": [],
    "local-server": ["--references", "nowhere"],
}
CONNECTING = ("calibrate", "stream")
"""Those that need everything: in no broken surrounding may they begin."""

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch
Break = Callable[[Patch], object]


def test_every_command_is_tried() -> None:
    assert set(ARGUMENTS) == set(COMMANDS)


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: Patch, tmp_path: Path) -> Iterator[Path]:
    """A folder with a call, and a Prefect that is told nothing by whoever tests."""
    monkeypatch.setitem(Settings.model_config, "env_file", (tmp_path / ".env",))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    for name in ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING"):
        monkeypatch.delenv(name, raising=False)
    for name in VARIABLES:
        # Given back afterwards, whatever is written into them meanwhile.
        for spelled in (name, name.upper()):
            monkeypatch.setenv(spelled, "")
            monkeypatch.delenv(spelled)
    write_sound(tmp_path / "calls" / "call.wav", "call")
    Path("a-file").write_text("no folder")
    Path("gladia.json").write_text("{}")
    forget_wiring()
    _reread_by_prefect()
    yield tmp_path
    monkeypatch.undo()
    forget_wiring()
    _reread_by_prefect()


def _reread_by_prefect() -> None:
    from prefect.context import refresh_global_settings_context

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        refresh_global_settings_context()


def must_not_be_read() -> None:
    raise UsageError("Prefect was imported, and reads .env by itself")


def variable(name: str, value: str) -> Break:
    return lambda patch: patch.setenv(name, value)


def ledger(url: str) -> Break:
    def make(patch: Patch) -> None:
        patch.setenv("FERMATA_LEDGER_URL", url)
        # A live session has no use for the ledger, and is to begin all the same as little.
        patch.setenv("PREFECT_API_URL", "nowhere")

    return make


def dot_env(content: bytes) -> Break:
    return lambda _: Path(".env").write_bytes(content)


def unreadable_dot_env(_: Patch) -> None:
    Path(".env").write_text("FERMATA_PREFECT_PORT=4300")
    Path(".env").chmod(0)


def read_only_home(patch: Patch) -> None:
    Path("closed").mkdir(mode=0o500)
    patch.setenv("PREFECT_HOME", "closed/prefect")


BROKEN: dict[str, tuple[Break, str]] = {
    ".env in Latin-1": (dot_env(b"FERMATA_DATA_DIR=caf\xe9\n"), ".env is not UTF-8 text"),
    ".env in UTF-16": (dot_env("FERMATA_DATA_DIR=d".encode("utf-16")), ".env is not UTF-8 text"),
    ".env in UTF-16 without its mark": (
        dot_env("FERMATA_DATA_DIR=d".encode("utf-16-le")),
        ".env is not UTF-8 text",
    ),
    **{
        f"{name} {what}": (variable(name, path), f"{name} names {path}, from which no certificates")
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "AWS_CA_BUNDLE")
        for what, path in (("that is missing", "nowhere.pem"), ("without any", "a-file"))
    },
    "SOCKS proxy": (variable("ALL_PROXY", "socks5://h:1"), "HTTP proxies alone"),
    "ledger with a bad port": (
        ledger("postgresql://host:port/name"),
        "the ledger's URL must be like",
    ),
    "ledger of an unknown scheme": (
        ledger("oracle://host/name"),
        "the ledger can't live in oracle",
    ),
    "Prefect that is no address": (variable("PREFECT_API_URL", "here"), "check PREFECT_API_URL"),
    "Prefect folder that is a file": (
        variable("PREFECT_HOME", "a-file"),
        "a-file can't be used (File exists)",
    ),
    "Prefect folder below a file": (
        variable("PREFECT_HOME", "a-file/prefect"),
        "a-file/prefect can't be used (",
    ),
}
if os.getuid():
    # Nothing is closed to root.
    BROKEN[".env of somebody else"] = (unreadable_dot_env, ".env can't be read")
    BROKEN["Prefect folder that is read only"] = (read_only_home, "can't be used (Permission")


def walk(said: str, capsys: Capture) -> None:
    """Runs every command, and sees how each ends."""
    for name, more in ARGUMENTS.items():
        forget_wiring()
        code = run([name, *more])
        shown = capsys.readouterr()
        told = shown.out if name == "doctor" else shown.err
        assert "Traceback" not in shown.out + shown.err, name
        assert "If nothing around Fermata explains it" not in told, (name, told)
        if name in CONNECTING:
            assert code == 2, name
            is_ledger = name == "stream" and "ledger" in said
            assert is_ledger or said in told, (name, told)
        elif name == "doctor":
            assert code == 1
            assert said in told
        if code == 2:
            (line,) = shown.err.splitlines()
            assert line.startswith("fermata: ")
    assert not Path("prefect").is_dir() or not any(Path("prefect").glob("server.json"))


@pytest.mark.parametrize("broken", BROKEN)
def test_every_command_says_in_one_line_what_is_broken(
    broken: str, monkeypatch: Patch, capsys: Capture
) -> None:
    make, said = BROKEN[broken]
    make(monkeypatch)
    if Path(".env").exists():
        # A process that begins here has no Prefect yet.
        monkeypatch.setattr("config.prefect_reached.prefect_settings", must_not_be_read)
    else:
        _reread_by_prefect()
    walk(said, capsys)


def test_every_command_says_that_no_prefect_answers(monkeypatch: Patch, capsys: Capture) -> None:
    with unheard_port() as port:
        monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{port}/api")
        _reread_by_prefect()
        walk(f"http://127.0.0.1:{port}/api does not answer (ConnectionError)", capsys)


@pytest.mark.parametrize(
    ("status", "content"), [(200, b"<html>the UI</html>"), (404, b'{"detail": "Not Found"}')]
)
def test_every_command_says_that_what_answers_is_no_prefect(
    status: int, content: bytes, monkeypatch: Patch, capsys: Capture
) -> None:
    with page(status, content) as url:
        monkeypatch.setenv("PREFECT_API_URL", url)
        _reread_by_prefect()
        walk(f"what answers at {url} is no Prefect server's API ({status})", capsys)


@contextmanager
def page(status: int, content: bytes) -> Iterator[str]:
    """A web server that knows one answer, as a Prefect server's UI does without `/api`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_HEAD = do_POST = do_GET  # noqa: N815 - names of http.server

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_mark_that_editors_on_windows_put_in_front_is_no_part_of_a_name() -> None:
    Path(".env").write_bytes(b"\xef\xbb\xbfFERMATA_PREFECT_PORT=4321\n")
    from config.settings import settings

    assert settings().prefect_port == 4321


def test_what_nobody_foresaw_is_one_line_and_a_traceback_to_report(
    monkeypatch: Patch, capsys: Capture, tmp_path: Path
) -> None:
    from fermata.redact import remember_secret

    remember_secret("sk-unforeseen-0123456789")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def stumble(*_: object, **__: object) -> None:
        raise PermissionError(13, "no\nentry", "sk-unforeseen-0123456789")

    monkeypatch.setattr("fermata.cli.work.history.history", stumble)
    assert run(["history"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("fermata: PermissionError: ")
    (report,) = tmp_path.glob("fermata-error-*.log")
    assert str(report) in line
    assert report.stat().st_mode & 0o077 == 0
    traceback = report.read_text()
    assert "in stumble" in traceback
    assert "unforeseen-0123456789" not in traceback + line


LIGHT = [name for name in ARGUMENTS if name not in (*CONNECTING, "measure-punctuation")]


@pytest.mark.parametrize("name", [*LIGHT, "--help"])
def test_output_that_cannot_be_written_is_told_in_one_line(name: str, capsys: Capture) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with Path("/dev/full").open("w", encoding="utf-8") as full, redirect_stdout(full):
        code = run([name, *ARGUMENTS.get(name, [])])
    (line,) = capsys.readouterr().err.splitlines()[-1:]
    assert code == 2
    if name in {"history", "doctor", "tidy", "migrate", "--help"}:
        assert "the output can't be written (No space left on device)" in line


@pytest.mark.parametrize("name", ["history", "doctor", "tidy", "--help"])
def test_an_output_that_nobody_reads_ends_quietly_as_by_sigpipe(name: str, capsys: Capture) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as unread, redirect_stdout(unread):
        code = run([name, *ARGUMENTS.get(name, [])])
    assert code == 141
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("name", [*LIGHT, "--help"])
def test_a_terminal_that_lacks_characters_gets_escapes(
    name: str, encoding: str, monkeypatch: Patch, capsys: Capture
) -> None:
    poor = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stderr", poor)
    with redirect_stdout(poor):
        assert run([name, *ARGUMENTS.get(name, [])]) in {0, 1, 2}
    poor.flush()
    shown = poor.buffer.getvalue().decode(encoding)
    assert "If nothing around Fermata" not in shown
    if name == "doctor":
        assert "\\u2713 settings" in shown
