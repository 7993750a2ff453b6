"""Captions for a pipe or a file, and for programs."""

import io
import json

from rich.console import Console

from fermata.cli.captions import captions_for, json_captions
from fermata.live.events import LlmAnswer, Notice, SignOfLife
from fermata.live.turns import TurnState
from fermata.sessions import SessionKeeper
from fermata.storage import Storage
from tests.unit.sessions.happenings import began, channel_report, plan, report, turn

LONG = "word " * 60


def shown(*, encoding: str = "utf-8") -> tuple[Console, io.BytesIO]:
    raw = io.BytesIO()
    return Console(file=io.TextIOWrapper(raw, encoding=encoding), width=40), raw


def test_elsewhere_than_on_a_terminal_there_are_plain_lines_of_finals_alone():
    console, raw = shown()
    with captions_for(console, ("Agent",)) as captions:
        captions.on_event(0, began())
        captions.on_levels((-20.0,))
        captions.on_turn(turn(0, "hel", state=TurnState.OPEN))
        assert raw.getvalue() == b""
        captions.on_turn(turn(0, "Hello."))
        assert raw.getvalue() == b"00:00.0  Agent: Hello.\n", "at once, not at the end"
        captions.on_event(0, LlmAnswer(0, "a greeting", {}))
        captions.on_event(0, Notice("odd", "something [red]odd"))
        captions.say("a line of the log")
        captions.on_turn(turn(1, "and", is_formatted=False))
        captions.on_end(report())
    assert raw.getvalue().decode().splitlines() == [
        "00:00.0  Agent: Hello.",
        "    > a greeting",
        "note: something [red]odd",
        "a line of the log",
        "00:05.0  Agent: and",
    ]


def test_a_long_turn_is_one_line_whatever_the_width():
    console, raw = shown()
    with captions_for(console, ("Agent",)) as captions:
        captions.on_turn(turn(0, LONG))
    assert raw.getvalue().count(b"\n") == 1


def test_speech_that_the_encoding_lacks_does_not_end_the_session():
    console, raw = shown(encoding="ascii")
    with captions_for(console, ("Agent",)) as captions:
        captions.on_turn(turn(0, "naïve 日本"))
    assert raw.getvalue() == b"00:00.0  Agent: na?ve ??\n"


def happen(to) -> None:
    to.on_event(0, began())
    to.on_event(0, SignOfLife())
    to.on_turn(turn(0, "hel", state=TurnState.OPEN))
    to.on_turn(turn(0, "Hello."))
    to.on_event(0, LlmAnswer(0, "a greeting", {}))
    to.on_end(report(channel_report(0, (turn(0, "Hello."),))))


def without_time(lines: list[str]) -> list[dict]:
    objects = [json.loads(line) for line in lines]
    return [{name: each[name] for name in each if name != "written_at"} for each in objects]


def test_programs_get_the_lines_that_are_kept(tmp_path):
    written: list[str] = []
    with json_captions(written.append, "mine") as captions:
        happen(captions)
    with SessionKeeper(Storage(str(tmp_path)), plan(), "mine") as keeper:
        happen(keeper)
    kept = (tmp_path / "sessions" / "mine" / "turns.jsonl").read_text().splitlines(keepends=True)
    assert without_time(written) == without_time(kept)
    assert [each["type"] for each in without_time(written)] == [
        "session", "began", "turn", "turn", "llm_answer", "end",
    ]  # fmt: skip
