"""Each way to set a proxy means the same for requests as for streams."""

import shutil
import socket
import ssl
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from fermata.assemblyai import AssemblyAIClient, ConnectionFailedError
from fermata.assemblyai.transport import Transport
from fermata.errors import FermataError, UsageError
from fermata.live import dialing
from fermata.live.dialing import dial
from fermata.live.errors import DroppedError, RefusedError
from fermata.localserver import LocalServer
from tests.unit.live.rig import RATE_HZ, ChannelRig, samples
from tests.unit.live.scripted_server import ScriptedServer, normal
from tests.unit.proxies.http_proxy import HttpProxy, accepting

HOST = "stt.example.com"
BOUND_S = 60.0


class Origin:
    """What is reached past the proxy: it hangs up, and counts."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.reached = 0

    def hold(self, connection: socket.socket) -> None:
        with connection:
            self.reached += 1


@pytest.fixture
def origin() -> Iterator[Origin]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = Origin(listener.getsockname()[1])
        with accepting(listener, running.hold):
            yield running


def request(url: str) -> None:
    with Transport(url, "key") as transport:
        transport.get("/", (BOUND_S, BOUND_S))


def stream(url: str) -> None:
    dial(
        url.replace("http", "ws", 1),
        {},
        BOUND_S,
        unanswered_s=BOUND_S,
        refusal=lambda status, _: RefusedError(str(status)),
    )


@dataclass(frozen=True)
class Exceptions:
    no_proxy: str
    host: str
    way: str

    def __str__(self) -> str:
        return f"{self.no_proxy}-{self.host}"


EXCEPTIONS = [
    Exceptions("", HOST, "proxied"),
    Exceptions("localhost", HOST, "proxied"),
    Exceptions("*", HOST, "direct"),
    Exceptions(HOST, HOST, "direct"),
    Exceptions("example.com", HOST, "direct"),
    Exceptions(".example.com", HOST, "direct"),
    Exceptions("ample.com", HOST, "proxied"),
    Exceptions("other.org , example.com", HOST, "direct"),
    Exceptions(f"{HOST}:PORT", HOST, "direct"),
    Exceptions(f"{HOST}:1", HOST, "proxied"),
    Exceptions("STT.example.com", "STT.example.com", "direct"),
    Exceptions("192.0.2.7", "192.0.2.7", "direct"),
    Exceptions("192.0.2.0/24", "192.0.2.7", "direct"),
    Exceptions("198.51.100.0/24", "192.0.2.7", "proxied"),
]


@pytest.mark.usefixtures("every_name_is_here")
@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("case", EXCEPTIONS, ids=str)
def test_no_proxy_means_the_same_for_both(
    case: "Exceptions",
    scheme: str,
    origin: Origin,
    set_for_all: HttpProxy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_PROXY", case.no_proxy.replace("PORT", str(origin.port)))
    set_for_all.is_closed_to_all = True
    url = f"{scheme}://{case.host}:{origin.port}"
    for ask in (request, stream):
        before = len(set_for_all.heads), origin.reached
        with pytest.raises(FermataError):
            ask(url)
        asked, reached = len(set_for_all.heads) - before[0], origin.reached - before[1]
        assert (asked, reached) == ((0, 1) if case.way == "direct" else (1, 0)), ask.__name__


@pytest.mark.parametrize("ask", [request, stream])
@pytest.mark.parametrize("spelled", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_a_proxy_is_taken_by_any_name_with_and_without_a_scheme(
    scheme: str, spelled: str, ask, proxy: HttpProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy.is_closed_to_all = True
    login = "me:p%40ss@" if scheme else ""
    monkeypatch.setenv(spelled, f"{scheme}{login}{proxy.address}")
    with pytest.raises(FermataError, match="407") as refused:
        ask(f"https://{HOST}")
    assert "ss@" not in str(refused.value)
    (head,) = proxy.heads
    assert head.startswith(f"CONNECT {HOST}:443 ")
    sent = f"Proxy-Authorization: Basic {b64encode(b'me:p@ss').decode()}\r\n" in head
    assert sent == bool(login)


@pytest.mark.parametrize("ask", [request, stream])
@pytest.mark.parametrize("address", ["socks5://127.0.0.1:1080", "socks5h://h:1", "socks4://h"])
def test_a_proxy_of_another_kind_is_told_of_in_one_line(
    address: str, ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)
    with pytest.raises(UsageError, match="through HTTP proxies alone: name one in HTTPS_PROXY"):
        ask(f"https://{HOST}")


def test_a_stream_does_not_take_a_proxy_that_is_to_be_spoken_to_over_tls_for_a_plain_one(
    proxy: HttpProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"https://{proxy.address}")
    with pytest.raises(RefusedError, match="is set with https://"):
        stream(f"https://{HOST}")
    assert not proxy.heads


def test_what_the_proxy_did_not_let_through_was_not_sent(set_for_all: HttpProxy) -> None:
    set_for_all.is_closed_to_all = True
    with pytest.raises(ConnectionFailedError, match="through the proxy") as refused:
        request(f"https://{HOST}")
    assert not refused.value.answer_lost
    with pytest.raises(DroppedError, match=f"through the proxy {set_for_all.address}"):
        stream(f"https://{HOST}")


def test_loopback_is_reached_past_every_proxy(origin: Origin, set_for_all: HttpProxy) -> None:
    for ask in (request, stream):
        for host in ("127.0.0.1", "localhost"):
            with pytest.raises(FermataError):
                ask(f"http://{host}:{origin.port}")
    assert origin.reached == 4
    assert not set_for_all.heads


def test_requests_are_answered_through_a_proxy(set_for_all: HttpProxy) -> None:
    with LocalServer() as server:
        url = server.url.replace("127.0.0.1", HOST)
        with AssemblyAIClient(url, "a-key", allow_insecure_hosts=[HOST]) as client:
            client.check()
    assert set_for_all.heads[0].startswith(f"GET http://{HOST}:")


def test_a_session_is_held_through_a_proxy_with_tls_to_the_service(
    set_for_all: HttpProxy, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate = _certificate(tmp_path)
    context.load_cert_chain(certificate, tmp_path / "key.pem")
    trusting = ssl.create_default_context(cafile=certificate)
    monkeypatch.setattr(dialing, "_tls", lambda: trusting)
    audio = samples(RATE_HZ)
    with ScriptedServer(normal, ssl=context) as server:
        rig = ChannelRig(_At(f"wss://{HOST}:{server.port}/v3/ws"))
        report = rig.run(audio)
        (session,) = server.sessions
    assert report.error is None
    assert bytes(session.audio) == audio.tobytes()
    (head,) = set_for_all.heads
    assert head.startswith(f"CONNECT {HOST}:{server.port} ")
    assert "a-key" not in head


class _At:
    def __init__(self, url: str) -> None:
        self.url = url


def _certificate(folder) -> str:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the openssl command is missing")
    command = f"{openssl} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    more = f"-subj /CN={HOST} -addext subjectAltName=DNS:{HOST} -keyout key.pem -out cert.pem"
    subprocess.run(f"{command} {more}".split(), cwd=folder, check=True, capture_output=True)
    return str(folder / "cert.pem")
