"""The satisfaction model of about.toml: arrows between constructs that the codebook has."""

import pytest

from crmresearch.data.inspection import inspect
from crmresearch.data.paths import arrows

BOOK = "id,,id,id,,,,,,,\n" + "".join(
    f"{name}_{item},,scale,item,{name},1,7,,,,\n"
    for name in ("image", "value", "loyalty")
    for item in (1, 2)
)
BOOK += "nps,,scale,recommend,,0,10,,,,\nsegment,,category,segment,,,,,,A; B,\n"
BOOK += "sign,,binary,indicator,positive,,,,,1=Y; 0=N,\n"
HEADER = "id,image_1,image_2,value_1,value_2,loyalty_1,loyalty_2,nps,segment,sign\n"
ROWS = HEADER + "1,5,5,4,3,2,1,10,A,1\n2,1,1,2,3,4,5,0,B,0\n"


@pytest.fixture
def found(small, tmp_path):
    def write(paths):
        about = f'title = "T"\npaths = {paths}\n'
        return inspect(small.write(tmp_path, ROWS, small.header + BOOK, about))

    return write


def test_arrows_in_the_order_in_which_they_are_written(found):
    survey = found('["image -> value,  loyalty", " value->nps", "loyalty -> image_1"]').survey
    assert arrows(survey.about.paths) == [
        ("image", "value"), ("image", "loyalty"), ("value", "nps"), ("loyalty", "image_1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("paths", "says"),
    [
        ('"image -> value"', "paths is something else but it must be a list of texts"),
        ("[3]", "it must be a list of texts"),
        ('["image, value"]', "paths has the line 'image, value' but a line names one construct"),
        ('["image -> "]', "paths has the line 'image -> '"),
        ('["image -> value, "]', "paths has the line"),
        ('["image -> value -> loyalty"]', "paths has the line"),
        ('["imge -> value"]', "paths names 'imge' but the codebook has no such construct, nor a "),
        ('["imge -> value"]', "The constructs are image, value, loyalty. Did you mean 'image'?"),
        ('["image -> segment"]', "paths names 'segment'"),
        ('["image -> positive"]', "paths names 'positive'"),
        ('["image -> id"]', "paths names 'id'"),
        ('["image -> value", "image -> loyalty, value"]', "draws 'image -> value' more than once"),
        ('["image -> image"]', "paths goes in a circle: image -> image"),
    ],
)
def test_mistakes_are_named(found, paths, says):
    inspection = found(paths)
    assert inspection.survey is None
    assert any(says in str(problem) for problem in inspection.blocking), inspection.blocking


def test_a_circle_is_shown_in_the_direction_of_its_arrows(found):
    [problem] = found('["image -> value", "value -> loyalty", "loyalty -> image"]').blocking
    shown = str(problem).split("circle: ")[1].split(" but ")[0].split(" -> ")
    assert shown[0] == shown[-1]
    assert set(zip(shown, shown[1:], strict=False)) == {
        ("image", "value"), ("value", "loyalty"), ("loyalty", "image"),
    }  # fmt: skip


def test_all_mistakes_come_at_once(found):
    assert len(found('["a -> b", "image -> image", "x", "image -> nps, nps"]').blocking) == 5
