"""Names beside the points of a plot, placed so that none overprints another."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

_FONT_SIZE_PT = 9
# A figure of 72 dots per inch has as many pixels as points.
_DOT_PX = 5.0
_MARGIN_PX = 2.0
# From close by to where a line has to lead back to the point.
_DISTANCES_PX = (8.0, 15.0, 26.0, 40.0, 56.0, 74.0, 94.0, 116.0, 140.0, 166.0)
_DIRECTIONS = ((1, 1), (1, -1), (-1, 1), (-1, -1), (1, 0), (-1, 0), (0, 1), (0, -1))
_NEEDS_A_LINE_PX = 10.0
_HORIZONTAL: Mapping[int, Literal["left", "center", "right"]]
_HORIZONTAL = {1: "left", 0: "center", -1: "right"}
_VERTICAL: Mapping[int, Literal["bottom", "center", "top"]]
_VERTICAL = {1: "bottom", 0: "center", -1: "top"}


def name_points(
    axes: Axes,
    names: Mapping[tuple[float, float], str],
    lines: Sequence[tuple[float, float]] = (),
) -> list[Annotation]:
    """Writes a name beside each point: off the other names, all points, and the plot's edge.

    Args:
        axes: of a figure with 72 dots per inch, with all else drawn and its limits set.
        names: by point, in the data's coordinates.
        lines: points of curves, which names keep off where there is room.

    Returns:
        The names, in the order of `names`.
    """
    figure = axes.get_figure(root=True)
    assert figure is not None
    # What surrounds the axes is laid out now, once; before, nothing is where it will be.
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    curve = axes.transData.transform(np.reshape(lines, (-1, 2)))
    dots = [_around(axes, point) for point in names]
    taken: list[Bbox] = []
    placed = []
    for point, name in names.items():
        label = _write(axes, point, name)
        ground = _Ground(axes.get_window_extent(), (*dots, *taken), curve)
        place, box = _best(_places(axes, point, label), ground)
        taken.append(box)
        _move(label, place)
        if place.distance_px > _NEEDS_A_LINE_PX:
            _lead_back(axes, point, label)
        placed.append(label)
    return placed


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a label may stand: to which side of its point, and how far off."""

    to_the_right: int
    upwards: int
    distance_px: float

    def box(self, x: float, y: float, width: float, height: float) -> Bbox:
        """What a label of this size covers here beside a point, and a little more."""
        left = x + self.to_the_right * self.distance_px - (1 - self.to_the_right) / 2 * width
        low = y + self.upwards * self.distance_px - (1 - self.upwards) / 2 * height
        return Bbox.from_bounds(left, low, width, height).padded(_MARGIN_PX)


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """What a label has to keep off, in pixels."""

    inside: Bbox
    taken: Sequence[Bbox]
    curve: npt.NDArray[np.float64]

    def cost(self, box: Bbox) -> float:
        """Nothing where a label stands free; more the worse it is to read."""
        corners = [(box.x0, box.y0), (box.x1, box.y1)]
        outside = not all(self.inside.contains(x, y) for x, y in corners)
        hidden = sum(box.overlaps(other) for other in self.taken)
        x, y = self.curve.T
        crossed = bool(np.any((box.x0 < x) & (x < box.x1) & (box.y0 < y) & (y < box.y1)))
        return 4.0 * hidden + 2.0 * outside + 1.0 * crossed


def _write(axes: Axes, point: tuple[float, float], name: str) -> Annotation:
    return axes.annotate(
        name,
        point,
        xytext=(0, 0),
        textcoords="offset points",
        fontsize=_FONT_SIZE_PT,
        zorder=4,
        # Readable on what it may have to cross: a curve, a dark part of a heat map.
        bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1.0},
    )


def _places(
    axes: Axes, point: tuple[float, float], label: Annotation
) -> Iterator[tuple[_Place, Bbox]]:
    x, y = axes.transData.transform(point)
    size = label.get_window_extent()
    for distance_px in _DISTANCES_PX:
        for to_the_right, upwards in _DIRECTIONS:
            place = _Place(to_the_right, upwards, distance_px)
            yield place, place.box(x, y, size.width, size.height)


def _best(places: Iterator[tuple[_Place, Bbox]], ground: _Ground) -> tuple[_Place, Bbox]:
    """The first place that costs nothing, or the cheapest one."""
    cheapest, least = None, float("inf")
    for place, box in places:
        cost = ground.cost(box)
        if cost < least:
            cheapest, least = (place, box), cost
        if not cost:
            break
    assert cheapest is not None
    return cheapest


def _move(label: Annotation, place: _Place) -> None:
    label.set_position((place.to_the_right * place.distance_px, place.upwards * place.distance_px))
    label.set_horizontalalignment(_HORIZONTAL[place.to_the_right])
    label.set_verticalalignment(_VERTICAL[place.upwards])


def _lead_back(axes: Axes, point: tuple[float, float], label: Annotation) -> None:
    axes.annotate(
        "",
        point,
        xytext=label.get_position(),
        textcoords="offset points",
        arrowprops={"arrowstyle": "-", "linewidth": 0.6, "color": "#6b7280", "shrinkB": 3},
    )


def _around(axes: Axes, point: tuple[float, float]) -> Bbox:
    x, y = axes.transData.transform(point)
    return Bbox.from_bounds(x - _DOT_PX, y - _DOT_PX, 2 * _DOT_PX, 2 * _DOT_PX)
