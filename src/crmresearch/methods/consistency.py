"""Whether the statistics that a paper prints can all be true at once.

Each check computes one printed number from others and asks whether the printed one lies in the
range that rounding leaves. An inconsistency is a slip of some kind, of the pen or of what was
typed; it does not say which number is wrong, nor that anything was done on purpose. What agrees is
not thereby right.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from crmresearch.methods import granularity, recomputed
from crmresearch.methods.printed import Printed, Range
from crmresearch.report.estimates import NAN

FITS, CLASHES, OPEN = "consistent", "inconsistent", "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What is printed of one quantity; None where it is not.

    Parameters
    ----------
    n, mean, sd, se : of the group, or the first of two; `n2`, `mean2`, `sd2` of the second
    estimate : a difference, a coefficient or whatever else `low`, `high`, `t` and `p` belong to
    level : of the interval, a fraction
    t, df, p, d : of a two-sided t test, and the standardised difference
    f, df, df2 : of an F test: degrees of freedom between and within
    percentage : of the `n` people
    items : how many items, answered in whole numbers, the mean averages over
    scale : lowest and highest answer to one item
    """

    label: str
    n: int | None = None
    mean: Printed | None = None
    sd: Printed | None = None
    se: Printed | None = None
    n2: int | None = None
    mean2: Printed | None = None
    sd2: Printed | None = None
    estimate: Printed | None = None
    low: Printed | None = None
    high: Printed | None = None
    level: float = 0.95
    t: Printed | None = None
    df: Printed | None = None
    p: Printed | None = None
    f: Printed | None = None
    df2: Printed | None = None
    d: Printed | None = None
    percentage: Printed | None = None
    items: int | None = None
    scale: tuple[float, float] | None = None

    def has(self, *names: str) -> bool:
        """Whether all of these are printed."""
        return all(getattr(self, name) is not None for name in names)

    def freedom(self) -> Range | None:
        """Of t: printed; for two groups anything from the least of Welch's to Student's."""
        if self.df is not None:
            return self.df.range.at_least(1e-6)
        if self.n is None:
            return None
        if self.n2 is None:
            return Range(self.n - 1, self.n - 1) if self.n > 1 else None
        least = min(self.n, self.n2) - 1
        return Range(least, self.n + self.n2 - 2) if least > 0 else None

    def both_groups(self) -> bool:
        """Whether two groups of two people or more are described."""
        known = self.has("n", "mean", "sd", "n2", "mean2", "sd2")
        return known and min(self.n, self.n2) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check: the printed number, the range that the others imply, the verdict and why.

    `low` and `high` are NaN where a check has no range, as whether some mean can occur at all.
    """

    label: str
    what: str
    printed: str
    low: float = NAN
    high: float = NAN
    verdict: str
    words: str = ""


def checks(row: Statistics) -> list[Check]:
    """Every check that what is printed allows, in a fixed order."""
    return [item for part in _PARTS for item in part(row)]


def _intervals(row: Statistics) -> Iterator[Check]:
    centre = row.estimate or (None if row.mean2 is not None else row.mean)
    if not row.has("low", "high"):
        return
    low, high, df = row.low.range, row.high.range, row.freedom()
    if centre is not None:
        middle = (low + high).times(0.5)
        yield _met(row, "estimate in the middle of its interval", centre, middle)
    if row.has("estimate", "t"):
        yield _needing(
            row,
            "t from the estimate and its interval",
            row.t,
            df,
            lambda df: row.estimate.range / recomputed.error_of_interval(low, high, row.level, df),
            signed=False,
        )
    if row.has("estimate", "p") and row.t is None:
        yield _needing(
            row,
            "p from the estimate and its interval",
            row.p,
            df,
            lambda df: recomputed.two_sided_p(
                row.estimate.range / recomputed.error_of_interval(low, high, row.level, df), df
            ),
        )
    if row.has("se"):
        yield _needing(
            row,
            "standard error from the interval",
            row.se,
            df,
            lambda df: recomputed.error_of_interval(low, high, row.level, df),
        )
    if row.has("mean", "sd", "n") and row.estimate is None and row.n2 is None and row.n > 1:
        own = Range(row.n - 1, row.n - 1)
        error = recomputed.error_of_interval(low, high, row.level, own)
        yield _met(row, "SD from the interval and n", row.sd, error.times(row.n**0.5))


def _errors(row: Statistics) -> Iterator[Check]:
    if row.has("estimate", "se", "t"):
        ratio = row.estimate.range / row.se.range.at_least(0.0)
        yield _met(row, "t from the estimate and its standard error", row.t, ratio, signed=False)
    if row.has("sd", "n", "se") and row.n2 is None and row.estimate is None and row.n > 0:
        error = row.sd.range.times(row.n**-0.5)
        yield _met(row, "standard error from SD and n", row.se, error)


def _tests(row: Statistics) -> Iterator[Check]:
    if row.has("t", "p") and row.f is None:
        yield _needing(
            row,
            "p from t",
            row.p,
            row.freedom(),
            lambda df: recomputed.two_sided_p(row.t.range, df),
        )
    if row.has("f", "p"):
        what = "p from F"
        if row.has("df", "df2"):
            found = recomputed.f_p(
                row.f.range, row.df.range.at_least(1e-6), row.df2.range.at_least(1e-6)
            )
            yield _met(row, what, row.p, found)
        else:
            words = "both degrees of freedom of F are needed"
            yield _open(row, what, row.p, words)


def _groups(row: Statistics) -> Iterator[Check]:
    if not row.both_groups():
        return
    sides = (row.sd.range, row.n, row.sd2.range, row.n2)
    gap = row.mean.range - row.mean2.range
    either = [
        gap / recomputed.student_error(*sides),
        gap / recomputed.welch_error(*sides),
    ]
    if row.has("t"):
        yield _either(row, "t from the two groups", row.t, either, ("Student's", "Welch's"))
    elif row.has("p") and row.f is None:
        found = either[0].around(either[1])
        yield _met(
            row, "p from the two groups", row.p, recomputed.two_sided_p(found, row.freedom())
        )
    if row.has("estimate"):
        yield _met(row, "difference of the two means", row.estimate, gap, signed=False)
    if row.has("d"):
        d = gap / recomputed.pooled_sd(*sides)
        both = [d, recomputed.corrected(d, row.n + row.n2 - 2)]
        yield _either(row, "d from the two groups", row.d, both, ("Cohen's d", "Hedges' g"))


def _effects(row: Statistics) -> Iterator[Check]:
    if not row.has("t", "d", "n") or row.both_groups() or row.n < 2 or (row.n2 or 2) < 1:
        return
    d = recomputed.d_of_t(row.t.range, row.n, row.n2)
    df = row.n - 1 if row.n2 is None else row.n + row.n2 - 2
    both = [d, recomputed.corrected(d, df)]
    yield _either(row, "d from t", row.d, both, ("Cohen's d", "Hedges' g"))


def _whole_numbers(row: Statistics) -> Iterator[Check]:
    for mean, sd, n, place in (
        (row.mean, row.sd, row.n, ""),
        (row.mean2, row.sd2, row.n2, " of the second group"),
    ):
        if mean is None or n is None or n < 1:
            continue
        if row.items is not None:
            possible = granularity.mean_possible(mean, n, row.items, row.scale)
            yield _possible(row, f"mean{place} of whole-number answers (GRIM)", mean, possible)
        elif row.scale is not None:
            yield _met(row, f"mean{place} on its scale", mean, Range(*row.scale))
        if sd is not None and row.items is not None and possible is not False:
            found = granularity.spread_possible(mean.range, sd.range, n, row.items, row.scale)
            yield _possible(row, f"SD{place} of whole-number answers (GRIMMER)", sd, found)
        elif sd is not None and row.scale is not None:
            widest = granularity.spread(mean.range, n, row.scale)
            yield _met(row, f"SD{place} on its scale", sd, widest)
    if row.has("percentage", "n") and row.n > 0:
        possible = granularity.percentage_possible(row.percentage, row.n)
        yield _possible(row, "percentage of n people", row.percentage, possible)


_PARTS: tuple[Callable[[Statistics], Iterator[Check]], ...] = (
    _intervals, _errors, _tests, _groups, _effects, _whole_numbers,
)  # fmt: skip


def _met(
    row: Statistics, what: str, printed: Printed, implied: Range, *, signed: bool = True
) -> Check:
    """Whether the printed number is in the implied range; unsigned, also with the other sign."""
    fits, words = printed.range.meets(implied), ""
    if not fits and not signed and printed.range.meets(-implied):
        fits, words = True, "but for its sign"
    if not fits and what.startswith("p ") and printed.range.meets(implied.times(0.5)):
        return _checked(row, what, printed, implied, OPEN, "fits a one-sided test, not a two-sided")
    return _checked(row, what, printed, implied, FITS if fits else CLASHES, words)


def _needing(
    row: Statistics,
    what: str,
    printed: Printed,
    df: Range | None,
    implied: Callable[[Range], Range],
    *,
    signed: bool = True,
) -> Check:
    if df is None:
        return _open(row, what, printed, "its degrees of freedom, or n, are needed")
    return _met(row, what, printed, implied(df), signed=signed)


def _either(
    row: Statistics, what: str, printed: Printed, implied: list[Range], names: tuple[str, str]
) -> Check:
    """Whether the printed number fits one of two ways to compute it, whatever its sign."""
    size = printed.range.absolute()
    fitting = [name for name, one in zip(names, implied, strict=True) if size.meets(one.absolute())]
    words = f"as {fitting[0]}" if len(fitting) == 1 else ""
    both = implied[0].around(implied[1])
    return _checked(row, what, printed, both, FITS if fitting else CLASHES, words)


def _possible(row: Statistics, what: str, printed: Printed, possible: bool | None) -> Check:
    verdict = OPEN if possible is None else FITS if possible else CLASHES
    words = {
        OPEN: "with so many answers every such number can occur",
        CLASHES: "no whole-number answers round to it",
        FITS: "",
    }[verdict]
    return Check(label=row.label, what=what, printed=printed.text, verdict=verdict, words=words)


def _open(row: Statistics, what: str, printed: Printed, words: str) -> Check:
    return Check(label=row.label, what=what, printed=printed.text, verdict=OPEN, words=words)


def _checked(
    row: Statistics, what: str, printed: Printed, implied: Range, verdict: str, words: str
) -> Check:
    if implied.high - implied.low == float("inf"):
        return _open(row, what, printed, "rounding leaves too little to compute it from")
    return Check(
        label=row.label,
        what=what,
        printed=printed.text,
        low=implied.low,
        high=implied.high,
        verdict=verdict,
        words=words,
    )
