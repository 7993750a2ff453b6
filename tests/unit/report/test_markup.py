"""Names, reasons and words are text wherever Prefect or a terminal reads markup."""

from dataclasses import replace
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.table import Table
from rich.text import Text

from fermata.calibration import Change
from fermata.cli.consoles import Terminal
from fermata.live.events import Notice
from fermata.report.cells import block, cell, code
from fermata.report.changed import changes_markdown
from fermata.report.histogram import histogram
from fermata.report.markdown import summary_markdown
from fermata.report.session import transcript_markdown, wordless_markdown
from fermata.tables import RecordingStatus
from tasks.artifacts import shown
from tests.unit.report.test_run_reports import recording, result
from tests.unit.sessions.happenings import channel_report, report, turn

HOSTILE = [
    "[press](https://evil.example)",
    "![](https://evil.example/pixel.png)",
    "<img src=x onerror=alert(1)>",
    "a|b`c`d",
    "*loud* __names__ ~~gone~~",
    "``` \n# Heading",
    "[a]: https://evil.example\n[a]",
    "<https://evil.example>",
    "\\[press](https://evil.example)",
    "\x1b]0;mine\x07\x9b2J\u202e",
]
_PLAIN = {"p", "blockquote", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"}
_TEXTS = st.sampled_from(["[", "]", "(", ")", "!", "`", "*", "_", "<", ">", "|", "\\", "~", "a "])


def tags(markdown: str) -> set[str]:
    """What a reader of markdown makes of a text."""
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    found: set[str] = set()
    for each in reader.parse(markdown):
        for part in (each, *(each.children or ())):
            found |= {part.tag} if part.tag else {part.type} - {"text", "softbreak", "inline"}
    return found


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_in_a_cell_is_no_markup(text: str) -> None:
    assert tags(f"| a |\n|---|\n| {cell(text)} |") <= _PLAIN
    assert tags(cell(text)) == {"p"}
    assert cell(text).isprintable()


@given(st.lists(_TEXTS, min_size=1).map("".join))
def test_no_text_in_a_cell_is_markup(text: str) -> None:
    assert tags(f"x {cell(text)} x") == {"p"}
    assert tags(f"| a | b |\n|---|---|\n| {cell(text)} | x |").isdisjoint(
        {"a", "img", "code", "em"}
    )


@given(st.lists(_TEXTS, min_size=1).map("".join))
def test_code_holds_any_text(text: str) -> None:
    assert tags(f"x {code(text)} x") == {"p", "code"}


@pytest.mark.parametrize("text", HOSTILE)
def test_the_markdown_of_a_model_leads_nowhere(text: str) -> None:
    assert tags(block(f"- **Said:** {text}")).isdisjoint({"a", "img", "html_inline", "html_block"})


@pytest.mark.parametrize("text", HOSTILE)
def test_the_artifacts_of_a_run_hold_no_markup_of_others(text: str) -> None:
    odd = recording(text, RecordingStatus.FAILED, text)
    run = replace(
        result(replace(odd, group=text, transcript_id=text), recording("good.wav")),
        notes=(text,),
        written={"report": text},
    )
    found = tags(summary_markdown(run, histogram([400, 600])))
    assert found.isdisjoint({"a", "img", "em", "s", "html_inline", "html_block", "h1"})


@pytest.mark.parametrize("text", HOSTILE)
def test_the_artifacts_of_a_session_hold_no_markup_of_others(text: str) -> None:
    channel = channel_report(
        0, (turn(0, text, speaker=text),), name=text, notices=(Notice("odd", text),), error=text
    )
    session = report(channel, source=text, recording_error=text)
    answered = transcript_markdown(
        session, {(0, 0): text}, session=text, summary=text, notes=(text,)
    )
    wordless = wordless_markdown(session, session=text, where=text, notes=(text,))
    for markdown in (answered, wordless):
        assert tags(markdown).isdisjoint({"a", "img", "html_inline", "html_block", "h1"})


@pytest.mark.parametrize("text", HOSTILE)
def test_a_change_of_settings_is_asked_about_without_markup_of_others(text: str) -> None:
    choice = result(recording("a.wav")).calibration.overall
    latest = replace_choice(choice, text)
    found = tags(changes_markdown([Change(text, None, latest)]))
    assert found.isdisjoint({"a", "img", "em", "html_inline", "html_block"})


def replace_choice(overall: Any, text: str) -> Any:
    """A choice as far as a change shows it."""
    return SimpleNamespace(
        min_turn_silence_ms=overall.choice.min_turn_silence_ms,
        max_turn_silence_ms=overall.choice.max_turn_silence_ms,
        speech_model=text,
        chosen_by=overall.choice.chosen_by,
        reasoning=text,
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_tables_and_descriptions_in_prefect_hold_no_markup_of_others(text: str) -> None:
    made: dict[str, Any] = {}
    shown(made.update, table=[{"group": text, "gaps": 3}], description=text)
    assert made["table"][0]["gaps"] == 3
    for shown_text in (made["table"][0]["group"], made["description"]):
        assert tags(shown_text) == {"p"}


@pytest.mark.parametrize(
    "text", ["[/b]", "[red]call[/red]", "[link=https://evil.example]x[/link]", ":warning:"]
)
def test_a_terminal_takes_no_text_for_markup(text: str) -> None:
    table = Table(title=text, caption=text)
    table.add_column(text)
    table.add_row(text)
    for printed in (text, Text(text), table):
        assert text in on_a_terminal(printed)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_terminal_is_not_steered(text: str) -> None:
    table = Table(title=text, caption=text)
    table.add_column(text)
    table.add_row(Text(text, style="red"))
    for printed in (text, Text(text, style="bold"), table):
        drawn = on_a_terminal(printed)
        assert "\x1b]" not in drawn
        assert not any(each in drawn for each in "\x07\x9b\u202e")


def on_a_terminal(printed: Any) -> str:
    """What a terminal gets; colours and all."""
    screen = StringIO()
    terminal = Terminal(screen, width=100)
    terminal.print(printed)
    return screen.getvalue()
