"""How a channel's session ends, whoever ends it."""

import pytest

from fermata.live.events import (
    HoleReason,
)
from fermata.live.turns import HeardTurn, TurnState
from tests.unit.live.rig import BOUND_S, RATE_HZ, ChannelRig, quick, samples
from tests.unit.live.scripted_server import ScriptedServer, normal

pytestmark = pytest.mark.timeout(200)


def test_told_to_end_it_terminates_at_once_and_marks_what_was_not_sent():
    async def script(session):
        await session.begin()
        await session.listen()
        await session.terminate()

    with ScriptedServer(script) as server:
        rig = ChannelRig(server, timing=quick(catch_up_speed=1.0, flush_s=0.0))
        rig.push(samples(10 * RATE_HZ))
        rig.session.start()
        assert rig.session.begun.wait(BOUND_S)
        rig.halt.set()
        report = rig.end()
        assert server.all_closed()
    assert server.sessions[0].terminated
    assert report.holes[-1].reason is HoleReason.UNSENT
    assert report.holes[-1].end_ms == 10_000


def test_a_turn_that_never_became_final_is_kept_as_cut():
    async def script(session):
        await session.begin()
        await session.listen()
        await session.turn(0, "never final", ms=(200, 400), final=False)
        await session.terminate()

    with ScriptedServer(script) as server:
        report = ChannelRig(server).run(samples(RATE_HZ))
    assert [(each.text, each.state) for each in report.turns] == [("never final", TurnState.CUT)]
    assert report.holes == ()


def test_when_nothing_more_can_be_tried_the_unconfirmed_audio_is_marked():
    async def script(session):
        await session.begin()
        await session.listen(500)
        await session.turn(0, "said", ms=(0, 150))
        await session.listen(600)
        await session.fail(3006, "User Input Validation Error: Invalid 'x': y")

    with ScriptedServer(script) as server:
        rig = ChannelRig(server, timing=quick(catch_up_speed=2.0))
        report = rig.run(samples(RATE_HZ))
    # How much was sent before the end is a matter of time; all of it is accounted for.
    unconfirmed, *unsent = report.holes
    assert (unconfirmed.start_ms, unconfirmed.reason) == (200, HoleReason.UNCONFIRMED)
    assert [each.reason for each in unsent] in ([HoleReason.UNSENT], [])
    ends = [unconfirmed.end_ms, *(each.end_ms for each in unsent)]
    assert ends[-1] == 1000
    assert [each.start_ms for each in unsent] == ends[:-1]


def test_an_error_of_ours_still_ends_the_session():
    with ScriptedServer(normal) as server:
        rig = ChannelRig(server)

        def broken(item):
            if isinstance(item, HeardTurn):
                raise ZeroDivisionError("a bug")
            rig.heard.append(item)

        rig.session._hearing._publish = broken
        rig.push(samples(RATE_HZ))
        rig.session.start()
        report = rig.end()
        assert server.all_closed()
    assert isinstance(rig.session.error, ZeroDivisionError)
    assert server.sessions[0].terminated
    assert report.sessions[0].billed_s == 2
