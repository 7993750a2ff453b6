"""One headline for all reports of a run, whatever the verdict; no row recommends another pair."""

import re
from io import StringIO

import pytest
from rich.console import Console
from verdicts import BALANCED, BEST, IN_FORCE, calibration, comparison

from fermata.calibration import Calibration, ChooseBy
from fermata.report.headline import chosen_policy, headline
from fermata.report.histogram import histogram
from fermata.report.markdown import summary_markdown
from fermata.report.page import Page, render_page
from fermata.report.result import CalibrationResult
from fermata.report.terminal import render_result
from fermata.thresholds import Verdict
from tasks.report import headline_of

HEADLINES = {
    (Verdict.CHANGE, ChooseBy.AUTO): "Change to 1140/1760 ms",
    (Verdict.KEEP, ChooseBy.AUTO): "Keep 100/1000 ms",
    (Verdict.NOT_ENOUGH_CALLS, ChooseBy.AUTO): (
        "Balanced, 400/1280 ms, by the guide's rule: too few calls for the replay"
    ),
    (Verdict.OUT_OF_REACH, ChooseBy.AUTO): (
        "Balanced, 400/1280 ms, by the guide's rule: by the replay no setting reaches the goal"
    ),
    (Verdict.REFUSED, ChooseBy.AUTO): (
        "Balanced, 400/1280 ms, by the guide's rule: the replay refused"
    ),
    (Verdict.NOT_ENOUGH_CALLS, ChooseBy.REPLAY): (
        "1140/1760 ms, by replay, as asked, on too few calls to be sure"
    ),
    (Verdict.OUT_OF_REACH, ChooseBy.REPLAY): (
        "1140/1760 ms, by replay, as asked, though no setting reaches the goal"
    ),
    (Verdict.CHANGE, ChooseBy.AVERAGE_GAP): (
        "Balanced, 400/1280 ms, by the guide's rule: the replay, which was not asked to choose, "
        "says change to 1140/1760 ms"
    ),
    (Verdict.KEEP, ChooseBy.AVERAGE_GAP): (
        "Balanced, 400/1280 ms, by the guide's rule: the replay, which was not asked to choose, "
        "says keep 100/1000 ms"
    ),
    (None, ChooseBy.AUTO): "Balanced, 400/1280 ms, by the guide's rule",
}
ALL = [(verdict, how) for verdict in (*Verdict, None) for how in ChooseBy]


def page(run: Calibration) -> str:
    return render_page(
        Page(
            run_id=run.run_id,
            chosen_at=run.chosen_at,
            speech_model="u3-rt-pro",
            summary="1 of 1 analysed",
            overall=run.overall,
            groups=run.groups,
            notes=(),
            lengths=None,
            landscape=None,
            comparison=comparison(),
            pauses=(),
        )
    )


def in_the_terminal(result: CalibrationResult) -> str:
    screen = StringIO()
    Console(file=screen, width=200).print(render_result(result))
    return screen.getvalue()


@pytest.mark.parametrize(("verdict", "how"), HEADLINES)
def test_a_headline_says_what_to_set_and_why(verdict: Verdict | None, how: ChooseBy) -> None:
    assert headline(calibration(verdict, how).overall) == HEADLINES[verdict, how]


@pytest.mark.parametrize(("verdict", "how"), ALL)
def test_every_report_says_the_same(verdict: Verdict | None, how: ChooseBy) -> None:
    run = calibration(verdict, how)
    said = headline(run.overall)
    result = CalibrationResult(calibration=run, recordings=(), engine="local", written={}, notes=())
    assert f"<strong>{said}</strong>" in page(run).replace("&#39;", "'")
    assert summary_markdown(result, histogram([700])).startswith(f"## {said}\n")
    assert f"Selected configuration: {said}\n" in in_the_terminal(result)
    assert headline_of(result).startswith(f"{said}; ")


@pytest.mark.parametrize(("verdict", "how"), ALL)
def test_the_row_that_is_marked_is_the_setting_that_was_chosen(
    verdict: Verdict | None, how: ChooseBy
) -> None:
    run = calibration(verdict, how)
    html = page(run)
    (marked,) = re.findall(r'<tr class="chosen"><td>(.+?) <span.*?<td class="number">(.+?)<', html)
    names = {IN_FORCE: "present", BEST: "best", BALANCED: "guide&#39;s rule"}
    policy = chosen_policy(run.overall)
    assert marked == (names[policy], f"{policy.min_turn_silence_ms} / {policy.max_turn_silence_ms}")
    assert "recommendation" not in html
