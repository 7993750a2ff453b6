"""The tables `ipus`, `silences` and `turns`."""

from fermata.tables import RecordingTurnTaking, turn_taking_frames
from fermata.turntaking import Conversation, Word, turn_taking

TALK = Conversation.of(
    [
        Word("A", 0, 1_000, "My number"),
        Word("A", 1_600, 2_500, "is five."),
        Word("B", 3_000, 4_000, "Thank you."),
        Word("A", 5_000, 6_000, "Bye."),
    ]
)


def frames():
    return turn_taking_frames([RecordingTurnTaking("r", "o", "ivr", turn_taking(TALK))])


def test_a_turn_is_told_from_its_first_word_to_its_last():
    first, second, third = frames().turns.to_pylist()
    assert (first["speaker"], first["start_ms"], first["end_ms"]) == ("A", 0, 2_500)
    assert (first["holds"], first["longest_hold_ms"], first["words"]) == (1, 600, 4)
    assert (first["speech_ms"], first["is_finished"]) == (1_900, True)
    assert (first["next_speaker"], first["floor_transfer_offset_ms"]) == ("B", 500)
    assert (second["speaker"], second["is_finished"]) == ("A", False)
    assert third["speaker"] == "B"


def test_a_silence_names_the_turn_that_it_lies_in_or_ends():
    rows = frames().silences.to_pylist()
    told = [(row["speaker"], row["turn_index"], row["kind"], row["own_ms"]) for row in rows]
    assert told == [
        ("A", 0, "hold", 600),
        ("A", 0, "shift", 2_500),
        ("A", 1, "end", None),
        ("B", 2, "shift", None),
    ]


def test_units_are_told_apart_by_what_they_do():
    talk = Conversation.of(
        [
            Word("A", 0, 9_000, "a long story"),
            Word("B", 4_000, 4_300, "mhm"),
            Word("B", 6_000, 7_500, "but did you ever ask"),
            Word("A", 9_300, 12_000, "which goes on."),
            Word("B", 12_500, 14_000, "I see."),
        ]
    )
    found = turn_taking_frames([RecordingTurnTaking("r", "o", "ivr", turn_taking(talk))])
    told = [(row["speaker"], row["kind"]) for row in found.ipus.to_pylist()]
    assert told == [
        *[("A", "turn")] * 2,
        ("B", "backchannel"),
        ("B", "failed_attempt"),
        ("B", "turn"),
    ]


def test_a_run_without_transcripts_leaves_empty_tables():
    found = turn_taking_frames([])
    assert (found.ipus.num_rows, found.silences.num_rows, found.turns.num_rows) == (0, 0, 0)
