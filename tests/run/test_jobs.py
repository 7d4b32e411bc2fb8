"""Jobs: their keys, and choosing some of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmresearch.errors import RequestError
from crmresearch.run.request.jobs import Job, checked_key, default_key, select


def test_an_unknown_key_is_refused_with_the_nearest():
    jobs = [Job(key="first-2026", study="survey"), Job(key="second", study="validation")]
    assert [job.key for job in select(jobs, ["second"], "reports.toml")] == ["second"]
    assert [job.key for job in select(jobs, ["f*"], "reports.toml")] == ["first-2026"]
    assert select(jobs, [], "reports.toml") == jobs
    with pytest.raises(RequestError) as refused:
        select(jobs, ["secnd"], "reports.toml")
    assert str(refused.value) == (
        "reports.toml has no report 'secnd'. Did you mean 'second'? It has: first-2026, second."
    )


@pytest.mark.parametrize("key", ["", "..", "a/b", "a\\b", "A", "-a", "a b", "a\n", "é", "a" * 61])
def test_a_key_is_a_plain_name(key):
    with pytest.raises(RequestError):
        checked_key(key)


@given(st.text(min_size=1, max_size=20), st.text(max_size=40))
def test_a_report_that_nobody_named_gets_an_allowed_key(study, data):
    key = default_key(f"study-{study}", data)
    assert checked_key(key) == key


def test_the_key_names_study_and_dataset():
    assert default_key("survey", "telecom") == "survey-telecom"
    assert default_key("survey", "/some/Where/SFO 2017.csv") == "survey-sfo-2017"
    assert default_key("survey", "") == "survey"
