"""Parameters: what a cell may declare, and that nothing else ever reaches a kernel."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmresearch.errors import RequestError, UserError
from crmresearch.run.request.parameters import declared, split, typed

CELL = """\
# Change with `crmresearch run study -p level=0.9`
data: str = "telecom"  # a folder under data/, or the path of a dataset
level: float = 0.95  # confidence level of every interval [0.5, 0.999]
draws: int = 2000  # resamples [1, 1e6]
offset: int = -3  # may be negative
rule: str = "mean"  # what is computed {mean, median}
quick: bool = False  # fewer draws
"""
PARAMETERS = declared(CELL, "notebooks/study.ipynb")


def test_a_cell_is_read_in_its_order_with_its_rules():
    assert list(PARAMETERS) == ["data", "level", "draws", "offset", "rule", "quick"]
    level, rule = PARAMETERS["level"], PARAMETERS["rule"]
    assert (level.type, level.default, level.low, level.high) == (float, 0.95, 0.5, 0.999)
    assert level.meaning == "confidence level of every interval"
    assert rule.choices == ("mean", "median")
    assert PARAMETERS["draws"].high == 1e6
    assert PARAMETERS["offset"].default == -3


@pytest.mark.parametrize(
    "line",
    [
        "level = 0.95",
        "level: float",
        "level: float = other",
        "level: float = 'high'",
        "level: int = 0.5",
        "level: int = True",
        "level: list = [1]",
        "level: float = __import__('os').getpid()",
        "import os",
        "a.level: float = 1.0",
        "print('hello')",
    ],
)
def test_a_cell_holds_nothing_but_annotated_literals(line):
    with pytest.raises(UserError) as refused:
        declared(f"seed: int = 1\n{line}", "notebooks/study.ipynb")
    assert str(refused.value) == (
        "notebooks/study.ipynb, parameters cell, line 2: write `name: type = default` with type "
        "str, int, float or bool and a literal default of that type."
    )


def test_the_meaning_of_a_long_line_stands_above_it():
    found = declared("# what to try\nnames: str = 'a'\nseed: int = 1  # of chance", "a.ipynb")
    assert [item.meaning for item in found.values()] == ["what to try", "of chance"]


def test_every_wrong_line_is_named():
    with pytest.raises(UserError) as refused:
        declared(
            "a = 1\nb: int = 5  # [0, 3]\nc: str = 'x'  # {y, z}\nc: str = 'y'", "notebooks/s.ipynb"
        )
    assert str(refused.value).splitlines() == [
        "notebooks/s.ipynb, parameters cell, line 1: write `name: type = default` with type str, "
        "int, float or bool and a literal default of that type.",
        "notebooks/s.ipynb, parameters cell: the default of 'b' takes 0 to 3, not 5.",
        "notebooks/s.ipynb, parameters cell: the default of 'c' takes one of y, z, not 'x'.",
        "notebooks/s.ipynb, parameters cell, line 4: 'c' stands there twice.",
    ]


def test_a_cell_that_is_not_python_is_refused():
    with pytest.raises(UserError, match=r"parameters cell, line 1: not Python \("):
        declared("level: float = ", "notebooks/study.ipynb")


def test_texts_become_the_declared_types():
    given_texts = split(
        ["quick=yes", "level=.9", "draws= 50 ", "offset=-7", "data=a=b", "rule=median"]
    )
    assert typed(PARAMETERS, given_texts, "notebooks/study.ipynb") == {
        "data": "a=b", "level": 0.9, "draws": 50, "offset": -7, "rule": "median", "quick": True,
    }  # fmt: skip


def test_values_of_a_file_keep_their_types():
    assert typed(PARAMETERS, {"level": 0.9, "draws": 5, "quick": True}, "n") == {
        "level": 0.9, "draws": 5, "quick": True,
    }  # fmt: skip
    assert typed(declared("share: float = 0.5", "n"), {"share": 1}, "n") == {"share": 1.0}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("levle", "0.9", "has no parameter 'levle'. Did you mean 'level'? It has: data, level, "
         "draws, offset, rule, quick."),
        ("level", "high", ": parameter 'level' takes float, not 'high'."),
        ("level", True, ": parameter 'level' takes float, not True."),
        ("level", "0,9", ": parameter 'level' takes float, not '0,9'."),
        ("level", "nan", ": parameter 'level' takes float, not 'nan'."),
        ("level", "2", ": parameter 'level' takes 0.5 to 0.999, not 2.0."),
        ("draws", "1e3", ": parameter 'draws' takes int, not '1e3'."),
        ("draws", "2.0", ": parameter 'draws' takes int, not '2.0'."),
        ("draws", 0, ": parameter 'draws' takes 1 to 1000000, not 0."),
        ("draws", True, ": parameter 'draws' takes int, not True."),
        ("quick", "maybe", ": parameter 'quick' takes bool, not 'maybe'."),
        ("quick", 1, ": parameter 'quick' takes bool, not 1."),
        ("data", 7, ": parameter 'data' takes str, not 7."),
        ("data", "a\x00b", ": parameter 'data' must be one line without control characters, not "
         r"'a\x00b'."),
        ("rule", "meen", ": parameter 'rule' takes one of mean, median, not 'meen'. "
         "Did you mean 'mean'?"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_one_line(name, value, message):
    with pytest.raises(RequestError) as refused:
        typed(PARAMETERS, {name: value}, "notebooks/study.ipynb")
    expected = message if message.startswith(":") else f" {message}"
    assert str(refused.value) == f"notebooks/study.ipynb{expected}"
    assert refused.value.exit_code == 2


def test_all_wrong_values_are_told_at_once():
    with pytest.raises(RequestError) as refused:
        typed(PARAMETERS, {"level": "x", "seed": "1", "draws": "0"}, "n")
    assert len(str(refused.value).splitlines()) == 3


def test_infinity_written_as_a_number_is_refused():
    with pytest.raises(RequestError, match="must be a finite number"):
        typed(declared("x: float = 1.0", "n"), {"x": "1e999"}, "n")
    with pytest.raises(RequestError, match="takes float"):
        typed(declared("x: float = 1.0", "n"), {"x": 10**400}, "n")


@pytest.mark.parametrize("setting", ["level", "=1", "", " = 1"])
def test_a_setting_needs_a_name_and_a_value(setting):
    with pytest.raises(RequestError, match="write -p name=value"):
        split([setting])


def test_a_setting_stands_once():
    with pytest.raises(RequestError, match="'level' is set twice"):
        split(["level=0.9", "level=0.8"])


@given(st.dictionaries(st.text(max_size=30), st.text(max_size=30), max_size=4))
def test_only_declared_names_with_fitting_values_pass(settings):
    try:
        values = typed(PARAMETERS, settings, "n")
    except RequestError:
        return
    assert set(values) == set(settings) <= set(PARAMETERS)
    for name, value in values.items():
        assert type(value) is PARAMETERS[name].type


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_written_by_python_is_read_back(number):
    parameters = declared("x: float = 1.0", "n")
    assert typed(parameters, {"x": repr(number)}, "n") == {"x": number}


@given(st.one_of(st.floats(), st.integers(), st.booleans(), st.text(), st.none(), st.binary()))
def test_a_ranged_number_never_leaves_its_range(value):
    try:
        level = typed(PARAMETERS, {"level": value}, "n")["level"]
    except RequestError:
        return
    assert math.isfinite(level)
    assert 0.5 <= level <= 0.999
