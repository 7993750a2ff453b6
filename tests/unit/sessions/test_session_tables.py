"""What a session leaves in the tables: turns and words, readable by anything."""

import json
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from fermata.live.events import LlmAnswer
from fermata.live.turns import TurnState
from fermata.sessions import SessionKeeper
from fermata.storage import Storage
from fermata.tables import STREAMED_TURNS, STREAMED_WORDS, read_table
from tests.unit.sessions.happenings import channel_report, plan, report, turn, words_of


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "data"))


def keep(storage: Storage, *turns, **changes) -> str:
    with SessionKeeper(storage, plan(**changes)) as keeper:
        keeper.on_event(0, LlmAnswer(0, "a greeting", {}))
        own = [tuple(each for each in turns if each.channel == index) for index in (0, 1)]
        keeper.on_end(report(channel_report(0, own[0]), channel_report(1, own[1])))
    return keeper.session


def test_one_row_per_turn_with_what_it_was_streamed_with(storage):
    session = keep(storage, turn(0, "Hello there."), turn(0, "Hi.", channel=1, start_ms=1000))
    rows = read_table(storage, STREAMED_TURNS)
    assert list(rows["session"]) == [session, session]
    assert list(rows["text"]) == ["Hello there.", "Hi."]
    assert list(rows["channel_name"]) == ["Agent", "Caller"]
    assert list(rows["start_ms"]) == [0, 1000]
    assert list(rows["end_ms"]) == [550, 1250]
    assert rows["llm_answer"].fillna("").tolist() == ["a greeting", ""]
    first = rows.iloc[0]
    assert (first["group"], first["preset"]) == ("support", "balanced")
    assert (first["min_turn_silence_ms"], first["max_turn_silence_ms"]) == (400, 1280)
    assert (first["session_billed_s"], first["channel_dropped_ms"]) == (12.0, 100.0)
    assert (first["first_partial_latency_ms"], first["final_latency_ms"]) == (200.0, 600.0)
    assert json.loads(first["parameters"])["max_turn_silence"] == 1280


def test_each_word_has_its_own_speaker_and_time(storage):
    spoken = words_of("so yes", speaker="A") + words_of("well", 900, speaker="B")
    keep(storage, turn(0, "so yes well", words=spoken, speaker="A"))
    words = read_table(storage, STREAMED_WORDS)
    assert list(words["word_index"]) == [0, 1, 2]
    assert list(words["speaker"]) == ["A", "A", "B"]
    assert list(words["start_ms"]) == [0, 300, 900]
    assert list(words["group"]) == ["support"] * 3


def test_a_turn_without_words_has_no_place_in_time(storage):
    keep(storage, turn(0, "Hello.", words=(), state=TurnState.CUT))
    row = read_table(storage, STREAMED_TURNS).iloc[0]
    assert pd.isna(row["start_ms"])
    assert row["state"] == "cut"


def test_pandas_and_duckdb_read_all_sessions_in_one_go(storage, tmp_path):
    keep(storage, turn(0, "Hello."))
    keep(storage, turn(0, "Good morning."), group=None, preset=None, min_turn_silence_ms=None)
    keep(storage)
    folder = tmp_path / "data" / "streamed_words"
    assert len(list(folder.iterdir())) == 3
    assert len(pd.read_parquet(folder)) == 3
    words = f"FROM '{tmp_path}/data/**/streamed_words/*.parquet'"
    counts = duckdb.sql(f"SELECT count(*), count(DISTINCT session) {words}")
    assert counts.fetchall() == [(3, 2)]
    turns = duckdb.sql(
        f"SELECT \"group\" FROM '{tmp_path}/data/streamed_turns/*.parquet' ORDER BY 1"
    )
    assert turns.fetchall() == [("support",), (None,)]
