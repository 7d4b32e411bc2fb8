"""The batch loop, with a maker that makes nothing: order, retries, slots, an early end."""

import gc
import io
import threading
import time
import weakref
from contextlib import closing
from types import SimpleNamespace

import pytest
from rich.console import Console

from crmresearch.run.batch.loop import Batch
from crmresearch.run.batch.progress import Reporter
from crmresearch.run.kernels.judging import KernelLost, NotebookFailed, TimedOut
from crmresearch.run.kernels.limits import Used
from crmresearch.run.request.jobs import Job


def plans(number: int) -> list:
    return [
        SimpleNamespace(job=Job(key=f"r{index}", study="tiny"), published={}, parts={})
        for index in range(number)
    ]


def batch(make, *, slots: int = 2, retries: int = 1, end=lambda: None) -> Batch:
    told = Reporter(Console(file=io.StringIO()), total=9)
    return Batch(make=make, place=lambda key: key, slots=slots, retries=retries, end=end, told=told)


def test_every_plan_is_made_by_as_many_at_a_time_as_there_are_slots():
    together, most, lock = 0, 0, threading.Lock()

    def make(item, folder, *, on_cell):
        nonlocal together, most
        with lock:
            together += 1
            most = max(most, together)
        time.sleep(0.002)
        with lock:
            together -= 1
        return Used(0.5, 10)

    found = list(batch(make, slots=3).run(plans(50)))
    assert sorted(made.plan.job.key for made in found) == sorted(f"r{n}" for n in range(50))
    assert {(made.attempt, made.used, made.error) for made in found} == {(1, Used(0.5, 10), None)}
    assert most == 3


@pytest.mark.parametrize(
    ("error", "tries"),
    [(KernelLost, 3), (TimedOut, 3), (NotebookFailed, 1), (OSError, 1), (KeyError, 1)],
)
def test_only_what_may_not_happen_twice_is_tried_again(error, tries):
    asked = []

    def make(item, folder, *, on_cell):
        asked.append(folder)
        raise error("x")

    (made,) = batch(make, retries=2).run(plans(1))
    assert len(asked) == made.attempt == tries
    assert type(made.error) is error
    assert made.used == Used()


def test_plans_are_taken_when_there_is_room_and_nothing_of_them_is_kept():
    class Content(dict):
        pass

    taken, contents = [], []

    def given():
        for item in plans(40):
            taken.append(item)
            yield item

    def make(item, folder, *, on_cell):
        content = Content()
        contents.append(weakref.ref(content))
        raise NotebookFailed("x", content)

    for number, made in enumerate(batch(make).run(given())):
        assert len(taken) <= number + 1 + 4
        del made
        if number == 29:
            gc.collect()
            assert sum(content() is not None for content in contents) <= 8
    assert len(contents) == 40


def test_closing_it_early_ends_what_runs_and_begins_nothing_more():
    began, ended = [], threading.Event()

    def make(item, folder, *, on_cell):
        began.append(folder)
        if folder == "r0":
            return
        ended.wait(30)
        raise KernelLost("killed")

    with closing(batch(make, retries=5, end=ended.set).run(plans(40))) as found:
        assert next(found).plan.job.key == "r0"
    count = len(began)
    assert ended.is_set()
    assert count <= 4
    time.sleep(0.05)
    assert len(began) == count
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("report")]
