"""Every way a session breaks: one error each, and nothing is left open afterwards."""

import pytest

from fermata.live import errors
from fermata.live.events import Failed, Hole, HoleReason, Interrupted
from tests.unit.live.rig import (
    BOUND_S,
    NO_BEGIN,
    NO_DATA_TAKEN,
    NO_PONG,
    RATE_HZ,
    ChannelRig,
    provider,
    quick,
    samples,
    speech,
)
from tests.unit.live.scripted_server import ScriptedServer, normal

pytestmark = pytest.mark.timeout(200)

# Close code, text of the Error message (None: no such message), error.
ROWS = [
    (1006, None, errors.DroppedError),
    (1008, "Unauthorized Connection: Missing Authorization header", errors.AuthenticationError),
    (1008, "Unauthorized Connection: Invalid API key", errors.AuthenticationError),
    (1008, "Unauthorized Connection: Signature has expired", errors.AuthenticationError),
    (1008, "Unauthorized connection: Too many concurrent sessions", errors.TooManySessionsError),
    (1008, "Your current account balance is negative.", errors.BalanceError),
    (1009, None, errors.MessageTooLongError),
    (1011, None, errors.ServerError),
    (3005, "Session Cancelled: An error occurred", errors.ServerError),
    (3006, "Invalid Message Type: Shout", errors.BadMessageError),
    (3006, "User Input Validation Error: Invalid JSON: x", errors.BadMessageError),
    (3006, "Invalid Message: []", errors.BadMessageError),
    (
        3006,
        "User Input Validation Error: Invalid 'min_turn_silence': nope",
        errors.BadParameterError,
    ),
    (
        3006,
        "Session terminated due to inactivity: No messages received for 5 seconds",
        errors.InactivityError,
    ),
    (
        3007,
        "Input Duration Error: Input Duration Violation: 20.0 ms. Expected between 50 and 1000 ms",
        errors.FrameLengthError,
    ),
    (
        3007,
        "Audio Transmission Rate Exceeded: Received 9 sec. audio in 1 sec",
        errors.PacingError,
    ),
    (3008, "Session Expired: Maximum session duration exceeded", errors.SessionExpiredError),
    (3009, "Unauthorized Connection: Too many concurrent sessions", errors.TooManySessionsError),
    (4102, "This account has exceeded the number of allowed streams", errors.TooManySessionsError),
]


async def _break(session, code, text):
    if code == 1006:
        session.abort()
    elif text is None:
        await session.socket.close(code)
    else:
        await session.fail(code, text)


@pytest.mark.parametrize(("code", "text", "kind"), ROWS)
def test_each_close_code_before_begin_is_one_error(code, text, kind):
    async def script(session):
        await _break(session, code, text)

    with ScriptedServer(script) as server:
        with pytest.raises(errors.SessionError) as raised:
            provider(server).connect(RATE_HZ)
        assert server.all_closed()
    assert type(raised.value) is kind
    assert raised.value.code == code
    assert "\n" not in str(raised.value)
    assert text is None or text in str(raised.value)


@pytest.mark.parametrize(("code", "text", "kind"), ROWS)
def test_each_close_code_in_mid_session_is_retried_or_not(code, text, kind):
    async def script(session):
        await session.begin()
        await session.listen(200)
        await _break(session, code, text)

    with ScriptedServer(script, normal) as server:
        rig = ChannelRig(server, timing=quick(catch_up_speed=2.0))
        report = rig.run(samples(RATE_HZ))
        assert server.all_closed()
    retried = kind.retry is not errors.Retry.NEVER
    assert len(server.sessions) == (2 if retried else 1)
    assert (report.error is None) == retried
    assert bool(rig.events(Interrupted)) == retried
    assert bool(rig.events(Failed)) != retried
    if not retried:
        assert type(rig.session.error) is kind
        assert rig.session.error.code == code


def test_a_server_that_never_begins_is_given_up():
    async def script(session):
        await session.listen()
        await session.socket.wait_closed()

    with ScriptedServer(script) as server:
        report = ChannelRig(server, times=NO_BEGIN).run(samples(RATE_HZ))
        assert server.all_closed()
        assert len(server.sessions) == 3  # the first attempt, and two more
        assert all(session.terminated for session in server.sessions)
    assert "began no session" in report.error
    assert report.sessions == ()


async def _wait_until_left(session):
    await session.socket.wait_closed()


async def _close_as_if_all_were_well(session):
    await session.socket.close(1000)


@pytest.mark.parametrize("end", [_wait_until_left, _close_as_if_all_were_well])
def test_an_end_that_is_never_confirmed_is_tried_once_more_and_then_told(end):
    async def script(session):
        await session.begin()
        await session.listen()
        await session.turn(0, "said", ms=(0, 150))
        await end(session)

    audio = samples(RATE_HZ)
    with ScriptedServer(script) as server:
        rig = ChannelRig(server, timing=quick(drain_s=0.3))
        report = rig.run(audio)
        assert server.all_closed()
    # What the first session has answered for is not sent again, and then nothing new came.
    assert bytes(server.sessions[1].audio) == audio[1600:].tobytes()
    assert rig.notices() == ["no_termination"]
    assert (report.error, report.unconfirmed) == (None, True)
    assert report.holes[-1].reason is HoleReason.UNCONFIRMED
    assert report.holes[-1].end_ms == 1000
    assert report.billed_is_estimated


@pytest.mark.parametrize("end", [_wait_until_left, _close_as_if_all_were_well])
def test_an_end_that_another_session_confirms_is_a_good_one(end):
    async def script(session):
        await session.begin()
        await session.listen()
        await end(session)

    with ScriptedServer(script, normal) as server:
        rig = ChannelRig(server, timing=quick(drain_s=0.3))
        report = rig.run(samples(RATE_HZ))
    assert [each.text for each in report.turns] == ["good morning"]
    assert (report.error, report.unconfirmed, report.holes) == (None, False, ())


def test_a_server_that_ends_unasked_gets_another_session():
    async def script(session):
        await session.begin()
        await session.listen(200)
        await session.terminate()

    audio = samples(RATE_HZ)
    with ScriptedServer(script, normal) as server:
        rig = ChannelRig(server, timing=quick(catch_up_speed=2.0))
        report = rig.run(audio)
    assert bytes(server.sessions[1].audio) == audio.tobytes()
    assert report.error is None
    assert [session.billed_is_estimated for session in report.sessions] == [False, False]


@pytest.mark.parametrize("message", ["{not json", "[]", '"text"', '{"type": "Turn"}', b"\xff\xfe"])
def test_a_message_that_cannot_be_read_costs_itself_alone_and_is_told_once(message):
    async def script(session):
        await session.begin()
        await session.listen(100)
        for _ in range(3):
            await session.socket.send(message)
        await session.turn(0, "said after it", ms=(0, 1000))
        await session.listen()
        await session.terminate()

    with ScriptedServer(script) as server:
        rig = ChannelRig(server)
        report = rig.run(samples(RATE_HZ))
    assert len(server.sessions) == 1
    assert [each.text for each in report.turns] == ["said after it"]
    assert rig.notices() == ["unreadable"]
    assert (report.error, report.holes) == (None, ())


def test_a_turn_that_could_not_be_read_leaves_a_marked_stretch():
    async def script(session):
        await session.begin()
        await session.listen(1000)
        await session.turn(0, "read", ms=(0, 200))
        await session.socket.send('{"type": "Turn", "turn_order": 1, "end_of_turn": "perh')
        await session.turn(2, "read again", ms=(600, 1000))
        await session.listen()
        await session.terminate()

    with ScriptedServer(script) as server:
        report = ChannelRig(server).run(samples(RATE_HZ))
    assert report.holes == (Hole(250, 600, HoleReason.UNCONFIRMED),)


def test_when_the_last_message_could_not_be_read_what_was_spoken_last_is_marked():
    async def script(session):
        await session.begin()
        await session.listen()
        await session.turn(0, "read", ms=(0, 200))
        await session.socket.send('{"type": "Turn", "turn_order": 1, "end_of_turn": "perh')
        await session.terminate()

    with ScriptedServer(script) as server:
        spoken = ChannelRig(server).run(speech(1.0))
        silent = ChannelRig(server).run(samples(RATE_HZ))
    assert spoken.holes == (Hole(250, 1000, HoleReason.UNCONFIRMED),)
    assert silent.holes == ()


def test_when_the_last_message_could_not_be_read_what_is_kept_no_longer_is_marked_too():
    async def script(session):
        await session.begin()
        await session.listen()
        await session.turn(0, "read", ms=(0, 200))
        await session.socket.send('{"type": "Turn", "turn_order": 1, "end_of_turn": "perh')
        await session.terminate()

    # Nobody speaks in what is still kept at the end; somebody may have before.
    with ScriptedServer(script) as server:
        report = ChannelRig(server, timing=quick(keep_s=0.5)).run(samples(RATE_HZ))
    assert report.holes == (Hole(250, 1000, HoleReason.UNCONFIRMED),)


def test_a_server_that_reads_no_more_is_left_when_a_ping_stays_unanswered():
    async def script(session):
        await session.begin()
        await session.listen(300)
        await session.stall()

    audio = samples(RATE_HZ)
    with ScriptedServer(script, normal) as server:
        report = ChannelRig(server, timing=quick(catch_up_speed=1.5), times=NO_PONG).run(audio)
        assert server.all_closed()
    assert "answered no ping" in report.sessions[0].error
    assert bytes(server.sessions[1].audio) == audio.tobytes()
    assert report.error is None


def test_a_server_that_reads_no_more_is_left_when_it_takes_no_data():
    async def script(session):
        await session.begin()
        await session.stall()

    # Much more than the kernel's buffers between two sockets hold.
    audio = samples(600 * RATE_HZ)
    with ScriptedServer(script, normal) as server:
        rig = ChannelRig(
            server,
            timing=quick(keep_s=600.0, catch_up_speed=1e9, verdict_s=0.5),
            buffer_s=600,
            times=NO_DATA_TAKEN,
        )
        report = rig.run(audio)
        assert server.all_closed()
    assert "took no data" in report.sessions[0].error
    assert bytes(server.sessions[1].audio) == audio.tobytes()
    assert report.error is None


def test_a_stalled_server_does_not_hold_the_end():
    async def script(session):
        await session.begin()
        await session.stall()

    with ScriptedServer(script) as server:
        rig = ChannelRig(server, timing=quick(drain_s=1.0), times=NO_PONG)
        rig.push(samples(RATE_HZ))
        rig.session.start()
        assert rig.session.begun.wait(BOUND_S)
        rig.halt.set()
        rig.buffer.close()
        rig.end()
        assert server.all_closed()
