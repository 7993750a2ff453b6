"""What others say is shown and not obeyed, tells no secret, and is cut before it costs anything."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fermata import quoting, redact
from fermata.errors import FermataError
from fermata.quoting import quoted, steers_nothing, visible
from fermata.redact import MASK, remember_secret

STEERING = "\x1b]0;title\x07\x1b[2J\x9b31m\u202egnp\r\n\u2028\x00\x7f"


@pytest.mark.parametrize("show", [visible, quoted, lambda text: str(FermataError(text))])
def test_what_steers_a_terminal_is_written_as_an_escape(show) -> None:
    shown = show(f"call{STEERING}.wav")
    assert shown.isprintable()
    assert shown.startswith(r"call\x1b]0;title\x07\x1b[2J\x9b31m\u202egnp")


@given(st.text())
def test_nothing_that_is_shown_steers_a_terminal(text: str) -> None:
    shown = visible(text)
    assert not any(each in shown for each in "\x1b\x07\x9b\r\n\x08\u202e\u2066")
    shown.encode()
    assert visible(shown) == shown


@pytest.mark.parametrize("name", ["Straße é.wav", "می‌خواهم", "日本語", "👩‍👩‍👧 call", "a\\nb"])
def test_names_in_any_script_stay_as_they_are(name: str) -> None:
    assert visible(name) == name


@given(st.text())
def test_json_says_the_same_without_anything_that_steers(text: str) -> None:
    written = steers_nothing(json.dumps({"text": text}, ensure_ascii=False))
    assert json.loads(written) == {"text": text}
    assert not any(each in written for each in "\x1b\x9b\x7f\u202e\u2028")


def test_a_secret_is_masked_also_where_the_text_is_cut() -> None:
    remember_secret("a-key-that-is-cut-in-two")
    for length in range(270, 310):
        assert "a-key-that" not in quoted(f"{'x' * length}a-key-that-is-cut-in-two")
    long = f"{'https://h/?q ' * 306}aa-key-that-is-cut-in-two"
    assert "a-key-that" not in quoted(long)
    assert MASK in quoted("a-key-that-is-cut-in-two")


@pytest.mark.parametrize("text", ["x" * 40_000, "a:" * 20_000, "x://" * 10_000, " " * 40_000])
def test_a_text_is_cut_before_anybody_looks_at_it_closely(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[int] = []

    def noticing(line: str) -> str:
        looked_at.append(len(line))
        return redact.redacted(line)

    monkeypatch.setattr(quoting, "redacted", noticing)
    assert len(quoted(text)) <= 303
    assert max(looked_at) <= 4_000


def test_an_address_is_looked_at_once_however_often_it_seems_to_begin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_at: list[int] = []

    def noticing(address: str) -> str:
        looked_at.append(len(address))
        return address

    monkeypatch.setattr(redact, "_shown", noticing)
    text = "x://" * 10_000
    redact.redacted(text)
    assert sum(looked_at) <= len(text)
