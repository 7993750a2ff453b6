"""What the Prefect UI shows of a session: a table and a transcript."""

from fermata.live.events import Hole, HoleReason, Notice
from fermata.live.turns import TurnState
from fermata.report.session import session_table, transcript_markdown, wordless_markdown
from fermata.report.voices import clock, clock_time, voice_name
from tests.unit.sessions.happenings import channel_report, report, turn, words_of

CONVERSATION = report(
    channel_report(
        0,
        (turn(0, "Hello."), turn(1, "How can I help?")),
        holes=(Hole(7_000, 8_500, HoleReason.DROPPED),),
        notices=(Notice("odd", "something odd"),),
    ),
    channel_report(1, (turn(0, "Hi.", channel=1, start_ms=2_000, final_latency_ms=1000.0),)),
)


def markdown(streamed, answers=None, **changes) -> str:
    return transcript_markdown(streamed, answers or {}, session="mine", **changes)


def test_the_table_has_a_row_for_each_channel_and_one_for_all():
    rows = session_table(CONVERSATION)
    assert [row["channel"] for row in rows] == ["Agent", "Caller", "all"]
    assert [row["turns"] for row in rows] == [2, 1, 3]
    assert [row["billed s"] for row in rows] == ["12.0", "12.0", "24.0"]
    assert [row["final ms"] for row in rows] == [600, 1000, 600]
    assert [row["holes"] for row in rows] == [1, 0, 1]


def test_one_channel_needs_no_sum():
    assert len(session_table(report(channel_report(0, ())))) == 1


def test_a_session_without_turns_has_no_latency():
    assert session_table(report(channel_report(0, ())))[0]["final ms"] == ""


def test_the_transcript_has_who_spoke_when_in_the_order_of_time():
    spoken = [line for line in markdown(CONVERSATION).splitlines() if line.startswith("- ")]
    assert spoken == [
        "- `00:00.0` **Agent:** Hello.",
        "- `00:02.0` **Caller:** Hi.",
        "- `00:05.0` **Agent:** How can I help?",
        "- `00:07.0` _Agent: hole, 00:07.0 to 00:08.5: lost before it could be sent_",
    ]


def test_without_words_there_is_all_but_the_words():
    text = wordless_markdown(CONVERSATION, session="mine", where="data/sessions/mine", notes=["so"])
    assert "data/sessions/mine" in text
    assert {"> so", "> something odd"} <= set(text.splitlines())
    assert not [said for said in ("Hello", "help", "Hi.") if said in text]
    assert text.splitlines()[2] == markdown(CONVERSATION).splitlines()[2]


def test_answers_stand_indented_under_their_turn():
    text = markdown(CONVERSATION, {(1, 0): "a greeting\nby the caller"})
    assert "**Caller:** Hi.\n    > a greeting\n    > by the caller\n- " in text


def test_speakers_are_told_apart_inside_a_turn():
    spoken = words_of("ready now", speaker="A") + words_of("yes", 1500, speaker="B")
    text = markdown(report(channel_report(0, (turn(0, "Ready now? Yes.", words=spoken),))))
    assert "**Speaker A:** ready now" in text
    assert "`00:01.5` **Speaker B:** yes" in text


def test_summary_notes_and_notices_come_first():
    text = markdown(CONVERSATION, summary="They met.", notes=("a note",))
    parts = ["something odd", "a note", "### Summary\n\nThey met.", "### Transcript"]
    assert [text.index(part) for part in parts] == sorted(text.index(part) for part in parts)


def test_what_somebody_says_is_no_markup():
    said = turn(0, "a | b <script> ![x](http://spy/x.png)\nnext", state=TurnState.CUT)
    text = markdown(report(channel_report(0, (said,))), {(0, 0): "![y](http://spy/y.png)"})
    assert "a \\| b &lt;script>" in text
    assert "![" not in text
    assert "png) next\n    _not heard to its end_" in text


def test_an_error_and_an_estimate_are_said():
    failed = report(channel_report(0, (), error="the key is wrong"), interrupted=True)
    text = markdown(failed)
    assert "**Error:** the key is wrong" in text
    assert "stopped before its end" in text
    assert "_Nothing was said._" in text


def test_times_and_voices_are_written_as_people_do():
    assert [clock_time(ms) for ms in (None, 59_960, 3_723_400)] == [
        "00:00.0",
        "01:00.0",
        "1:02:03.4",
    ]
    assert clock(75.9) == "01:15"
    assert voice_name(["Mic"], 0, None) == "Mic"
    assert voice_name(["Mic"], 0, "A") == "Speaker A"
    assert voice_name(["Left", "Right"], 1, "A/2") == "Right A/2"
