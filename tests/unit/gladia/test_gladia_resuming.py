"""A live session at Gladia whose connection drops: how it goes on, or does not."""

import pytest
from conversing import (
    BYTES_PER_S,
    FRAME,
    RATE_HZ,
    drop_after,
    error_of,
    events_to_the_end,
    provider_for,
    resume_point,
    serve_one_turn,
    wait_until_accepted,
)
from gladia_peer import GladiaPeer

from fermata.live.errors import (
    DroppedError,
    EndedEarlyError,
    Retry,
)
from fermata.live.events import Began, Turn


@pytest.mark.parametrize("accepted_end", [len(FRAME), len(FRAME) - 1])
def test_after_a_drop_the_same_session_gets_the_unacknowledged_bytes_exactly_once(accepted_end):
    def serve_the_rest(connection):
        connection.read_audio(2 * len(FRAME))
        connection.acknowledge(len(FRAME), 3 * len(FRAME))
        connection.transcript("Once.", start=0.1, end=0.3)
        connection.read_until_stop()
        connection.end()

    frames = [bytes([number]) * len(FRAME) for number in range(3)]
    with GladiaPeer(drop_after(2 * len(FRAME), accepted_end), serve_the_rest) as peer:
        provider = provider_for(peer)
        first = provider.connect(RATE_HZ, None)
        first.send(frames[0])
        first.send(frames[1])
        error, _ = error_of(first)
        assert isinstance(error, DroppedError)
        assert error.retry is Retry.SOON
        second = provider.connect(RATE_HZ, resume_point(first, 100.0))
        first.close()
        assert (second.session_id, second.starts_at_ms) == (first.session_id, 100.0)
        resent_from = round(second.starts_at_ms * BYTES_PER_S / 1000)
        second.send(b"".join(frames)[resent_from : 2 * len(FRAME)])
        second.send(frames[2])
        events = wait_until_accepted(second, 300.0)
        second.finish()
        events += events_to_the_end(second)
        second.close()
    assert len(peer.inits) == 1
    assert peer.tokens[0] not in str(second.resume_handle)
    heard = peer.connections[0].audio[: len(FRAME)] + peer.connections[1].audio
    assert bytes(heard) == b"".join(frames)
    turn = next(each for each in events if isinstance(each, Turn))
    assert (turn.words[0].start_ms, turn.words[0].end_ms) == (100.0, 300.0)


def test_a_turn_that_was_open_at_the_drop_keeps_its_order_in_the_resumed_session():
    def open_a_turn(connection):
        connection.read_audio(len(FRAME))
        connection.transcript("first", number=0)
        connection.transcript("seco", number=1, is_final=False)
        connection.drop()

    def finish_it(connection):
        connection.transcript("second", number=1)
        connection.read_until_stop()
        connection.end()

    with GladiaPeer(open_a_turn, finish_it) as peer:
        provider = provider_for(peer)
        first = provider.connect(RATE_HZ, None)
        first.send(FRAME)
        error_of(first)
        second = provider.connect(RATE_HZ, resume_point(first, 0.0))
        second.finish()
        turns = [each for each in events_to_the_end(second) if isinstance(each, Turn)]
        first.close()
        second.close()
    assert [(each.turn_order, each.text) for each in turns] == [(1, "second")]


def refuse(connection):
    connection.websocket.close(4403, "Session ended")


def test_a_dropped_session_that_has_ended_meanwhile_is_replaced_by_a_new_one():
    with GladiaPeer(drop_after(len(FRAME), len(FRAME)), refuse, serve_one_turn) as peer:
        provider = provider_for(peer, settle_s=60.0)
        first = provider.connect(RATE_HZ, None)
        first.send(FRAME)
        error_of(first)
        second = provider.connect(RATE_HZ, resume_point(first, 100.0))
        assert (second.starts_at_ms, len(peer.inits)) == (0.0, 2)
        assert second.session_id != first.session_id
        assert first.resume_handle is None
        second.send(FRAME * 2)
        second.finish()
        events_to_the_end(second)
        first.close()
        second.close()
    assert len(peer.connections) == 3


def test_a_connection_that_is_lost_while_it_is_resumed_may_be_tried_again():
    with GladiaPeer(drop_after(len(FRAME), 0), lambda connection: connection.drop()) as peer:
        provider = provider_for(peer, settle_s=60.0)
        first = provider.connect(RATE_HZ, None)
        first.send(FRAME)
        error_of(first)
        with pytest.raises(DroppedError):
            provider.connect(RATE_HZ, resume_point(first, 0.0))
        assert first.resume_handle is not None
        first.close()


def test_a_resumed_session_that_is_refused_late_is_not_resumed_again():
    def refuse_late(connection):
        connection.read_audio(len(FRAME))
        refuse(connection)

    with GladiaPeer(drop_after(len(FRAME), 0), refuse_late) as peer:
        provider = provider_for(peer, settle_s=0.0)
        first = provider.connect(RATE_HZ, None)
        first.send(FRAME)
        error_of(first)
        second = provider.connect(RATE_HZ, resume_point(first, 0.0))
        second.send(FRAME)
        error, _ = error_of(second)
        assert isinstance(error, EndedEarlyError)
        assert second.resume_handle is None
        first.close()
        second.close()


def test_what_gladia_says_first_on_a_resumed_connection_is_not_lost():
    def speak_at_once(connection):
        connection.transcript("At once.")
        connection.read_until_stop()
        connection.end()

    with GladiaPeer(drop_after(len(FRAME), 0), speak_at_once) as peer:
        provider = provider_for(peer)
        first = provider.connect(RATE_HZ, None)
        first.send(FRAME)
        error_of(first)
        second = provider.connect(RATE_HZ, resume_point(first, 0.0))
        second.finish()
        events = events_to_the_end(second)
        first.close()
        second.close()
    assert isinstance(events[0], Began)
    assert events[1].text == "At once."
