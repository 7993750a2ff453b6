"""A running connection: what is said to the service, and what is logged of it."""

import pytest

from fermata.live.events import Began, Ended
from tests.unit.live.rig import RATE_HZ, ChannelRig, provider, samples
from tests.unit.live.scripted_server import ScriptedServer

pytestmark = pytest.mark.timeout(200)


def test_a_running_session_can_be_changed_and_told_to_end_a_turn():
    async def script(session):
        await session.begin()
        await session.listen()
        await session.terminate()

    with ScriptedServer(script) as server:
        connection = provider(server).connect(RATE_HZ)
        connection.update_configuration({"min_turn_silence": 300})
        connection.force_endpoint()
        connection.keep_alive()
        connection.finish()
        events = []
        while not events or not isinstance(events[-1], Ended):
            event = connection.receive(1)
            events += [event] if event else []
        connection.close()
        assert server.all_closed()
    assert isinstance(events[0], Began)
    assert [text["type"] for text in server.sessions[0].texts] == [
        "UpdateConfiguration",
        "ForceEndpoint",
        "KeepAlive",
        "Terminate",
    ]


def test_unknown_messages_are_counted_and_logged_once(caplog):
    caplog.set_level("INFO", logger="fermata.assemblyai.streaming")

    async def script(session):
        await session.begin()
        for _ in range(3):
            await session.send({"type": "Weather"})
        await session.listen()
        await session.terminate()

    with ScriptedServer(script) as server:
        connection = provider(server).connect(RATE_HZ)
        while connection.unknown_messages < 3:
            connection.receive(1)
        connection.finish()
        connection.close()
    assert [record.message for record in caplog.records] == [
        "messages of type Weather are not known and ignored"
    ]


def test_no_log_line_of_a_session_holds_the_key(caplog):
    caplog.set_level("DEBUG")

    async def script(session):
        await session.begin()
        await session.listen(100)
        session.abort()

    with ScriptedServer(script) as server:
        report = ChannelRig(server).run(samples(RATE_HZ))
    assert report.error
    # The server of this test logs what it gets, which is no fault of the client.
    ours = [record for record in caplog.records if not record.name.startswith("websockets")]
    assert ours
    assert not any("a-key-for-tests" in record.getMessage() for record in ours)
    assert "a-key-for-tests" not in report.error
