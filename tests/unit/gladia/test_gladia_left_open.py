"""Sessions at Gladia whose connection is lost: the next one begins when they are ended."""

import pytest
from conversing import (
    FRAME,
    RATE_HZ,
    client_for,
    drop_after,
    error_of,
    events_to_the_end,
    provider_for,
    serve_one_turn,
)
from gladia_peer import GladiaPeer

from fermata.gladia import GladiaProvider
from fermata.live.errors import DroppedError, Retry, ServerError
from fermata.live.wire import WireTimes

STOP = {"type": "stop_recording"}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr("fermata.gladia.provider._PAUSES_S", (0.0, 0.0))


def hear_the_end(connection):
    connection.read_until_stop()
    connection.end()


def fail(connection):
    connection.read_audio(len(FRAME))
    connection.websocket.close(1011, "failed")


def read_a_frame(connection):
    connection.read_audio(len(FRAME))


def refuse_after_a_frame(connection):
    connection.read_audio(len(FRAME))
    connection.websocket.close(4403, "Session ended")


def wait_for_close(connection):
    connection.wait_for_close()


def drop_unheard(connection):
    connection.read_until_stop()
    connection.drop()


def be_too_busy(connection):
    connection.websocket.close(1013, "try again later")


def refuse(connection):
    connection.websocket.close(4403, "Session ended")


def have_a_whole_session(provider):
    connection = provider.connect(RATE_HZ)
    connection.send(FRAME * 2)
    connection.finish()
    events_to_the_end(connection)
    connection.close()


def lose_a_session(provider):
    first = provider.connect(RATE_HZ)
    first.send(FRAME)
    error, _ = error_of(first)
    first.close()
    assert error.retry is Retry.SOON
    return error


@pytest.mark.parametrize(
    ("lose", "kind"), [(drop_after(len(FRAME), 0), DroppedError), (fail, ServerError)]
)
def test_a_session_whose_connection_is_lost_is_ended_before_the_next_one_begins(lose, kind):
    with GladiaPeer(lose, hear_the_end, serve_one_turn) as peer:
        provider = provider_for(peer)
        assert isinstance(lose_a_session(provider), kind)
        have_a_whole_session(provider)
    assert peer.connections[1].session_id == peer.connections[0].session_id
    assert peer.connections[1].texts == [STOP]
    assert peer.connections[2].session_id != peer.connections[0].session_id
    assert len(peer.inits) == 2


def test_a_session_that_has_ended_meanwhile_holds_nothing_up():
    with GladiaPeer(drop_after(len(FRAME), 0), refuse, serve_one_turn) as peer:
        provider = provider_for(peer)
        lose_a_session(provider)
        have_a_whole_session(provider)
    assert len(peer.connections) == 3


def test_a_session_that_was_ended_is_left_alone():
    with GladiaPeer(serve_one_turn, serve_one_turn) as peer:
        provider = provider_for(peer)
        have_a_whole_session(provider)
        have_a_whole_session(provider)
    assert len(peer.connections) == 2


def test_a_session_is_ended_at_last_where_no_other_one_begins():
    with GladiaPeer(drop_after(len(FRAME), 0), hear_the_end) as peer:
        provider = provider_for(peer)
        lose_a_session(provider)
        provider.close()
        provider.close()
    assert [each.texts for each in peer.connections[1:]] == [[STOP]]


@pytest.mark.parametrize("again", [drop_unheard, be_too_busy, refuse])
def test_a_session_whose_end_is_not_confirmed_is_ended_once_more(again):
    with GladiaPeer(drop_after(len(FRAME), 0), again, hear_the_end) as peer:
        provider = provider_for(peer)
        lose_a_session(provider)
        provider.close()
    assert len({each.session_id for each in peer.connections}) == 1
    assert peer.connections[2].texts == [STOP]


def test_a_session_whose_first_connection_was_lost_as_it_was_made_is_ended():
    class LostAtFirst(GladiaProvider):
        is_lost = True

        def _wire(self, state, times):
            wire = super()._wire(state, times)
            if self.is_lost:
                self.is_lost = False
                wire.close()
                raise DroppedError("the answer to the upgrade was lost")
            return wire

    with GladiaPeer(wait_for_close, hear_the_end) as peer:
        provider = LostAtFirst(client_for(peer), times=WireTimes(close_s=0.5))
        with pytest.raises(DroppedError):
            provider.connect(RATE_HZ)
        provider.close()
    assert [each.texts for each in peer.connections] == [[], [STOP]]


def test_a_session_that_never_confirms_is_given_up():
    with GladiaPeer(drop_after(len(FRAME), 0), drop_unheard, refuse, drop_unheard) as peer:
        provider = provider_for(peer)
        lose_a_session(provider)
        provider.close()
        provider.close()
    assert len(peer.connections) == 1 + 3


def test_a_session_that_was_closed_here_without_an_end_is_ended_too():
    """As where it fell silent: whether Gladia hears of the close is not known."""
    with GladiaPeer(read_a_frame, hear_the_end) as peer:
        provider = provider_for(peer)
        connection = provider.connect(RATE_HZ)
        connection.send(FRAME)
        connection.close()
        provider.close()
    assert peer.connections[1].session_id == peer.connections[0].session_id
    assert peer.connections[1].texts == [STOP]


@pytest.mark.parametrize("end", [refuse_after_a_frame, serve_one_turn])
def test_a_session_that_gladia_has_ended_is_left_alone_at_last(end):
    with GladiaPeer(end) as peer:
        provider = provider_for(peer)
        connection = provider.connect(RATE_HZ)
        connection.send(FRAME * 2)
        if end is serve_one_turn:
            connection.finish()
            events_to_the_end(connection)
        else:
            error_of(connection)
        connection.close()
        provider.close()
    assert len(peer.connections) == 1


def test_a_session_that_is_out_of_reach_is_ended_as_soon_as_it_can_be():
    class Away(GladiaProvider):
        is_away = True

        def _wire(self, state, times):
            if self.is_away and state.is_left_open:
                raise DroppedError("the network is away")
            return super()._wire(state, times)

    with GladiaPeer(
        drop_after(len(FRAME), 0), serve_one_turn, hear_the_end, serve_one_turn
    ) as peer:
        provider = Away(client_for(peer), times=WireTimes(close_s=0.5))
        lose_a_session(provider)
        have_a_whole_session(provider)
        provider.is_away = False
        have_a_whole_session(provider)
    assert peer.connections[2].session_id == peer.connections[0].session_id
    assert STOP in peer.connections[2].texts
