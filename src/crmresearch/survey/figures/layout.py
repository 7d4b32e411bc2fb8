"""Where the boxes, arrows and numbers of a path diagram stand, so that none hides another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from random import Random

Point = tuple[float, float]
Arrow = tuple[str, str]

LINE = 0.175  # inches of one line of text
LETTER = 0.088
GAP = 0.08  # inches between two boxes of a row, at least
LABEL = (0.98, 0.34)  # inches of a number with its interval
BETWEEN = 0.62  # inches between two rows
CROWD = 4  # boxes in a row that need even places, and long arrows to have room for their numbers
STARTS = 6  # places to begin from; the clearest drawing is kept
COLUMNS = (0.14, 0.32, 0.5, 0.68, 0.86)  # shares of the width at which boxes may stand
ALONG = (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73, 0.2, 0.8)  # where on its arrow a number may


@dataclass(frozen=True, slots=True)
class Diagram:
    """Inches from the top left: centres and sizes of boxes, ends of arrows, centres of labels."""

    height: float
    places: dict[str, Point]
    sizes: dict[str, Point]
    lines: dict[Arrow, tuple[Point, Point]]
    labels: dict[Arrow, Point]


def lay_out(texts: Mapping[str, str], arrows: Sequence[Arrow], *, width: float) -> Diagram:
    """Boxes in rows from sources above to targets below, moved sideways until least is hidden.

    Parameters
    ----------
    texts : what stands in each box, with line breaks
    arrows : (from, to), without circles
    width : inches of the figure
    """
    rows = _rows(list(texts), arrows)
    sizes = _sizes(texts)
    depths, top = {}, 0.1
    for row in range(max(rows.values()) + 1):
        tallest = max(sizes[key][1] for key in rows if rows[key] == row)
        depths[row] = top + tallest / 2
        top += tallest + (BETWEEN if _crowd(rows, row) < CROWD else 2 * BETWEEN)
    places = _settle(rows, depths, sizes, arrows, width)
    lines = {arrow: _clip(arrow, places, sizes) for arrow in arrows}
    return Diagram(
        depths[row] + tallest / 2 + 0.1, places, sizes, lines, _labels(lines, places, sizes)
    )


def fits(texts: Mapping[str, str], arrows: Sequence[Arrow], *, width: float) -> bool:
    """Whether the boxes of every row have room beside each other."""
    rows, sizes = _rows(list(texts), arrows), _sizes(texts)
    taken = dict.fromkeys(rows.values(), 0.0)
    for key, row in rows.items():
        taken[row] += sizes[key][0] + GAP
    return max(taken.values(), default=0.0) <= width


def _sizes(texts: Mapping[str, str]) -> dict[str, Point]:
    """Width and height of the box around each text."""
    return {
        key: (
            LETTER * max(map(len, text.split("\n"))) + 0.2,
            LINE * len(text.split("\n")) + 0.14,
        )
        for key, text in texts.items()
    }


def _rows(keys: list[str], arrows: Sequence[Arrow]) -> dict[str, int]:
    """The row of each box: below everything that points to it."""
    rows = dict.fromkeys(keys, 0)
    for _ in keys:
        for source, target in arrows:
            rows[target] = max(rows[target], rows[source] + 1)
    return rows


def _crowd(rows: Mapping[str, int], row: int) -> int:
    return list(rows.values()).count(row)


def _settle(
    rows: Mapping[str, int],
    depths: Mapping[int, float],
    sizes: Mapping[str, Point],
    arrows: Sequence[Arrow],
    width: float,
) -> dict[str, Point]:
    """Move one box at a time to the column where the drawing is clearest, until none gains."""

    def put(columns: Mapping[str, float]) -> dict[str, Point]:
        found = {}
        for row in depths:
            here = sorted((key for key in columns if rows[key] == row), key=columns.get)
            across = _beside([columns[key] * width for key in here], here, sizes, width)
            found |= {key: (x, depths[row]) for key, x in zip(here, across, strict=True)}
        return found

    @cache  # each round tries again nearly all that the one before did, and much comes to the same
    def hidden(*points: Point) -> float:
        return _hidden(dict(zip(rows, points, strict=True)), sizes, arrows)

    def cost_of(columns: Mapping[str, float]) -> float:
        places = put(columns)
        return hidden(*(places[key] for key in rows))

    random = Random(1)
    best, kept = float("inf"), {}
    for _ in range(STARTS):
        chosen = {key: random.choice(COLUMNS) for key in rows}
        cost, before = cost_of(chosen), float("inf")
        while cost < before:
            before = cost
            for key, column in product(chosen, COLUMNS):
                tried = chosen | {key: column}
                now = cost_of(tried)
                if now < cost - 1e-9:
                    cost, chosen = now, tried
        if cost < best:
            best, kept = cost, chosen
    return put(kept)


def _beside(
    wanted: Sequence[float], keys: Sequence[str], sizes: Mapping[str, Point], width: float
) -> list[float]:
    """The places nearest to those wanted, from left to right, at which no box lies on another.

    Boxes that fill their row are spread over it.
    """
    if len(keys) >= CROWD:
        free = width - sum(sizes[key][0] for key in keys)
        room = [sizes[key][0] + free / len(keys) for key in keys]
        return [sum(room[:place]) + size / 2 for place, size in enumerate(room)]
    found, edge = [], 0.0
    for key, x in zip(keys, wanted, strict=True):
        half = sizes[key][0] / 2 + GAP / 2
        found.append(max(x, edge + half))
        edge = found[-1] + half
    edge = width
    for place in range(len(keys) - 1, -1, -1):
        half = sizes[keys[place]][0] / 2 + GAP / 2
        found[place] = min(found[place], edge - half)
        edge = found[place] - half
    return found


def _hidden(
    places: Mapping[str, Point], sizes: Mapping[str, Point], arrows: Sequence[Arrow]
) -> float:
    """How much of a drawing is hidden: boxes on boxes, arrows behind boxes, arrows that cross."""
    cost = 0.0
    for a, b in combinations(places, 2):
        if _overlap(places[a], sizes[a], places[b], sizes[b], GAP / 2):
            cost += 50.0
    for source, target in arrows:
        first, second = places[source], places[target]
        cost += 0.15 * abs(first[0] - second[0])
        for key in places:
            if key in (source, target):
                continue
            if _crosses(first, second, places[key], (sizes[key][0] + LABEL[0], sizes[key][1])):
                behind = _crosses(first, second, places[key], sizes[key])
                cost += 12.0 if behind else 2.0  # or too near for its number
    for one, other in combinations(arrows, 2):
        if not set(one) & set(other):
            cost += 4.0 * _meet(*(places[key] for key in (*one, *other)))
        elif one[1] == other[1] or one[0] == other[0]:
            cost += _narrow(one, other, places)
    return cost


def _narrow(one: Arrow, other: Arrow, places: Mapping[str, Point]) -> float:
    """A cost for two arrows that leave or reach one box in nearly the same direction."""
    shared = one[0] if one[0] == other[0] else one[1]
    ends = [next(key for key in arrow if key != shared) for arrow in (one, other)]
    vectors = [
        (places[key][0] - places[shared][0], places[key][1] - places[shared][1]) for key in ends
    ]
    lengths = [(x * x + y * y) ** 0.5 or 1.0 for x, y in vectors]
    (ax, ay), (bx, by) = vectors
    cosine = (ax * bx + ay * by) / (lengths[0] * lengths[1])
    return 6.0 * max(0.0, cosine - 0.93) / 0.07


def _overlap(a: Point, size_a: Point, b: Point, size_b: Point, gap: float = 0.0) -> bool:
    return (
        abs(a[0] - b[0]) < (size_a[0] + size_b[0]) / 2 + gap
        and abs(a[1] - b[1]) < (size_a[1] + size_b[1]) / 2 + gap
    )


def _crosses(first: Point, second: Point, centre: Point, size: Point) -> bool:
    """Whether a line passes through a box."""
    enters, leaves = 0.0, 1.0
    for axis, gap in ((1, 0.04), (0, 0.06)):
        step = second[axis] - first[axis]
        near = centre[axis] - size[axis] / 2 - gap - first[axis]
        far = centre[axis] + size[axis] / 2 + gap - first[axis]
        if near > max(step, 0.0) or far < min(step, 0.0):
            return False  # beside it all along, as most are
        if abs(step) < 1e-12:
            continue
        near, far = sorted((near / step, far / step))
        enters, leaves = max(enters, near), min(leaves, far)
    return enters < leaves


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the lines from a to b and from c to d cross."""

    def side(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def _clip(
    arrow: Arrow, places: Mapping[str, Point], sizes: Mapping[str, Point]
) -> tuple[Point, Point]:
    """The part of the line between two centres that lies outside both boxes."""
    ends = []
    for here, there in (arrow, arrow[::-1]):
        (x, y), (to_x, to_y) = places[here], places[there]
        across, down = to_x - x, to_y - y
        reach = min(
            sizes[here][0] / 2 / abs(across) if across else 9.0,
            sizes[here][1] / 2 / abs(down) if down else 9.0,
        )
        ends.append((x + reach * across, y + reach * down))
    return ends[0], ends[1]


def _labels(
    lines: Mapping[Arrow, tuple[Point, Point]],
    places: Mapping[str, Point],
    sizes: Mapping[str, Point],
) -> dict[Arrow, Point]:
    """A place for each number on its own arrow, away from boxes, other numbers, other arrows."""
    found: dict[Arrow, Point] = {}
    for arrow in sorted(lines, key=lambda item: _length(lines[item])):  # the short have least room
        start, end = lines[arrow]
        costs = []
        for rank, share in enumerate(ALONG):
            spot = (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
            cost = 0.1 * rank
            cost += 9 * sum(_overlap(spot, LABEL, places[key], sizes[key]) for key in places)
            cost += 9 * sum(_overlap(spot, LABEL, other, LABEL) for other in found.values())
            cost += sum(_crosses(*lines[other], spot, LABEL) for other in lines if other != arrow)
            costs.append((cost, rank, spot))
        found[arrow] = min(costs)[2]
    return found


def _length(line: tuple[Point, Point]) -> float:
    (ax, ay), (bx, by) = line
    return ((ax - bx) ** 2 + (ay - by) ** 2) ** 0.5
