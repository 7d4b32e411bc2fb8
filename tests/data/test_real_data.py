"""Our codebooks read real files, and the numbers published for them come out.

The figures are those of the datasets' own documentation or were recomputed in R from the files.
Alpha is computed here in three lines, so that what is tested is the reading.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crmresearch.data.inspection import inspect
from crmresearch.data.load import load
from crmresearch.data.roles import Needs
from crmresearch.data.survey import Survey
from crmresearch.errors import DataError

DATASETS = {
    "sfo_2017": "sfo_airport",
    "ecsi_mobile": "ecsi_mobile",
    "corp_rep": "corp_rep",
    "fastfood_brand": "fastfood_brand",
    "robo_failure": "robo_failure",
    "complaint_churn": "complaint_churn",
    "electric_cars": "formats",
    "hotel": "formats",
}


@pytest.fixture(scope="module")
def read(real_data, project):
    """A dataset by the name of its codebook, read once."""
    known: dict[str, Survey] = {}

    def reader(name: str, file: str = "") -> Survey:
        if (name, file) not in known:
            book = project / "data" / "codebooks" / name
            known[name, file] = load(real_data / DATASETS[name] / file, codebook=book)
        return known[name, file]

    return reader


def alpha(survey: Survey, construct: str) -> float:
    items = survey.answers[survey.scales()[construct]].dropna()
    k = items.shape[1]
    return k / (k - 1) * (1 - items.var(ddof=1).sum() / items.sum(axis=1).var(ddof=1))


@pytest.mark.parametrize("name", DATASETS)
def test_every_codebook_reads_its_file(read, name):
    assert len(read(name).answers) > 0


def nps(survey: Survey) -> tuple[int, int, int]:
    answers = survey.score("recommend").dropna()
    return int((answers >= 9).sum()), int(answers.between(7, 8).sum()), int((answers <= 6).sum())


def test_sfo(read):
    survey = read("sfo_2017")
    assert nps(survey) == (1436, 968, 342)
    answers, weights = survey.score("recommend"), survey.weights()
    known = answers.notna()
    sign = (answers >= 9).astype(float) - (answers <= 6).astype(float)
    assert np.average(sign[known], weights=weights[known]) * 100 == pytest.approx(40.40, abs=0.005)
    satisfaction = survey.score("satisfaction").dropna()
    assert len(satisfaction) == 2688
    assert satisfaction.mean() == pytest.approx(4.064360, abs=5e-7)
    assert (satisfaction >= 4).mean() == pytest.approx(0.8207, abs=5e-5)
    for name, mean in {
        "Q7FOOD": 3.615448, "Q7WALKWAYS": 4.146824, "Q9ALL": 4.275950, "Q9RESTROOM": 4.131172,
    }.items():  # fmt: skip
        assert survey.answers[name].mean() == pytest.approx(mean, abs=5e-7)
    problem = survey.score("problem")
    assert (problem == 1).sum() == 320
    assert survey.answers.loc[problem == 1, "Q14PASSTHRU"].mean() == pytest.approx(3.86, abs=0.005)
    assert "84 cells of 11 in 1 column read as no answer: NETPRO." in survey.changes


def test_sfo_in_two_waves(real_data, project, read):
    book = project / "data" / "codebooks" / "sfo_airport"
    survey = load(real_data / "sfo_airport", codebook=book)
    answers = survey.answers
    assert answers["wave"].value_counts().to_dict() == {"2016": 3087, "2017": 2831}
    assert nps(survey) == (1436, 968, 342)
    by_wave = answers.groupby("wave", observed=True)
    assert by_wave["NETPRO"].count().tolist() == [0, 2746]
    assert by_wave["Q7ALL"].count().tolist() == [2919, 2688]
    assert by_wave["Q7ALL"].mean().tolist() == pytest.approx([4.038027, 4.064360], abs=5e-7)
    assert by_wave["Q15PROBLEM"].sum().tolist() == [330, 320]
    assert answers["Q19AGE"].cat.categories.tolist()[:2] == ["Under 18", "18 to 24"]
    assert by_wave["Q19AGE"].value_counts()["2016"]["18 to 24"] == 378
    assert by_wave["Q20GENDER"].value_counts().loc["2016"].to_dict() == {
        "Male": 1468, "Female": 1465, "Other": 0,
    }  # fmt: skip
    assert by_wave["WEIGHT"].mean().tolist() == pytest.approx([1, 1], abs=1e-9)
    assert answers["RESPNUM"].is_unique
    assert "Not in 2016, and missing for its 3,087 respondents: NETPRO." in survey.changes
    # the wave of 2017 is what its file alone is
    alone = read("sfo_2017")
    second = answers[answers["wave"] == "2017"].reset_index(drop=True)
    for name in alone.answers.columns.drop("RESPNUM"):
        same = second[name].astype(object).equals(alone.answers[name].astype(object))
        assert same, name


def test_what_is_said_of_sfo_2016_shows_in_its_answers(real_data):
    """Codes of 2016 that no code list was seen of are those of 2017, by what they go with."""
    first = pd.read_csv(
        real_data / "sfo_airport" / "sfo_2016.csv", dtype=str, keep_default_na=False
    )
    hour = first["DEPTIME"].str.split(":").str[0].astype(int)
    assert (hour[first["STRATA"] == "1"] < 11).all()
    assert hour[first["STRATA"] == "2"].between(11, 17).all()
    assert (hour[first["STRATA"] == "3"] >= 17).all()
    abroad = first["DESTGEO"].isin(list("456789"))
    assert (abroad == (first["PEAK"] == "3")).mean() > 0.999
    told = first["Q15COM1"] != ""
    assert told[first["Q15PROBLEM"] == "1"].all()
    assert not told[first["Q15PROBLEM"] == "2"].any()
    new_here = first["Q5FIRSTTIME"] == "2"
    assert (first["Q5TIMESFLOWN"][new_here] == "1").mean() > 0.85
    assert (first["Q6LONGUSE"][new_here] == "1").mean() > 0.85


def test_sfo_with_semicolons_and_decimal_commas(real_data, small, tmp_path):
    file = real_data / "formats" / "sfo2017_semicolon_decimalcomma_utf8sig.csv"
    codebook = small.header + (
        "RESPNUM,,id,id,,,,,,,\n"
        "Q7ALL,,scale,satisfaction,,1,5,,Blank,,\n"
        "NETPRO,,scale,recommend,,0,10,,11,,\n"
        "WEIGHT,,number,weight,,0,20,,,,\n"
    )
    folder = small.write(tmp_path, codebook=codebook)
    with pytest.raises(DataError, match=r'the decimal sign, declare it .* decimal = ","'):
        load(file, codebook=folder)
    folder = small.write(tmp_path, "", codebook, small.about + '[file]\ndecimal = ","\n')
    survey = load(file, codebook=folder)
    assert nps(survey) == (1436, 968, 342)
    assert survey.answers["WEIGHT"].mean() == pytest.approx(1.0, abs=1e-6)


def test_ecsi(read):
    survey = read("ecsi_mobile")
    assert {name: alpha(survey, name) for name in survey.scales()} == pytest.approx(
        {
            "image": 0.714447,
            "expectation": 0.432597,
            "quality": 0.872406,
            "value": 0.816695,
            "satisfaction": 0.770113,
            "loyalty": 0.441717,
        },
        abs=1e-6,
    )
    counts = survey.answers["CUSA1"].value_counts().sort_index()
    assert counts.to_dict() == {4: 1, 5: 8, 6: 15, 7: 50, 8: 109, 9: 29, 10: 38}


def test_ecsi_cannot_carry_recovery(real_data, project):
    needs = Needs(required=(("loyalty",), ("problem", "complained", "condition")))
    with pytest.raises(DataError) as error:
        load(
            real_data / "ecsi_mobile",
            codebook=project / "data" / "codebooks" / "ecsi_mobile",
            needs=needs,
        )
    text = str(error.value)
    assert "\n" not in text
    assert "'complained' (whether the customer complained about it)" in text
    assert "'imagined_complaint', which these data have, mixes" in text


def test_corporate_reputation(read):
    survey = read("corp_rep")
    assert survey.changes == (
        "11 cells of -99 in 4 columns read as no answer: cusa, cusl_1, cusl_2, cusl_3.",
    )
    assert survey.answers["cusa"].min() == 1
    assert survey.roles >= {"satisfaction", "loyalty", "driver", "segment", "brand"}


def test_fast_food(read):
    survey = read("fastfood_brand")
    means = survey.items("indicator").mean()
    expected = [0.55, 0.91, 0.09, 0.87, 0.53, 0.90, 0.60, 0.64, 0.36, 0.20, 0.24]
    np.testing.assert_allclose(means, expected, atol=0.005)
    liking = survey.score("satisfaction")
    assert ((liking == -5).sum(), (liking == 5).sum(), liking.notna().sum()) == (152, 143, 1453)


def test_robo_failure(read):
    survey = read("robo_failure")
    assert {
        name: alpha(survey, name)
        for name in (
            "trusting intention",
            "continuation intention",
            "expected functionality",
            "perceived empathy",
        )
    } == pytest.approx(
        {
            "trusting intention": 0.8987035,
            "continuation intention": 0.8505121,
            "expected functionality": 0.9017229,
            "perceived empathy": 0.7845865,
        },
        abs=5e-8,
    )
    assert survey.about.design == "experiment"
    assert survey.score("loyalty").notna().all()
    assert survey.items("satisfaction").notna().all(axis=None)
    assert survey.items("condition")["group"].cat.codes.nunique() == 4


def test_churn(read):
    survey = read("complaint_churn")
    assert "Kept: 300 rows equal to an earlier row in every column." in survey.changes
    assert "Call Failure" in survey.answers
    assert (survey.score("complained").sum(), survey.score("churned").sum()) == (241, 495)


def test_qualtrics(read):
    survey = read("electric_cars")
    assert survey.flow == {
        "Rows in the file": 168,
        "Rows of a survey preview, left out": 2,
        "Respondents read": 166,
    }
    assert survey.answers["Q1_1"].notna().sum() == 165


def test_qualtrics_waves_drift_and_the_check_says_where(real_data, project):
    book = project / "data" / "codebooks" / "electric_cars"
    first = inspect(real_data / "formats" / "ev_export_wave1.csv", codebook=book)
    assert not first.blocking
    assert len(first.survey.answers) == 51


def test_hotel(read):
    survey = read("hotel", "hotel.sav")
    assert alpha(survey, "service") == pytest.approx(0.81, abs=0.005)
    everything = survey.answers
    k = everything.shape[1]
    total = everything.sum(axis=1).var(ddof=1)
    assert k / (k - 1) * (1 - everything.var(ddof=1).sum() / total) == pytest.approx(
        0.11, abs=0.005
    )


def test_no_file_of_the_collection_brings_a_check_down(real_data, small, tmp_path):
    folder = small.write(tmp_path)
    for file in sorted(Path(real_data).glob("*/*.*")):
        assert inspect(file, codebook=folder).blocking  # the wrong codebook: always refused
