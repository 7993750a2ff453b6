"""A text speaks of a call however its name is escaped there, and not where another one is meant."""

import html
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from fermata.forgetting.speaking import speaking_of
from fermata.quoting import visible
from fermata.report.cells import cell, code

WAYS = (str, visible, cell, code, json.dumps, html.escape, lambda name: str(escape(name)))
NAMES = (
    "support/call_1.wav", "O'Brien & \"Co\".wav", "*[x](y)*|~.wav", "größe 日本.wav",
    "a  b\tc.wav", "\x1b[31mred.wav", "#1.wav", "back\\slash.wav", "s3://bucket/a::b.wav",
)  # fmt: skip


@pytest.mark.parametrize("write", WAYS)
@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_found_however_it_is_written(name: str, write) -> None:
    assert speaking_of([name])(f"the file {write(name)}, which failed")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_found_in_markdown_that_stands_in_json(name: str) -> None:
    assert speaking_of([name])(json.dumps([{"name": cell(name)}]))


@pytest.mark.parametrize("text", ["11.wav", "a-1.wav", "1.wave", "1.wav-copy", "x.1.wav", ""])
def test_another_name_is_not_taken_for_it(text: str) -> None:
    assert not speaking_of(["1.wav"])(text)


@given(st.text())
def test_without_traces_no_text_speaks(text: str) -> None:
    assert not speaking_of([""])(text)
