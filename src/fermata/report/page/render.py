"""From a page's data to its HTML."""

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from fermata.calibration import GroupCalibration
from fermata.explain import Effect
from fermata.quality import GateFinding
from fermata.report import replayed
from fermata.report.headline import chosen_policy, chosen_way, headline
from fermata.report.page.models import Page, ShownPause
from fermata.report.page.plots import CHOSEN, curve_plot, lengths_plot, plane_plot
from fermata.thresholds import (
    GUIDE,
    RECOMMENDATION,
    Advice,
    Compared,
    Estimate,
    Judged,
    Policy,
)

_SHOWN_RATES_MS = (1_000, 2_000, 3_000, 5_000, 7_000, 10_000, 15_000, 20_000)

# By the names that the other tables have for them: what replay finds best need not be chosen.
_WAYS = {GUIDE: "guide's rule", RECOMMENDATION: replayed.BEST}

_TEMPLATES = Environment(
    loader=PackageLoader("fermata.report.page", "."),
    autoescape=True,
    trim_blocks=True,
    undefined=StrictUndefined,
)


def _with_code(line: str) -> Markup:
    """A line of text with its `commands` set as such."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(line))))  # noqa: S704 - escaped


_TEMPLATES.filters["with_code"] = _with_code


def render_page(page: Page) -> str:
    """The page as one HTML file, audio and plots included."""
    advice = page.overall.replayed.advice if page.overall.replayed else None
    return _TEMPLATES.get_template("report.html.j2").render(
        page=page,
        title=f"Turn detection for {page.overall.recordings_analysed:,} recordings",
        headline=headline(page.overall),
        choice=page.overall.choice,
        reason=replayed.guides_reason(page.overall),
        reasons=[*_reasons(page)],
        lines=[*replayed.lines(page.overall)] if advice else [],
        rows=[_row(each) for each in (*page.groups, page.overall)],
        findings=[*_findings((page.overall, *page.groups))],
        comparison=page.comparison,
        compared=[*_compared(page)],
        exchange=[*_exchange(advice)] if advice else [],
        pauses=[*_by_effect(page.pauses)],
        **_plots(page),
    )


def _exchange(advice: Advice) -> Iterator[tuple[int, Policy]]:
    """The best pair for a few exchange rates in seconds: all twenty would tell no more."""
    for rate_ms, policy in advice.by_exchange_rate:
        if rate_ms in _SHOWN_RATES_MS:
            yield rate_ms // 1000, policy


def _plots(page: Page) -> dict[str, Markup | None]:
    advice = page.overall.replayed.advice if page.overall.replayed else None
    settings = [*_settings(page.overall)]
    chosen = (CHOSEN, chosen_policy(page.overall))
    drawn = {
        "curve": curve_plot(advice.curve, [*_marked(page)]) if advice and advice.curve else None,
        "plane": plane_plot(page.landscape, [*settings, chosen]) if page.landscape else None,
        "lengths": lengths_plot(page.lengths, settings) if page.lengths else None,
    }
    # Drawn by us from numbers and names of settings; nothing a caller said is in it.
    return {name: None if svg is None else Markup(svg) for name, svg in drawn.items()}  # noqa: S704


def _marked(page: Page) -> Iterator[tuple[str, Judged]]:
    """The ways to choose, and again the one that was taken."""
    yield from ((_way(row), row.judged) for row in _rows(page))
    if taken := _taken(page):
        yield CHOSEN, taken.judged


def _rows(page: Page) -> Sequence[Compared]:
    return page.comparison.rows if page.comparison else ()


def _taken(page: Page) -> Compared | None:
    """The row of the pair that was chosen; of several the one that stands for the choice."""
    chosen = chosen_policy(page.overall)
    same = {row.name: row for row in _rows(page) if row.judged.policy == chosen}
    return same.get(chosen_way(page.overall)) or next(iter(same.values()), None)


def _settings(group: GroupCalibration) -> Iterator[tuple[str, Policy]]:
    """The settings that a group was judged by; the chosen one too, where it is none of them."""
    judged = replayed.judged(group.replayed.advice) if group.replayed else ()
    found = [(name, each.policy) for name, each in judged]
    yield from found
    chosen = chosen_policy(group)
    if found and chosen not in {policy for _, policy in found}:
        yield _WAYS[GUIDE], chosen


def _way(row: Compared) -> str:
    return _WAYS.get(row.name, row.name)


def _reasons(page: Page) -> Iterator[tuple[str, str]]:
    """What the replay says of each group, where that is not what it says of all."""
    overall = page.overall.replayed.advice.reason if page.overall.replayed else None
    for group in page.groups:
        if group.replayed and group.replayed.advice.reason != overall:
            yield group.group, group.replayed.advice.reason


def _row(group: GroupCalibration) -> dict[str, str]:
    advice = group.replayed.advice if group.replayed else None
    present, best = (advice.present, advice.best) if advice else (None, None)
    gaps, guide, choice = group.statistics, group.guide, group.choice
    return {
        "name": replayed.shown_name(group.group),
        "recordings": f"{group.recordings_analysed:,} of {group.recordings_found:,}",
        "average_gap": f"{gaps.average_gap_ms:,.0f} ms" if gaps else "",
        "guide": f"{guide.title} {guide.min_turn_silence_ms}/{guide.max_turn_silence_ms}",
        "replay": replayed.verdict(advice) if advice else "not run",
        "present_cut_ins": replayed.percent(present.cut_in_rate.value) if present else "",
        "best_cut_ins": replayed.percent(best.cut_in_rate.value) if best else "",
        "best_wait": f"{best.mean_wait_ms.value:,.0f} ms" if best else "",
        "chosen": f"{choice.title} {choice.min_turn_silence_ms}/{choice.max_turn_silence_ms}",
    }


@dataclass(frozen=True, slots=True)
class _GroupFinding:
    group: str
    finding: GateFinding


def _findings(groups: Sequence[GroupCalibration]) -> Iterator[_GroupFinding]:
    """All gates of the whole, and of each group those that say more than that."""
    for group in groups:
        whole = group is groups[0]
        for each in group.replayed.findings if group.replayed else ():
            if whole or each.verdict in {"warn", "refuse"}:
                yield _GroupFinding("" if whole else f"{group.group}: ", each)


def _compared(page: Page) -> Iterator[dict[str, Any]]:
    taken = _taken(page)
    for row in _rows(page):
        judged = row.judged
        rates = (judged.cut_in_rate, judged.mid_sentence_rate, judged.after_sentence_rate)
        times = (judged.mean_wait_ms, judged.p90_wait_ms, judged.cost_ms)
        yield {
            "name": _way(row),
            "is_chosen": row is taken,
            "pair": f"{judged.policy.min_turn_silence_ms} / {judged.policy.max_turn_silence_ms}",
            "cells": [
                *((replayed.percent(each.value), _ends(each, 100, " %")) for each in rates),
                *((f"{each.value:,.0f} ms", _ends(each, 1, " ms")) for each in times),
            ],
        }


def _ends(estimate: Estimate, times: float, unit: str) -> str:
    low, high = times * estimate.interval.low, times * estimate.interval.high
    digits = 0 if high >= 100 else 1  # noqa: PLR2004 - ms have no use for a digit, per cent has
    return f"{low:,.{digits}f} to {high:,.{digits}f}{unit}"


def _by_effect(pauses: Sequence[ShownPause]) -> Iterator[tuple[Effect, list[dict[str, str]]]]:
    for effect, group in groupby(pauses, lambda each: each.pause.effect):
        yield effect, [_shown(each) for each in group]


def _shown(shown: ShownPause) -> dict[str, str]:
    minutes, seconds = divmod(shown.pause.start_ms // 1000, 60)
    encoded = base64.b64encode(shown.clip.data).decode() if shown.clip else ""
    return {
        "recording": shown.recording,
        "speaker": shown.pause.speaker,
        "at": f"{minutes}:{seconds:02d}",
        "before": shown.spoken.before,
        "after": shown.spoken.after,
        "length": f"{shown.pause.hold_ms / 1000:.1f} s",
        "source": f"data:audio/mpeg;base64,{encoded}" if encoded else "",
    }
