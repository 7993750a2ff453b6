"""The plots of a page, as SVG text. Drawn without pyplot, so that threads do not share state."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from io import StringIO

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter

from fermata.replay.pauses import Integers
from fermata.report.page.labels import name_points
from fermata.report.page.models import Lengths
from fermata.thresholds import CurvePoint, Judged, Landscape, Policy

CHOSEN = "chosen"
"""The name by which the setting that was chosen is marked."""

_INK = "#1f2937"
_CURVE = "#2563eb"
_OPEN, _COMPLETE, _GAP = "#dc2626", "#2563eb", "#9ca3af"
_BIN_EDGES_MS = np.geomspace(100, 10_000, 25)
_TICKS_MS = (100, 200, 500, 1_000, 2_000, 5_000, 10_000)
_LINE_STYLES = ("--", "-", ":")
# So wide that the words can still be read on a phone, which shows a plot smaller.
_SIZE_INCHES = (5.2, 3.6)
_COST_TICKS = 6
_DIGITS = (2, 3, 4)
_HEADROOM = 1.12


def curve_plot(points: Sequence[CurvePoint], marked: Sequence[tuple[str, Judged]]) -> str:
    """The trade-off: share of turns with a cut-in over the mean wait, with 95 % intervals.

    Args:
        points: the policies that no other beats.
        marked: policies to mark by name, `CHOSEN` among them.
    """
    figure, axes = _axes()
    ordered = sorted(points, key=lambda each: each.mean_wait_ms.value)
    waits_s = [each.mean_wait_ms.value / 1000 for each in ordered]
    rates = [each.cut_in_rate.value for each in ordered]
    lows = [each.cut_in_rate.interval.low for each in ordered]
    highs = [each.cut_in_rate.interval.high for each in ordered]
    axes.fill_between(waits_s, lows, highs, color=_CURVE, alpha=0.15, linewidth=0)
    axes.plot(waits_s, rates, color=_CURVE, linewidth=2)
    axes.set_xlabel("mean wait after a turn, seconds")
    axes.set_ylabel("turns with a cut-in")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    at = [(name, (each.mean_wait_ms.value / 1000, each.cut_in_rate.value)) for name, each in marked]
    axes.set_ylim(0, _HEADROOM * max([*highs, *(rate for _, (_, rate) in at), 0.01]))
    axes.set_xlim(0, max([*waits_s, *(wait_s for _, (wait_s, _) in at)]) * _HEADROOM)
    _mark(axes, at, [*zip(waits_s, rates, strict=True)])
    return _svg(figure, "Trade-off of cut-ins against waiting")


def lengths_plot(lengths: Lengths, settings: Iterable[tuple[str, Policy]]) -> str:
    """How long pauses and gaps are, on a logarithmic axis, with the settings' silences."""
    figure, axes = _axes()
    _outline(axes, lengths.gap_ms, _GAP, "gaps before another speaker")
    _outline(axes, lengths.complete_hold_ms, _COMPLETE, "pauses after a sentence")
    _outline(axes, lengths.open_hold_ms, _OPEN, "pauses in mid-sentence")
    for style, (name, policy) in zip(_LINE_STYLES, settings, strict=False):
        axes.axvline(policy.min_turn_silence_ms, color=_COMPLETE, linestyle=style, linewidth=1)
        axes.axvline(
            policy.max_turn_silence_ms,
            color=_OPEN,
            linestyle=style,
            linewidth=1,
            label=f"min (blue) and max of {name}",
        )
    _log_ms(axes, "x")
    axes.set_xlabel("length, milliseconds")
    axes.set_ylabel("share of each kind")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    # Above the axes, where no curve runs through it.
    figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=7.5)
    return _svg(figure, "Lengths of pauses and gaps")


def plane_plot(landscape: Landscape, marked: Sequence[tuple[str, Policy]]) -> str:
    """The cost of every pair as a heat map, with the settings marked."""
    figure, axes = _axes()
    cost_s = np.ma.masked_invalid(landscape.cost_ms.T / 1000)
    mesh = axes.pcolormesh(
        landscape.min_ms,
        landscape.max_ms,
        cost_s,
        cmap="viridis_r",
        shading="nearest",
        # Most pairs worth a look cost little more than the best one.
        norm=LogNorm(),
    )
    mesh.set_rasterized(True)
    bar = figure.colorbar(mesh, ax=axes, label="cost, seconds per turn")
    bar.ax.minorticks_off()
    bar.set_ticks(_cost_ticks(float(cost_s.min()), float(cost_s.max())))
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    bar.outline.set_visible(False)
    _log_ms(axes, "x")
    _log_ms(axes, "y")
    axes.set_xlabel("min_turn_silence, milliseconds")
    axes.set_ylabel("max_turn_silence, milliseconds")
    _mark(
        axes,
        [(name, (each.min_turn_silence_ms, each.max_turn_silence_ms)) for name, each in marked],
    )
    return _svg(figure, "Cost of every pair of silences")


def _axes() -> tuple[Figure, Axes]:
    figure = Figure(figsize=_SIZE_INCHES, layout="constrained", dpi=72)
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    return figure, axes


def _mark(
    axes: Axes,
    points: Sequence[tuple[str, tuple[float, float]]],
    lines: Sequence[tuple[float, float]] = (),
) -> None:
    """A dot at each point, with all its names: two settings may be the same."""
    names: defaultdict[tuple[float, float], list[str]] = defaultdict(list)
    for name, point in points:
        names[point].append(name)
    for point, several in names.items():
        color = _INK if CHOSEN in several else "white"
        axes.plot(*point, "o", color=color, markeredgecolor=_INK, markersize=6)
    name_points(axes, {point: ", ".join(several) for point, several in names.items()}, lines)


def _outline(axes: Axes, lengths_ms: Integers, color: str, label: str) -> None:
    if lengths_ms.size:
        shares = np.full(lengths_ms.size, 1 / lengths_ms.size)
        axes.hist(
            lengths_ms,
            bins=list(_BIN_EDGES_MS),
            weights=shares,
            histtype="step",
            color=color,
            linewidth=2,
            label=f"{label} ({lengths_ms.size:,})",
        )


def _log_ms(axes: Axes, name: str) -> None:
    getattr(axes, f"set_{name}scale")("log")
    axis = getattr(axes, f"{name}axis")
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axis.set_minor_formatter(FuncFormatter(lambda *_: ""))
    low, high = getattr(axes, f"get_{name}lim")()
    axis.set_ticks([tick for tick in _TICKS_MS if low <= tick <= high])


def _cost_ticks(low: float, high: float) -> list[float]:
    """Round figures from the lowest to the highest cost, in steps that grow with it."""
    for digits in _DIGITS:
        rounded = {float(f"{each:.{digits}g}") for each in np.geomspace(low, high, _COST_TICKS)}
        within = sorted(each for each in rounded if low <= each <= high)
        if len(within) > 1:
            return within
    return [low]


def _svg(figure: Figure, title: str) -> str:
    text = StringIO()
    # Letters become outlines: as wide in every browser as they were when they were placed.
    figure.savefig(text, format="svg", metadata={"Date": None, "Title": title})
    drawn = text.getvalue()
    return drawn[drawn.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{title}"', 1)
