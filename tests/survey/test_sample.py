"""The design of a survey: what strata are where there are several waves."""

import numpy as np
import pandas as pd
import pytest

from crmresearch.data.codebook import About, Variable
from crmresearch.data.survey import Survey
from crmresearch.methods.weighting import mean_contrast
from crmresearch.survey.sample import sampling


def _stratified(people=None, *, labels=False, n=400):
    """Two waves whose files use the numbers of four strata again, or have labels of their own."""
    rng = np.random.default_rng(4)
    wave, stratum = np.repeat([1, 2], n // 2), np.tile(np.arange(4), n // 4)
    answers = pd.DataFrame(
        {
            "recommend": np.clip(rng.integers(0, 4, n) + 2 * stratum + wave, 0, 10) * 1.0,
            "wave": pd.Categorical(wave.astype(str)),
            "stratum": [
                f"{w}/{s}" if labels else str(s) for w, s in zip(wave, stratum, strict=True)
            ],
        }
    )
    kinds = {"recommend": "scale", "wave": "category", "stratum": "id"}
    if people is not None:
        answers["person"], kinds["person"] = people, "id"
    book = {x: Variable(variable=x, label=x, type=kinds[x], roles=(x,)) for x in answers}
    return Survey(answers=answers, codebook=book, about=About(title="T"))


def _change(survey):
    waves = (survey.answers["wave"] == "2").to_numpy(), (survey.answers["wave"] == "1").to_numpy()
    parts = list(zip((1.0, -1.0), waves, strict=True))
    return mean_contrast(survey.answers["recommend"].to_numpy(), sampling(survey), parts)


def test_strata_of_different_waves_are_told_apart():
    reused, own = _change(_stratified()), _change(_stratified(labels=True))
    assert reused == pytest.approx(own)
    assert reused[2] == 400 - 8
    frame = _stratified().answers  # stratified by wave and stratum: plain arithmetic
    cells = frame.groupby(["wave", "stratum"], observed=True)["recommend"]
    expected = (cells.var() / cells.size() / 16).sum() ** 0.5
    assert reused[1] == pytest.approx(expected)


def test_strata_with_people_of_both_waves_stay_whole():
    panel = _stratified(np.tile(np.arange(200), 2).astype(str))
    assert len(np.unique(sampling(panel).strata)) == 4
    assert len(np.unique(sampling(panel).clusters)) == 200
    once = _stratified(np.arange(400).astype(str))
    assert len(np.unique(sampling(once).strata)) == 8
    people = np.arange(400).astype(str)
    people[200] = people[0]  # one of the first stratum answered twice
    assert len(np.unique(sampling(_stratified(people)).strata)) == 7


def test_a_single_account_is_no_cluster_but_its_people_are():
    panel = _stratified(np.tile(np.arange(200), 2).astype(str))
    book = dict(panel.codebook)
    book["account"] = Variable(variable="account", label="A", type="id", roles=("account",))
    one = Survey(answers=panel.answers.assign(account="A"), codebook=book, about=panel.about)
    assert sampling(one).cluster_name == "person"
    assert len(np.unique(sampling(one).clusters)) == 200
    two = Survey(
        answers=panel.answers.assign(account=np.tile(["A", "B"], 200)),
        codebook=book,
        about=panel.about,
    )
    assert sampling(two).cluster_name == "account"
