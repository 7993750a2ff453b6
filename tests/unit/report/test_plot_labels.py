"""Names in the plots of a page: wherever the points lie, none overprints another."""

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fermata.report.page.labels import name_points

NAMES = (
    *("guide's rule, conservative", "aggressive", "balanced", "vendor default"),
    *("present", "best, chosen"),
)


def axes() -> Axes:
    plot = Figure(figsize=(5.2, 3.6), layout="constrained", dpi=72).add_subplot()
    plot.set_xlim(0, 5)
    plot.set_ylim(0, 1)
    return plot


def overlaps(points: Sequence[tuple[float, float]]) -> list[tuple[str, str]]:
    placed = name_points(axes(), dict(zip(points, NAMES, strict=False)))
    return [
        (one.get_text(), other.get_text())
        for one, other in itertools.combinations(placed, 2)
        if one.get_window_extent().overlaps(other.get_window_extent())
    ]


@settings(max_examples=6, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 5, width=16), st.floats(0, 1, width=16)),
        min_size=2,
        max_size=len(NAMES),
        unique=True,
    )
)
def test_names_do_not_overprint_each_other(points: list[tuple[float, float]]) -> None:
    assert not overlaps(points)


@pytest.mark.parametrize("corner", [(0.0, 0.0), (4.99, 0.0), (0.0, 0.99), (4.99, 0.99), (2.5, 0.5)])
def test_names_of_points_that_all_but_coincide_stand_apart(corner: tuple[float, float]) -> None:
    x, y = corner
    assert not overlaps([(x + step / 1_000, y + step / 1_000) for step in range(len(NAMES))])


def test_names_stay_inside_the_plot() -> None:
    plot = axes()
    points = itertools.product((0.0, 2.5, 5.0), (0.0, 1.0))
    for label in name_points(plot, dict(zip(points, NAMES, strict=True))):
        box, inside = label.get_window_extent(), plot.get_window_extent()
        assert inside.x0 <= box.x0 <= box.x1 <= inside.x1
        assert inside.y0 <= box.y0 <= box.y1 <= inside.y1


def test_a_name_keeps_off_a_curve_where_there_is_room() -> None:
    plot = axes()
    curve = [(step / 100, 0.5) for step in range(500)]
    (label,) = name_points(plot, {(2.5, 0.5): "present"}, curve)
    box = label.get_window_extent()
    assert not any(box.contains(x, y) for x, y in plot.transData.transform(curve))
