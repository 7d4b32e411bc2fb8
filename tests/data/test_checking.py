from typer.testing import CliRunner

from crmresearch.cli import app
from crmresearch.data.checking import check
from crmresearch.data.studies import all_needs


def test_a_sound_dataset(tmp_path, small):
    report, fit = check(small.write(tmp_path))
    assert fit
    assert report.startswith("Three customers: responses.csv (3 rows, 4 variables)\n")
    assert "No problem found." in report
    assert "Reading changes:\n  1 cell of 99 in 1 column read as no answer: q1." in report
    assert "Roles: id, loyalty, satisfaction, segment" in report


def test_every_study_is_judged(tmp_path, small):
    report, _ = check(small.write(tmp_path))
    needs = all_needs()
    for study in needs:
        assert f"\n  {study}: " in report
    if "survey" in needs:
        assert "survey: yes. Not in these data: recommend" in report
    if "archetypes" in needs:
        assert "archetypes: no. It needs the role 'indicator'" in report


def test_a_part_is_judged_after_the_whole_is_checked(tmp_path, small):
    about = small.about + "min_cell = 1\n"
    folder = small.write(tmp_path, about=about)
    done = CliRunner().invoke(app, ["check", str(folder), "--only", "segment = Trade"])
    assert done.exit_code == 0
    told = done.output.splitlines()
    assert told[0] == "Three customers: responses.csv (3 rows, 4 variables)"
    assert "Three customers: Trade: 1 respondent" in told
    assert "Roles: id, loyalty" in told  # nobody in trade said how satisfied they are
    wrong = small.write(tmp_path, small.responses.replace("5,2", "8,2"), about=about)
    report, fit = check(wrong, only="segment = Trade")
    assert not fit
    assert "Trade: " not in report


def test_a_role_that_is_mistaken_for_another_says_why(tmp_path, small):
    codebook = small.codebook.replace("scale,satisfaction", "scale,imagined_complaint")
    report, fit = check(small.write(tmp_path, codebook=codebook))
    assert fit
    if "recovery" in all_needs():
        [line] = [line for line in report.splitlines() if line.startswith("  recovery:")]
        assert "cannot tell who had a problem" in line


def test_all_problems_are_printed_and_the_command_ends_with_1(tmp_path, small):
    names = [f"c{i}" for i in range(40)]
    codebook = small.header + "".join(f"{name},,scale,,,1,5,,,,\n" for name in names)
    responses = ",".join(names) + "\n" + ",".join(str(n) for n in range(60, 100)) + "\n"
    done = CliRunner().invoke(app, ["check", str(small.write(tmp_path, responses, codebook))])
    assert done.exit_code == 1
    assert "40 data problem(s):" in done.output
    assert "  40. responses.csv, column 'c39': found '99' in 1 of 1 rows (row 2)" in done.output


def test_the_command_ends_with_0_on_sound_data(tmp_path, small):
    assert CliRunner().invoke(app, ["check", str(small.write(tmp_path))]).exit_code == 0


def test_a_draft_is_printed(tmp_path):
    (tmp_path / "export.csv").write_text("nps,q\n0,1\n10,3\n5,2\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["codebook", str(tmp_path / "export.csv")])
    assert done.exit_code == 0
    assert "nps,,scale,recommend?,,0,10" in done.output
