"""What is at the address is no streaming service, or nothing at all."""

import socket
import threading
from http import HTTPStatus

import pytest

from fermata.live import errors
from fermata.live.events import Interrupted
from tests.unheard_port import unheard_port
from tests.unit.live.rig import NO_ANSWER, RATE_HZ, ChannelRig, provider, samples
from tests.unit.live.scripted_server import ScriptedServer, normal

pytestmark = pytest.mark.timeout(200)


def test_an_address_where_nobody_listens_is_tried_a_few_times():
    with unheard_port() as port:

        class Nobody:
            url = f"ws://127.0.0.1:{port}/v3/ws"

        rig = ChannelRig(Nobody)
        report = rig.run(samples(RATE_HZ))
    assert len(rig.events(Interrupted)) == 2
    assert "127.0.0.1 can't be reached (Connection refused)" in report.error


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (HTTPStatus.UNAUTHORIZED, errors.AuthenticationError),
        (HTTPStatus.TOO_MANY_REQUESTS, errors.TooManySessionsError),
        (HTTPStatus.NOT_FOUND, errors.RefusedError),
        (HTTPStatus.BAD_GATEWAY, errors.ServerError),
        (HTTPStatus.FOUND, errors.RefusedError),
    ],
)
def test_an_http_answer_instead_of_the_upgrade_is_classified(status, kind):
    def refuse(connection, _request):
        response = connection.respond(status, "no")
        if status is HTTPStatus.FOUND:
            response.headers["Location"] = "ws://127.0.0.1:1/elsewhere"
        return response

    with (
        ScriptedServer(normal, process_request=refuse) as server,
        pytest.raises(errors.SessionError) as raised,
    ):
        provider(server).connect(RATE_HZ)
    assert type(raised.value) is kind


def test_something_that_is_no_websocket_service_is_named_so():
    with socket.create_server(("127.0.0.1", 0)) as peer:

        class Odd:
            url = f"ws://127.0.0.1:{peer.getsockname()[1]}/v3/ws"

        def answer():
            client, _ = peer.accept()
            with client:
                client.recv(4096)
                client.sendall(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(errors.RefusedError, match="no WebSocket service"):
            provider(Odd).connect(RATE_HZ)
        thread.join()


def test_a_peer_that_takes_the_connection_and_says_nothing_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as peer:

        class Mute:
            url = f"ws://127.0.0.1:{peer.getsockname()[1]}/v3/ws"

        with pytest.raises(errors.DroppedError, match="no answer in time"):
            provider(Mute, NO_ANSWER).connect(RATE_HZ)
