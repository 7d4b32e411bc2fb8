"""One palette and one set of figure defaults, shared by figures and page.

Okabe-Ito's colour-blind-safe hues, darkened where needed for contrast on white; grey does most of
the work and the accent marks what a figure is about. Shape or text always repeats what colour says.
"""

import io
from contextlib import contextmanager

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

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
    "figure.constrained_layout.use": True,
    "savefig.facecolor": "white",
    "axes.unicode_minus": True,
    "xaxis.labellocation": "right",  # a long name of an axis has the room below the row labels
    "text.parse_math": False,  # a label may hold two dollar signs
}


@contextmanager
def canvas(height: float = 3.6):
    """A `Figure` in the house style, outside pyplot so that nothing stays open or is shown twice.

    Draw on it inside the block; its size may be changed there with ``set_size_inches``.
    """
    with matplotlib.rc_context(RC):
        yield Figure(figsize=(WIDTH, height))


def image_bytes(figure: Figure) -> bytes:
    """The figure as lossless WebP, a third of the size of PNG and the same bytes every time."""
    figure.set_dpi(DPI)
    figure.set_facecolor(RC["savefig.facecolor"])
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    image = Image.fromarray(_fewer_shades(np.asarray(canvas.buffer_rgba())[..., :3]))
    buffer = io.BytesIO()
    image.save(buffer, format="webp", lossless=True, method=2)
    return buffer.getvalue()


def _fewer_shades(pixels: np.ndarray) -> np.ndarray:
    """Pixels (rows, columns, 3) with shades closer than 8 of 256 levels made one.

    The edges of letters and lines have hundreds of shades that take space and that nobody can
    tell apart. Each shade becomes the most frequent one in its part of the colour cube, so that
    the colours of areas and text stay exactly as they are.
    """
    levels = [(pixels[..., place] >> 3).astype(np.uint16) for place in range(3)]
    codes = levels[0] << 10 | levels[1] << 5 | levels[2]
    shades = np.zeros((1 << 15, 4), dtype=np.uint8)  # a shade is one number of four bytes
    image = Image.fromarray(pixels)
    for _, shade in sorted(image.getcolors(pixels.shape[0] * pixels.shape[1])):
        red, green, blue = (level >> 3 for level in shade)
        shades[red << 10 | green << 5 | blue, :3] = shade
    return shades.view(np.uint32)[:, 0][codes].view(np.uint8).reshape(*codes.shape, 4)[..., :3]
