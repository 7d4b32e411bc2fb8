"""Why a report changed: builds of a tiny study, with some of what it is made from altered."""

import ast
import io
import json
import math
import sys
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from rich.console import Console

from crmresearch.errors import RequestError, UserError
from crmresearch.run import manifest, runner
from crmresearch.run.batch import making
from crmresearch.run.disk import try_lock
from crmresearch.run.history import keeping as history
from crmresearch.run.history import libraries
from crmresearch.run.history.keeping import FOLDER, History
from crmresearch.run.kernels.limits import Used
from crmresearch.run.kernels.running import NotebookFailed
from crmresearch.run.publishing.publish import Busy
from crmresearch.run.warm.learnt import KEPT
from crmresearch.run.why import asking, command, console, differences, page, reruns, words
from crmresearch.run.why.asking import Means, ask
from crmresearch.run.why.record import parts, record

PARAMETERS = """\
data: str = "small"  # a folder under data/
factor: float = 2.0  # what the mean is multiplied by
"""
# The product is data x parameter, so that both also act together; the mark comes with its size.
STUDY = """\
from crmresearch.data.load import load
from crmresearch.report import numbers
from crmresearch.report.estimates import Estimate
from crmresearch.report.exhibits import show
survey = load(data)
mean = survey.score("satisfaction").mean() + len(numbers.MISSING) - 1
made = dict(unit="number", n=len(survey.answers), method="a mean")
show("numbers", [
    Estimate(key="product", name="Product", value=mean * factor, low=mean * factor - 0.5,
             high=mean * factor + 0.5, **made),
    Estimate(key="mean", name="Mean", value=mean, low=mean - 0.1 * factor,
             high=mean + 0.1 * factor, **made),
    *([Estimate(key="mark", name="Large", value=1.0, **made)] if mean * factor > 13 else []),
], title="Two numbers")
"""


@pytest.fixture
def built(small, small_data, add, new_notebook) -> Path:
    """A project with a report of twenty people, who answered 4 each; it is not built yet."""
    for known in (manifest.package_digest, manifest.package_hashes):
        known.cache_clear()  # the package may have been edited since another test hashed it
    add("tiny", new_notebook(STUDY, parameters=PARAMETERS))
    people(small, [4] * 20)
    factor(small, 2.0)
    return small


@pytest.fixture
def project(built, monkeypatch) -> Path:
    """The same, whose notebooks are run in this process, and of whose package nothing is kept."""
    monkeypatch.setattr(history, "package_hashes", dict)
    monkeypatch.setattr(manifest, "package_digest", lambda: sha256(b"{}").hexdigest())
    for room in (making, reruns):
        monkeypatch.setattr(room, "execute", run_here)
    return built


def run_here(notebook, values, **_):
    """A notebook executed without a kernel; an error of its code is a cell's."""
    executed = nbformat.from_dict(json.loads(json.dumps(notebook.content)))
    space: dict = {}
    for cell in executed.cells:
        if cell.cell_type != "code":
            continue
        *lines, last = ast.parse(cell.source).body
        try:
            exec(compile(ast.Module(lines, []), "cell", "exec"), space)
            shown = eval(compile(ast.Expression(last.value), "cell", "eval"), space)
        except Exception as error:
            raise NotebookFailed(f"{notebook.name}: {error}", executed) from error
        if "parameters" in cell.metadata.get("tags", []):
            exec(cell.source, space)
            space |= values
        elif hasattr(shown, "_repr_mimebundle_"):
            data = json.loads(json.dumps(shown._repr_mimebundle_()))
            cell.outputs = [nbformat.v4.new_output("display_data", data)]
    return executed, Used()


def people(root: Path, answers: list[int], start: int = 1) -> None:
    lines = "".join(f"{number},{answer}\n" for number, answer in enumerate(answers, start))
    (root / "data/small/responses.csv").write_text(f"who,answer\n{lines}")


def factor(root: Path, value: float) -> None:
    (root / "reports.toml").write_text(
        f'[[report]]\nkey = "tiny"\nstudy = "tiny"\nparameters = {{ factor = {value} }}\n'
    )


def asked(root: Path, **means) -> dict:
    found = record(ask(root, "tiny", means=Means(**means)))
    json.dumps(found, allow_nan=False)
    return found


def moved(found: dict, key: str) -> dict:
    (move,) = [move for move in found["moves"] if move["key"] == key]
    return move


def told(found: dict) -> str:
    shown = Console(width=300, record=True, file=io.StringIO())
    console.tell(found, shown)
    return shown.export_text()


def data_and_parameter(root: Path) -> None:
    """From 4 x 2 to 5 x 3, with everybody's answer another."""
    runner.build()
    people(root, [5] * 20)
    factor(root, 3.0)
    runner.build()


def check_data_and_parameter(found: dict) -> None:
    """4 x 2 becomes 5 x 3: data alone add 2, the parameter alone 4, together 7."""
    product = moved(found, "product")
    assert (product["old"]["value"], product["new"]["value"]) == (8, 15)
    assert product["alone"] == {"data": 2, "parameters": 4}
    assert product["undone"] == {"data": 3, "parameters": 5}
    assert product["interaction"] == 1
    assert product["shares"] == {"data": 2.5, "parameters": 4.5}
    assert moved(found, "mean")["shares"] == pytest.approx({"data": 1, "parameters": 0})
    for move in found["moves"]:
        assert math.fsum(parts(move).values()) == pytest.approx(move["change"], rel=1e-12)
    (came,) = found["came"]
    assert (came["key"], came["by"]) == ("mark", [["data", "parameters"]])
    assert found["respondents"]["changed"] == found["respondents"]["shared"] == 20


def test_two_real_builds_are_told_apart_and_what_moved_adds_up(built, capsys):
    """With kernels, from the builds to the page on the site."""
    data_and_parameter(built)
    capsys.readouterr()
    place = command.why("tiny", means=Means(jobs=2))
    check_data_and_parameter(json.loads((built / "reports/why-tiny/files/change.json").read_text()))
    assert place == "reports/why-tiny/index.html"
    html = Path(place).read_text()
    assert "Why it changed: A small study" in html
    assert "1 estimate is new and 0 are gone" in html
    assert "<script" not in html
    assert 'href="../tiny/index.html"' in html
    assert "why-tiny/index.html" in (built / "reports/index.html").read_text()
    out = capsys.readouterr().out
    assert "data and parameters differ." in out
    assert "factor: 2.0 to 3.0" in out
    assert not (built / FOLDER / "work").exists()
    assert (built / KEPT).exists() == (sys.platform == "linux")  # its kernels were forked


def test_what_moved_is_told_in_words(project):
    data_and_parameter(project)
    found = asked(project)
    check_data_and_parameter(found)
    text = told(found)
    assert "Of 2 estimates in both builds 2 moved." in text
    assert "1 estimate is new, by data and parameters, only together." in text
    assert "parameters +4.50; data +2.50" in text
    assert "Made again from what is kept of it, the old build gave its own numbers." in text
    assert "20 of the 20 respondents of the old build are in the new one, too." in text


def test_one_difference_needs_no_run(project, monkeypatch):
    runner.build()
    factor(project, 3.0)
    runner.build()
    monkeypatch.setattr(reruns, "execute", None)
    found = asked(project)
    assert found["runs"] == 0
    assert moved(found, "product")["shares"] == {"parameters": 4}
    # Of the mean only the interval moved: it is told by a bound, and by its width.
    mean = moved(found, "mean")
    assert mean["what"] in ("low", "high")
    assert mean["width"]["shares"] == pytest.approx({"parameters": 0.2})
    assert words.widened(mean) == "interval 1.50 times as wide: parameters +0.20"
    assert "nothing had to be run" in told(found)


def test_a_new_wave_has_an_interval_of_what_it_moved(project):
    """Nobody is in both: 4 +- 0.5 x 2 and 6 +- 0.5 give a difference of 4 with MOVER's ends."""
    runner.build()
    people(project, [6] * 15, start=101)
    runner.build()
    found = asked(project)
    assert (found["respondents"]["shared"], found["respondents"]["removed"]) == (0, 20)
    by_data = moved(found, "product")["by_data"]
    reach = math.sqrt(0.5**2 + 0.5**2)
    assert by_data == pytest.approx(
        {"change": 4, "low": 4 - reach, "high": 4 + reach, "level": 0.95}
    )
    assert "more than chance" in told(found)


def test_people_in_both_have_none(project):
    runner.build()
    people(project, [6] * 25)
    runner.build()
    found = asked(project)
    assert found["respondents"]["shared"] == 20
    assert found["respondents"]["added"] == 5
    assert moved(found, "product")["by_data"] is None


def test_a_changed_cell_is_named_and_swapped(project, add, new_notebook):
    runner.build()
    add("tiny", new_notebook(STUDY.replace("mean * factor,", "mean * factor + 1,"),
                             parameters=PARAMETERS))  # fmt: skip
    people(project, [5] * 20)
    runner.build()
    found = asked(project)
    assert found["differences"]["notebook"] == ["1 cell changed: part-0"]
    assert moved(found, "product")["shares"] == {"data": 2, "notebook": 1}


def test_what_does_not_run_alone_is_swapped_with_its_partner(project, add, new_notebook):
    """The new notebook needs the new data, so that neither can be told from the other."""
    runner.build()
    factor(project, 3.0)
    people(project, [5] * 20)
    needing = STUDY.replace(
        "mean = ", "[1][int(survey.score('satisfaction').mean() < 4.5)]\nmean = "
    )
    add("tiny", new_notebook(needing, parameters=PARAMETERS))
    runner.build()
    found = asked(project)
    assert found["factors"] == ["data and notebook", "parameters"]
    assert moved(found, "product")["alone"] == {"data and notebook": 2, "parameters": 4}
    assert {item["run"] for item in found["failed"]} == {
        "new notebook", "new notebook and parameters",
    }  # fmt: skip
    assert "The run with new notebook has no results: it failed." in told(found)


def test_a_build_that_is_not_repeatable_says_so(project, monkeypatch):
    data_and_parameter(project)
    kept = History(project).builds("tiny")
    number = iter(range(1, 100))

    def other(notebook, values, **options):
        return run_here(notebook, values | {"factor": values["factor"] + next(number)}, **options)

    monkeypatch.setattr(reruns, "execute", other)
    found = asked(project)
    assert len(kept) == 2
    assert found["elsewhere"] == "not repeated"
    assert found["runs"] == 4  # the new build as well
    for move in found["moves"]:
        assert math.fsum(parts(move).values()) == pytest.approx(move["change"])
    assert "a build did not give its own numbers" in told(found)


def test_versions_that_are_not_at_hand_are_left_what_the_others_do_not_explain(
    project, monkeypatch
):
    older = libraries.libraries() | {"pandas": "2.0.0"}
    with monkeypatch.context() as then:
        then.setattr(history, "libraries", lambda: older)
        runner.build()
    people(project, [5] * 20)
    factor(project, 3.0)
    runner.build(force=True)
    # What the older pandas gave: everything 1 less.
    monkeypatch.setattr(
        reruns, "execute",
        lambda notebook, values, **_: run_here(notebook, values | {"factor": values["factor"] + 1}),
    )  # fmt: skip
    found = asked(project)
    assert list(found["differences"]) == ["data", "parameters", "versions"]
    assert found["factors"] == ["data", "parameters"]
    assert found["elsewhere"] == "versions"
    product = moved(found, "product")
    # Old 8, made again 12; new 15, made again 20.
    assert product["elsewhere"] == (12 - 8) + (15 - 20)
    assert math.fsum(parts(product).values()) == pytest.approx(7)
    assert "--old-python" in told(found)


def test_another_python_must_have_the_old_versions(project, monkeypatch):
    older = libraries.libraries() | {"pandas": "2.0.0", "absent": "1.0"}
    del older["attrs"]
    with monkeypatch.context() as then:
        then.setattr(history, "libraries", lambda: older)
        runner.build()
    factor(project, 3.0)
    runner.build(force=True)
    now = libraries.libraries()["pandas"]
    with pytest.raises(RequestError) as refused:
        asked(project, old_python=sys.executable)
    old = History(project).builds("tiny")[1]
    assert str(refused.value) == (
        f"--old-python: {sys.executable} is not what build {old.id} was made with: "
        f"no absent in place of 1.0, pandas {now} in place of 2.0.0, attrs "
        f"{libraries.libraries()['attrs']} in place of none. Install the versions of its lock: "
        "none was kept"
    )
    with pytest.raises(RequestError, match="is not a Python that can be run"):
        asked(project, old_python="/dev/null")


def test_of_many_libraries_the_first_are_named():
    after = {f"library{number}": "1" for number in range(differences._NAMED + 2)}
    blobs = SimpleNamespace(read=lambda text: text)
    said = differences._versions(SimpleNamespace(blobs=blobs), "{}", json.dumps(after))
    assert said[0] == "library0 absent to 1"
    assert said[-1] == "and 2 more"


def test_few_changed_people_have_no_page(project, capsys):
    runner.build()
    people(project, [5] + [4] * 19)
    runner.build()
    said = command.why("tiny", means=Means())
    assert said == (
        "No page: the answers of fewer than 10 people differ, of whom the moved numbers would "
        "tell. What stands above is for the owner of the data."
    )
    assert not (project / "reports/why-tiny").exists()


def test_a_report_of_the_same_name_is_not_replaced(project):
    data_and_parameter(project)
    (project / "reports/tiny").rename(project / "reports/why-tiny")
    (project / "reports/tiny").mkdir()
    with pytest.raises(RequestError, match="is another report, which the page must not replace"):
        command.why("tiny", means=Means())


def test_builds_are_chosen_by_name(project):
    for value in (2.0, 3.0, 4.0):
        factor(project, value)
        runner.build()
    last, middle, first = History(project).builds("tiny")
    kept = History(project)
    assert asking.chosen(kept, "tiny", "", "") == (middle, last)
    assert asking.chosen(kept, "tiny", first.id[:6], "") == (first, last)
    assert asking.chosen(kept, "tiny", "", middle.id) == (first, middle)
    with pytest.raises(RequestError) as refused:
        asking.chosen(kept, "tiny", "nine", "")
    assert str(refused.value) == (
        f"--from 'nine' names no build of 'tiny'. Kept are, the last one first: {last.id}, "
        f"{middle.id}, {first.id}."
    )


def test_what_is_not_kept_cannot_be_asked(project):
    with pytest.raises(RequestError) as refused:
        asked(project)
    assert str(refused.value) == (
        "nothing is kept of a report 'tiny'. The ingredients of a report are kept when it is "
        "built, unless that is turned off."
    )
    runner.build()
    with pytest.raises(RequestError, match="one build is kept, b[0-9a-f]{7}, and none before it"):
        asked(project)


def test_data_that_were_too_large_are_asked_for_and_found_by_their_hash(
    project, monkeypatch, tmp_path
):
    monkeypatch.setattr(history, "LARGEST", 10)
    aside = tmp_path / "aside"
    aside.mkdir()
    for number, name in enumerate(("responses.csv", "codebook.csv", "about.toml")):
        (aside / f"{number}.old").write_bytes((project / "data/small" / name).read_bytes())
    data_and_parameter(project)
    with pytest.raises(RequestError, match=r"are needed as they were: about.toml, codebook.csv, "):
        asked(project)
    found = asked(project, old_data=[aside, project / "data"])
    check_data_and_parameter(found)


def test_damage_is_told(project):
    data_and_parameter(project)
    kept = History(project)
    kept.blobs.path(kept.builds("tiny")[1].results).write_bytes(b"nothing")
    with pytest.raises(UserError, match="a kept file is not what it was when it was kept"):
        asked(project)


@pytest.mark.skipif(sys.platform == "win32", reason="locks are taken otherwise there")
def test_one_question_at_a_time(project):
    data_and_parameter(project)
    with (project / FOLDER / ".why").open("a") as handle:
        assert try_lock(handle.fileno())
        with pytest.raises(Busy, match="another `crmresearch why` is running"):
            asked(project)


def test_what_a_killed_question_left_goes(project):
    data_and_parameter(project)
    (project / FOLDER / "work" / "old").mkdir(parents=True)
    (project / FOLDER / "work" / "old" / "answers.csv").write_text("1\n")
    asked(project)
    assert not (project / FOLDER / "work").exists()


def test_no_answer_is_told(project, capsys):
    """Counts and names only: the answers and identifiers of the data stand in no output."""
    runner.build()
    path = project / "data/small/responses.csv"
    secret = "".join(f"SECRET-{number},5\n" for number in range(20))
    path.write_text(f"who,answer\n{secret}")
    factor(project, 3.0)
    runner.build()
    command.why("tiny", means=Means())
    for made in (project / "reports/why-tiny").rglob("*"):
        assert not made.is_file() or b"SECRET" not in made.read_bytes()
    assert "SECRET" not in "".join(capsys.readouterr())


@pytest.mark.slow
def test_another_package_is_run_from_its_kept_sources(built):
    """The old package counts a missing value's sign twice, which moves every number by one."""
    data_and_parameter(built)
    kept = History(built)
    record_of = min((built / FOLDER / "builds/tiny").iterdir())
    old = json.loads(record_of.read_text())
    sources = json.loads(kept.blobs.read(old["package"]))
    text = kept.blobs.read(sources["report/numbers.py"]).decode()
    with kept.blobs.held():
        changed = text.replace('MISSING = "–"', 'MISSING = "––"')
        assert changed != text
        sources["report/numbers.py"] = kept.blobs.keep_bytes(changed.encode())
        old["package"] = kept.blobs.keep_bytes(json.dumps(sources, sort_keys=True).encode())
    record_of.write_text(json.dumps(old))
    found = asked(built, jobs=2)
    assert found["differences"]["package"] == ["1 file changed: report/numbers.py"]
    # The old build said 4 x 2; its altered sources say (4 + 1) x 2.
    product = moved(found, "product")
    assert found["elsewhere"] == "not repeated"
    assert product["elsewhere"] == 10 - 8
    assert product["alone"] == {"data": 2, "parameters": 5, "package": -2}
    assert product["undone"]["package"] == 15 - 18


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.5, "number", "+0.50"), (-0.5, "number", "−0.50"), (0.00012, "number", "+0.00012"),
        (0.012, "share", "+1.2 pp"), (-0.00001, "share", "−0.001 pp"), (0.0, "number", "0.00"),
        (2.0, "points difference", "+2.0"), (None, "number", "not known"),
    ],
)  # fmt: skip
def test_changes_have_a_sign_and_show_what_is_small(value, unit, text):
    assert words.signed(value, unit) == text


def test_the_page_of_a_report_that_is_not_on_the_site_is_not_made(project):
    data_and_parameter(project)
    said = command.why("tiny", means=Means(), reports=project / "elsewhere")
    assert said == "No page: elsewhere/ has no report 'tiny'."


def test_pages_are_withheld_by_the_people_who_differ():
    found = {"differences": {"data": []}, "respondents": {"touched": 9}}
    assert page.withheld(found, 10)
    assert not page.withheld(found, 9)
    assert not page.withheld(found | {"differences": {"parameters": []}}, 10)
