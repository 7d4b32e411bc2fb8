"""Text of figures, shaped and drawn once however often it is measured and wherever it is repeated.

A figure asks for the size of each label about ten times while it is laid out and drawn, and a
report's figures repeat their numbers and rows. Matplotlib measures anew in every figure and draws
letter by letter; here a line of text is one picture, kept while the process lives.
"""

import math
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg, get_hinting_flag
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import LoadFlags

KEPT = 1024  # lines of text: a report has up to nine hundred, of five kilobytes each
LONGEST = 120  # characters of a line that is kept; a figure's width holds about seventy


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text in pixels: its size, what is below its foot, its greys, their offset."""

    width: float
    height: float
    descent: float
    greys: np.ndarray
    across: float
    down: float


@lru_cache(maxsize=KEPT)
def _line(text: str, paths: tuple[str, ...], points: float, dpi: float, hinting: LoadFlags) -> Line:
    font = get_font(paths)
    font.clear()
    font.set_size(points, dpi)
    font.set_text(text, 0.0, flags=hinting)
    width, height = font.get_width_height()
    across, down = font.get_bitmap_offset()
    font.draw_glyphs_to_bitmap(antialiased=True)
    sizes = (width, height, font.get_descent(), across, down)
    width, height, descent, across, down = (size / 64 for size in sizes)  # from 64ths of a pixel
    return Line(width, height, descent, np.array(font.get_image()), across, down)


@lru_cache(maxsize=64)
def _font_files(
    families: tuple[str, ...], style: str, weight: str | int, stretch: str | int
) -> tuple[str, ...]:
    """One file a family that is installed: a letter that the first lacks is the next one's."""
    look = {"style": style, "weight": weight, "stretch": stretch}
    found = []
    for family in families:
        with suppress(ValueError):
            known = FontProperties(family=family, **look)
            found.append(findfont(known, fallback_to_default=False))
    return tuple(found) or (findfont(FontProperties(family=list(families), **look)),)


@lru_cache(maxsize=256)
def _font_height(paths: tuple[str, ...], points: float, dpi: float) -> tuple[float, float, float]:
    """Pixels above a line's foot, below it, and between two lines."""
    font = get_font(paths)
    table = font.get_sfnt_table("OS/2")
    scale = points * dpi / 72 / font.get_sfnt_table("head")["unitsPerEm"]
    sizes = table["sTypoAscender"], -table["sTypoDescender"], table["sTypoLineGap"]
    return tuple(size * scale for size in sizes)


def _written(text: str, font: FontProperties, dpi: float) -> Line:
    line = _line if len(text) <= LONGEST else _line.__wrapped__
    return line(text, _paths(font), font.get_size_in_points(), dpi, get_hinting_flag())


def _paths(font: FontProperties) -> tuple[str, ...]:
    return _font_files(
        tuple(font.get_family()), font.get_style(), font.get_weight(), font.get_stretch()
    )


class Renderer(RendererAgg):
    """Agg's renderer, with lines of text as pictures that are made once."""

    def get_text_width_height_descent(self, s, prop, ismath):
        """Width, height and descent of a line in pixels."""
        if ismath:
            return super().get_text_width_height_descent(s, prop, ismath)
        line = _written(s, prop, self.dpi)
        return line.width, line.height, line.descent

    def _get_font_height_metrics(self, prop):
        # Matplotlib asks a renderer that has this method, and else reads the font file's tables
        # for every label; without it all is the same and takes a twentieth longer.
        return _font_height(_paths(prop), prop.get_size_in_points(), self.dpi)

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        """Draw a line of text whose foot begins at `x` and `y`."""
        if ismath or angle % 90 or not gc.get_antialiased():  # a picture would blur when slanted
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        line = _written(s, prop, self.dpi)
        turned = math.radians(angle)
        below = line.down + line.descent + 1  # a picture's foot is the edge of its last row
        left = round(x + line.across * math.cos(turned) + below * math.sin(turned))
        foot = round(y - line.across * math.sin(turned) + below * math.cos(turned))
        self._renderer.draw_text_image(line.greys, left, foot, angle, gc)


class Canvas(FigureCanvasAgg):
    """A figure's canvas that draws with `Renderer`."""

    def get_renderer(self):
        """The renderer for the figure's present size, made anew where that has changed."""
        made = getattr(self, "renderer", None)
        size = (*self.get_width_height(physical=True), self.figure.dpi)
        if made is None or (made.width, made.height, made.dpi) != size:
            self.renderer = Renderer(*size)
        return self.renderer
