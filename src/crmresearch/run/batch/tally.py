"""How far a build is: counts, the time that is left, and the summary at its end."""

import os
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import nlargest

from crmresearch.run.batch import events
from crmresearch.run.batch.events import Event

_SLOWEST = 3


@dataclass(slots=True)
class _Pace:
    """What reports of one study took: how many are known, and the seconds of all of them."""

    reports: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Tally:
    """What has happened to the `total` reports of a build; `slots` of them are made at a time."""

    total: int
    slots: int = 1
    elsewhere: bool = False  # whether other machines make the reports
    counts: Counter = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)  # of published reports
    began: float = field(default_factory=time.monotonic)
    cpu_began: float = field(default_factory=lambda: _cpu_seconds())
    _kernels: float = 0.0  # CPU seconds
    _waiting: Counter = field(default_factory=Counter)  # reports by study
    _paces: dict[str, _Pace] = field(default_factory=dict)

    def expect(self, studies: Mapping[str, int]) -> None:
        """Say how many reports of each study are to be made."""
        self._waiting.update(studies)

    def count(self, event: Event) -> None:
        """Take in what befell a report."""
        if event.name == events.STARTED:
            if event.attempt == 1:
                self._waiting[event.study] -= 1
            return
        self.counts[event.name] += 1
        self._kernels += event.used.cpu_seconds or 0.0
        if event.name == events.PUBLISHED and event.seconds is not None:
            self.seconds[event.key] = event.seconds
            pace = self._paces.setdefault(event.study, _Pace())
            pace.reports += 1
            pace.seconds += event.seconds

    @property
    def done(self) -> int:
        """How many reports nothing more will happen to."""
        return sum(
            self.counts[name] for name in (events.PUBLISHED, events.UNCHANGED, events.FAILED)
        )

    def left(self, running: Mapping[str, list[float]]) -> float | None:
        """About how many seconds are left; None until a report is published to judge by.

        Parameters
        ----------
        running : study to the seconds that each of its reports in the making has taken so far
        """
        known = sum(pace.reports for pace in self._paces.values())
        if not known:
            return None
        usual = sum(pace.seconds for pace in self._paces.values()) / known
        work, longest = 0.0, 0.0
        for study in {*self._waiting, *running}:
            pace = self._paces.get(study)
            each = pace.seconds / pace.reports if pace else usual
            rest = [max(each - elapsed, 0.0) for elapsed in running.get(study, [])]
            work += each * self._waiting[study] + sum(rest)
            longest = max([longest, *rest])
        return max(work / self.slots, longest)

    def so_far(self) -> str:
        """The counts in words, without those that are nothing; empty where all are."""
        names = {
            events.PUBLISHED: "published",
            events.UNCHANGED: "unchanged",
            events.FAILED: "failed",
            events.RETRIED: "tried again",
        }
        said = [f"{self.counts[name]:,} {word}" for name, word in names.items()]
        return ", ".join(text for text in said if not text.startswith("0 "))

    def summary(self) -> str:
        """What the build did and what it took: one line, and one for the slowest reports."""
        made = self.counts[events.PUBLISHED]
        text = (
            f"{self.total:,} reports in {lasting(self.elapsed())}: {self.so_far() or 'none made'}"
        )
        if not made:
            return f"{text}."
        cpu = self.cpu_seconds()
        text += f"; {cpu:,.1f} s of CPU, {cpu / made:.2f} s for each published."
        slowest = nlargest(_SLOWEST, self.seconds.items(), key=lambda item: item[1])
        if made > _SLOWEST:
            text += "\nslowest: " + ", ".join(f"{key} {took:.1f} s" for key, took in slowest)
        return text

    def elapsed(self) -> float:
        """The seconds since the build began."""
        return time.monotonic() - self.began

    def cpu_seconds(self) -> float:
        """CPU time of this process and of every kernel that has ended, since the build began."""
        return _cpu_seconds() - self.cpu_began + (self._kernels if self.elsewhere else 0.0)


def lasting(seconds: float) -> str:
    """A time as a person says it: ``40 s``, ``3 min``, ``2 h 10 min``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


def _cpu_seconds() -> float:
    return sum(os.times()[:4])
