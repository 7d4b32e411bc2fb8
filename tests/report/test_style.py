"""Colours: one palette, readable in the light and in the dark."""

import re

import pytest

from crmresearch.report import page, style

TEXTS = ("ink", "soft", "accent", "good", "poor")


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_defined():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("palette", [style.PAGE, style.PAGE_DARK], ids=["light", "dark"])
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("ground", ["paper", "wash"])
def test_every_text_can_be_read_on_every_ground(palette, text, ground):
    assert contrast(palette[text], palette[ground]) >= 4.5


def test_a_figure_s_letters_can_be_read_on_its_card():
    for palette in (style.PAGE, style.PAGE_DARK):
        for colour in (style.INK, style.GREY, *style.SERIES[:3]):
            assert contrast(colour, palette["card"]) >= 4.5


def test_the_style_sheet_takes_its_colours_from_the_palette_alone():
    sheet = page.stylesheet()
    known = {*style.PAGE.values(), *style.PAGE_DARK.values()}

    assert set(re.findall(r"#[0-9a-f]{3,8}\b", sheet)) <= known
    assert "/*" not in sheet
    assert "url(" not in sheet
