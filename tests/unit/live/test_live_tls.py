"""TLS with two threads on one connection, and certificates."""

import shutil
import ssl
import subprocess

import pytest

from fermata.assemblyai.streaming import (
    StreamingTimes,
)
from fermata.live import dialing, errors
from tests.unit.live.rig import RATE_HZ, ChannelRig, quick, samples
from tests.unit.live.scripted_server import ScriptedServer

pytestmark = pytest.mark.timeout(200)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the openssl command is missing")
    folder = tmp_path_factory.mktemp("tls")
    command = f"{openssl} req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    more = "-addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem"
    subprocess.run(
        f"{command} {more}".split(),
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder


class OverTls:
    def __init__(self, server):
        self.url = f"wss://localhost:{server.port}/v3/ws"


def server_context(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    return context


async def talkative(session):
    """Answers every frame at once, so that both directions are busy all the time."""
    await session.begin()
    heard = 0
    while not session.terminated:
        await session.listen(session.audio_ms + 50)
        await session.turn(heard, "word " * 9, ms=(0, 50))
        heard += 1
    await session.terminate()


def test_both_directions_of_a_tls_connection_are_used_at_once(certificate, monkeypatch):
    trusting = ssl.create_default_context(cafile=certificate / "cert.pem")
    monkeypatch.setattr(dialing, "_tls", lambda: trusting)
    audio = samples(30 * RATE_HZ)
    with ScriptedServer(talkative, ssl=server_context(certificate)) as server:
        rig = ChannelRig(OverTls(server), times=StreamingTimes(), timing=quick(drain_s=10.0))
        report = rig.run(audio)
        assert server.all_closed()
    assert report.error is None
    assert len(report.sessions) == 1
    assert bytes(server.sessions[0].audio) == audio.tobytes()
    assert len(report.turns) == 601  # one for each frame, and one for Terminate


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate):
    with ScriptedServer(talkative, ssl=server_context(certificate)) as server:
        rig = ChannelRig(OverTls(server))
        report = rig.run(samples(RATE_HZ))
        assert not server.sessions
    assert isinstance(rig.session.error, errors.CertificateError)
    assert "localhost" in report.error
