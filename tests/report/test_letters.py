"""Lines of text: the same sizes as matplotlib's, the same pictures every time."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure

from crmresearch.report import letters, style


def sizes_of(text, renderer):
    return text.get_window_extent(renderer).bounds


@pytest.mark.parametrize("text", ["Loyalty  (n = 1,204)", "two\nlines, gy", "é ü ß", "−0.5"])
@pytest.mark.parametrize("look", [{}, {"fontweight": "bold", "fontsize": 8.5}, {"rotation": 90}])
def test_a_label_takes_the_room_that_matplotlib_gives_it(text, look):
    figure = Figure(dpi=style.DPI)
    label = figure.text(0.5, 0.5, text, **look)
    ours = sizes_of(label, letters.Renderer(1000, 700, style.DPI))
    assert ours == pytest.approx(sizes_of(label, RendererAgg(1000, 700, style.DPI)), abs=1e-6)


def drawn(renderer, text, **look):
    figure = Figure(figsize=(4, 2), dpi=style.DPI)
    label = figure.text(0.3, 0.3, text, **look)
    label.draw(renderer)
    return np.asarray(renderer.buffer_rgba())[..., 3] > 127  # opaque enough to be seen


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_letters_stand_where_matplotlib_puts_them(rotation):
    size = 4 * style.DPI, 2 * style.DPI, style.DPI
    look = {"rotation": rotation, "fontsize": 14, "ha": "center", "va": "center"}
    ours = drawn(letters.Renderer(*size), "..gauged", **look)
    theirs = drawn(RendererAgg(*size), "..gauged", **look)
    for axis in (0, 1):
        at, place = (np.flatnonzero(picture.any(axis=axis)) for picture in (ours, theirs))
        assert abs(at[0] - place[0]) <= 1
        assert abs(at[-1] - place[-1]) <= 1
    assert ours.sum() == pytest.approx(theirs.sum(), rel=0.08)


def test_slanted_letters_are_matplotlib_s_own():
    size = 4 * style.DPI, 2 * style.DPI, style.DPI
    ours = drawn(letters.Renderer(*size), "Loyalty", rotation=40)
    assert np.array_equal(ours, drawn(RendererAgg(*size), "Loyalty", rotation=40))


def test_letters_that_a_font_lacks_are_another_s():
    look = {"fontfamily": ["DejaVu Serif", "no such font", "DejaVu Sans"]}
    size = 4 * style.DPI, 2 * style.DPI, style.DPI
    theirs = drawn(RendererAgg(*size), "\N{ARABIC LETTER WAW}\N{HEBREW LETTER SHIN}", **look)
    ours = drawn(letters.Renderer(*size), "\N{ARABIC LETTER WAW}\N{HEBREW LETTER SHIN}", **look)
    assert ours.sum() == pytest.approx(theirs.sum(), rel=0.08)


def test_a_line_too_long_to_be_seen_is_not_kept():
    letters._line.cache_clear()
    drawn(letters.Renderer(400, 200, style.DPI), "W" * (letters.LONGEST + 1))
    assert letters._line.cache_info().currsize == 0


def figure_bytes():
    with style.canvas() as figure:
        ax = figure.subplots()
        ax.plot([0, 1], [0, 1])
        ax.set_yticks([0, 1], labels=["first", "second of the rows"])
        return style.image_bytes(figure)


def test_a_figure_is_the_same_bytes_before_and_after_its_letters_are_known():
    letters._line.cache_clear()
    letters._font_files.cache_clear()
    letters._font_height.cache_clear()
    first = figure_bytes()
    assert letters._line.cache_info().misses
    assert figure_bytes() == first


def test_a_renderer_is_made_anew_for_another_size_only():
    with style.canvas() as figure:
        first = figure.canvas.get_renderer()
        assert figure.canvas.get_renderer() is first
        figure.set_size_inches(3, 2)
        second = figure.canvas.get_renderer()
        assert (second.width, second.height) == (3 * style.DPI, 2 * style.DPI)


def test_formulas_are_left_to_matplotlib():
    with style.canvas() as figure:
        figure.text(0.5, 0.5, "$10^{2}$", parse_math=True)
        formula = style.image_bytes(figure)
    with style.canvas() as figure:
        figure.text(0.5, 0.5, "$10^{2}$")
        assert style.image_bytes(figure) != formula
