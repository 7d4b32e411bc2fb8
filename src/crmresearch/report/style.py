"""One palette and one set of figure defaults, shared by figures and page.

Okabe-Ito's colour-blind-safe hues, darkened where needed for contrast on white; grey does most of
the work and the accent marks what a figure is about. Shape or text always repeats what colour says.
"""

import gc
import io
from contextlib import contextmanager

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from crmresearch.report.letters import Canvas
from crmresearch.report.placing import MeasuredOnce

INK = "#1f2933"
GREY = "#6b7580"
PALE = "#d5dae0"
ZONE = "#eceff3"  # zones of no interest, bands behind data
ACCENT = "#0b5e8e"
GOOD = "#00795b"  # bluish green
POOR = "#b4480c"  # vermilion
SERIES = (ACCENT, POOR, GOOD, "#8a5a9e", "#8c6a00", "#3f7fbf", "#5c6670")
DIVERGING = ("#b4480c", "#e3a57f", "#d9dde2", "#7fb2d1", "#0b5e8e")  # low to high, grey centre

# The page's colours after the reader's setting; every text colour has at least 4.5:1 on `paper`
# and on `wash`. Figures stay on a light card in the dark.
PAGE = {
    "paper": "#ffffff",
    "wash": "#f4f6f8",
    "ink": INK,
    "soft": "#56606b",
    "line": PALE,
    "accent": ACCENT,
    "good": GOOD,
    "poor": "#a33f08",
    "card": "#ffffff",
}
PAGE_DARK = {
    "paper": "#14181d",
    "wash": "#1d232a",
    "ink": "#e6e9ed",
    "soft": "#a9b2bc",
    "line": "#3a434d",
    "accent": "#86c0e6",
    "good": "#63c7a5",
    "poor": "#f29c74",
    "card": "#fbfcfd",
}

WIDTH = 5.6  # inches: 360 px on a phone still leaves letters of 9 px
DPI = 180
_WHITE = np.uint32(0xFFFFFFFF)

RC = {
    "font.family": "DejaVu Sans",  # ships with matplotlib: the same letters on every machine
    "font.size": 10.5,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "axes.prop_cycle": matplotlib.cycler(color=SERIES),
    "axes.axisbelow": True,
    "grid.color": PALE,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "axes.unicode_minus": True,
    "xaxis.labellocation": "right",  # a long name of an axis has the room below the row labels
    "text.parse_math": False,  # a label may hold two dollar signs
}


@contextmanager
def canvas(height: float = 3.6):
    """A `Figure` in the house style, outside pyplot so that nothing stays open or is shown twice.

    Draw on it inside the block; its size may be changed there with ``set_size_inches``.
    """
    with _house_style(), _collected_once():
        figure = Figure(figsize=(WIDTH, height), dpi=DPI, layout=MeasuredOnce())
        Canvas(figure)
        yield figure


@contextmanager
def _house_style():
    """Matplotlib's settings as in `RC`; `rc_context` copies and restores all three hundred."""
    before = {name: matplotlib.rcParams[name] for name in RC}
    matplotlib.rcParams.update(RC)
    try:
        yield
    finally:
        matplotlib.rcParams.update(before)


@contextmanager
def _collected_once():
    """Leave the search for unused objects until the block's end.

    A figure is tens of thousands of small objects that all stay in use until it is drawn; looking
    through them each few hundred takes a tenth of the time of drawing.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def image_bytes(figure: Figure) -> bytes:
    """The figure as lossless WebP, a third of the size of PNG and the same bytes every time."""
    figure.canvas.draw()
    drawn = np.ascontiguousarray(figure.canvas.buffer_rgba())
    pixels = _fewer_shades(drawn.view("<u4")[..., 0])
    size = pixels.shape[1], pixels.shape[0]
    image = Image.frombuffer("RGBX", size, pixels.tobytes(), "raw", "RGBX", 0, 1)
    buffer = io.BytesIO()
    image.save(buffer, format="webp", lossless=True, method=1, quality=20)
    return buffer.getvalue()


def _fewer_shades(pixels: np.ndarray) -> np.ndarray:
    """Pixels (rows, columns), opaque, with shades closer than 8 of 256 levels made one.

    The edges of letters and lines have hundreds of shades that take space and that nobody can
    tell apart. Each shade becomes the most frequent one in its part of the colour cube, so that
    the colours of areas and text stay exactly as they are. A pixel is one number, red in its
    lowest byte.
    """
    found = pixels.reshape(-1).copy()
    ink = np.flatnonzero(found != _WHITE)  # the rest, nearly all, is counted without being sorted
    inked = found[ink]
    ordered = np.sort(inked)
    first = np.flatnonzero(np.diff(ordered, prepend=_WHITE))
    shades = np.append(ordered[first], _WHITE)
    often = np.append(np.diff(first, append=len(ordered)), len(found) - len(ink))
    rarest_first = np.lexsort((shades >> 16 & 255, shades >> 8 & 255, shades & 255, often))
    kept = np.zeros(1 << 15, dtype=np.uint32)
    kept[_part(shades[rarest_first])] = shades[rarest_first]
    found[ink] = kept[_part(inked)]
    return found.reshape(pixels.shape)


def _part(shades: np.ndarray) -> np.ndarray:
    """The part of the colour cube, of 32 by 32 by 32, that each shade lies in."""
    return (shades >> 3 & 31) << 10 | (shades >> 11 & 31) << 5 | shades >> 19 & 31
