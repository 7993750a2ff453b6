"""A live session at Gladia: its audio, its turns, its faults and its end."""

import pytest
from conversing import (
    BYTES_PER_S,
    FRAME,
    error_of,
    events_to_the_end,
    events_until,
    serve_one_turn,
    talk,
)
from gladia_peer import GladiaPeer

from fermata.live.errors import (
    DroppedError,
    EndedEarlyError,
    MalformedMessageError,
    MessageTooLongError,
    NoTerminationError,
    RefusedError,
    Retry,
    ServerError,
    StalledError,
)
from fermata.live.events import Began, Ended, Notice, SignOfLife, SpeechStarted, Turn


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
    assert before[:2] == [Began(connection.session_id, None, {}), SpeechStarted(50.0)]
    partial, final = before[2], after[0]
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
        connection.close()
    assert type(error) is expected
    assert (error.code, error.retry) == (code, retry)


def test_an_end_without_the_finals_is_told():
    def serve(connection):
        connection.transcript("unfinished", is_final=False)
        connection.read_until_stop()
        connection.end()

    with GladiaPeer(serve) as peer:
        connection = talk(peer)
        events_until(connection, lambda event: isinstance(event, Turn))
        connection.finish()
        notice, ended = events_to_the_end(connection)
        connection.close()
    assert isinstance(notice, Notice)
    assert "1 turn(s) lacking" in notice.text
    assert ended == Ended(1.0, 1.0)


def test_a_close_without_a_word_confirms_no_end():
    def serve(connection):
        connection.read_until_stop()
        connection.websocket.close(1000)

    with GladiaPeer(serve) as peer:
        connection = talk(peer)
        connection.finish()
        error, _ = error_of(connection)
        connection.close()
    assert isinstance(error, NoTerminationError)


def test_a_service_that_acknowledges_nothing_counts_as_stalled():
    with GladiaPeer(lambda connection: connection.read_audio(len(FRAME))) as peer:
        connection = talk(peer, stall_s=0.05)
        connection.send(FRAME)
        error, _ = error_of(connection)
        assert isinstance(error, StalledError)
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
        while connection.receive(0.05) != SignOfLife():
            pass
        connection.send(FRAME)
        turn = events_until(connection, lambda event: isinstance(event, Turn))[-1]
        connection.finish()
        events_to_the_end(connection)
        connection.close()
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
