"""A live session at Gladia: its audio, its turns, its faults and its end."""

import pytest
from conversing import (
    BYTES_PER_S,
    FRAME,
    RATE_HZ,
    error_of,
    events_to_the_end,
    events_until,
    provider_for,
    resume_point,
    wait_until_accepted,
)
from gladia_peer import GladiaPeer

from fermata.live.errors import (
    DroppedError,
    EndedEarlyError,
    MalformedMessageError,
    MessageTooLongError,
    RefusedError,
    Retry,
    ServerError,
    StalledError,
)
from fermata.live.events import AudioAccepted, Began, Ended, Notice, SpeechStarted, Turn


def serve_one_turn(connection):
    connection.send("start_session")
    connection.read_audio(2 * len(FRAME))
    connection.acknowledge(0, 2 * len(FRAME))
    connection.send("speech_start", data={"time": 0.05, "channel": 0})
    connection.transcript("hello", is_final=False, start=0.05, end=0.1)
    connection.read_until_stop()
    connection.transcript("Hello there.", start=0.05, end=0.2)
    connection.end(billed_s=1.0, audio_s=0.2)


def talk(peer, **idle):
    return provider_for(peer, **idle).connect(RATE_HZ, None)


def test_audio_goes_out_byte_for_byte_and_turns_come_back_in_ms():
    with GladiaPeer(serve_one_turn) as peer:
        connection = talk(peer)
        connection.send(FRAME)
        connection.send(FRAME)
        before = events_until(connection, lambda event: isinstance(event, Turn))
        connection.finish()
        after = events_to_the_end(connection)
        connection.close()
    assert bytes(peer.connections[0].audio) == FRAME * 2
    assert before[:3] == [Began(connection.session_id, None, {}), AudioAccepted(200.0), before[2]]
    assert before[2] == SpeechStarted(50.0)
    partial, final = before[3], after[0]
    assert (partial.text, partial.end_of_turn, partial.words[0].is_final) == ("hello", False, False)
    assert (final.text, final.end_of_turn, final.language) == ("Hello there.", True, "en")
    assert partial.turn_order == final.turn_order == 0
    assert [each.text for each in final.words] == ["Hello", "there."]
    assert (final.words[0].start_ms, final.words[-1].end_ms) == (50.0, 200.0)
    assert after[-1] == Ended(audio_s=0.2, billed_s=1.0)


def test_finals_that_come_after_the_stop_are_all_received():
    def serve(connection):
        connection.read_until_stop()
        for number in range(5):
            connection.transcript(f"turn {number}", number=number)
        connection.end()

    with GladiaPeer(serve) as peer:
        connection = talk(peer)
        connection.finish()
        turns = [each for each in events_to_the_end(connection) if isinstance(each, Turn)]
        connection.close()
    assert [each.text for each in turns] == [f"turn {number}" for number in range(5)]


def test_utterances_get_increasing_orders_however_gladia_numbers_them():
    def serve(connection):
        for number in (11, 12, 40, 12):
            connection.transcript("word", number=number)
        connection.read_until_stop()
        connection.end()

    with GladiaPeer(serve) as peer:
        connection = talk(peer)
        connection.finish()
        turns = [each for each in events_to_the_end(connection) if isinstance(each, Turn)]
        connection.close()
    assert [each.turn_order for each in turns] == [0, 1, 2, 1]


def drop_after(byte_count, accepted_bytes):
    def serve(connection):
        connection.read_audio(byte_count)
        connection.acknowledge(0, accepted_bytes)
        connection.drop()

    return serve


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


@pytest.mark.parametrize(
    ("code", "expected", "retry"),
    [
        (1001, DroppedError, Retry.SOON),
        (1011, ServerError, Retry.SOON),
        (3000, ServerError, Retry.SOON),
        (4500, ServerError, Retry.SOON),
        (1009, MessageTooLongError, Retry.NEVER),
        (4400, RefusedError, Retry.NEVER),
        (4403, RefusedError, Retry.NEVER),
        (1000, EndedEarlyError, Retry.SOON),
    ],
)
def test_each_close_code_is_one_error_with_advice(code, expected, retry):
    with GladiaPeer(lambda connection: connection.websocket.close(code, "because")) as peer:
        connection = talk(peer)
        error, _ = error_of(connection)
        can_be_resumed = connection.resume_handle is not None
        connection.close()
    assert type(error) is expected
    assert (error.code, error.retry) == (code, retry)
    assert can_be_resumed is (retry is Retry.SOON and code != 1000)


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


def test_an_end_without_the_finals_is_told():
    def serve(connection):
        connection.transcript("unfinished", is_final=False)
        connection.read_until_stop()
        connection.websocket.close(1000)

    with GladiaPeer(serve) as peer:
        connection = talk(peer)
        events_until(connection, lambda event: isinstance(event, Turn))
        connection.finish()
        notice, ended = events_to_the_end(connection)
        connection.close()
    assert isinstance(notice, Notice)
    assert "1 turn(s) lacking" in notice.text
    assert ended == Ended(None, None)


def test_a_service_that_acknowledges_nothing_counts_as_stalled():
    with GladiaPeer(lambda connection: connection.read_audio(len(FRAME))) as peer:
        connection = talk(peer, stall_s=0.05)
        connection.send(FRAME)
        error, _ = error_of(connection)
        assert isinstance(error, StalledError)
        assert connection.resume_handle is not None
        connection.close()


def test_silence_keeps_an_idle_session_alive_and_shifts_no_time():
    silence = bytes(BYTES_PER_S // 10)

    def serve(connection):
        connection.read_audio(len(FRAME) + len(silence))
        connection.acknowledge(0, len(FRAME) + len(silence))
        # However often it was silent until the second frame came.
        while not connection.audio.endswith(FRAME):
            connection.read()
        end_s = len(connection.audio) / BYTES_PER_S
        connection.transcript("Later.", start=end_s - 0.1, end=end_s)
        connection.read_until_stop()
        connection.end()

    with GladiaPeer(serve) as peer:
        connection = talk(peer, keep_alive_s=0.3)
        connection.send(FRAME)
        accepted = wait_until_accepted(connection, 100.0)[-1]
        connection.send(FRAME)
        turn = events_until(connection, lambda event: isinstance(event, Turn))[-1]
        connection.finish()
        events_to_the_end(connection)
        connection.close()
    assert accepted.until_ms == 100.0
    word = turn.words[0]
    assert (word.start_ms, word.end_ms) == pytest.approx((100.0, 200.0))
    assert bytes(peer.connections[0].audio).replace(silence, b"") == FRAME * 2


@pytest.mark.parametrize("raw", ["{", "[]", '{"type": "transcript", "data": {"id": 1}}'])
def test_a_message_that_cannot_be_read_is_told_and_the_session_goes_on(raw):
    def serve(connection):
        connection.websocket.send(raw)
        connection.read_until_stop()
        connection.end()

    with GladiaPeer(serve) as peer:
        connection = talk(peer)
        error, _ = error_of(connection)
        assert isinstance(error, MalformedMessageError)
        connection.finish()
        events_to_the_end(connection)
        connection.close()


def test_unknown_messages_are_passed_over_and_errors_are_told():
    def serve(connection):
        connection.send("brand_new", data={"x": 1})
        connection.send("error", data={"code": 500, "message": "add-on\nfailed"})
        connection.send("audio_chunk", acknowledged=False, error={"message": "bad"}, data=None)
        connection.read_until_stop()
        connection.end()

    with GladiaPeer(serve) as peer:
        connection = talk(peer)
        connection.finish()
        events = events_to_the_end(connection)
        connection.close()
    assert events[1:-1] == [Notice("error", "add-on failed"), Notice("audio_chunk", "bad")]


def test_closing_twice_and_from_the_start_is_harmless():
    with GladiaPeer(lambda connection: None) as peer:
        connection = talk(peer)
        connection.close()
        connection.close()
        with pytest.raises(DroppedError):
            connection.send(FRAME)
