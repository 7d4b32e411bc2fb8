"""Kano's classification of the parts of an offer from pairs of questions.

Each pair asks how it would be if a part were there, and how if it were not; five answers to each
give one of six categories (Kano, Seraku, Takahashi & Tsuji 1984; Berger et al. 1993, Center for
Quality of Management Journal 2(4), 3-36).
"""

import dataclasses
from collections.abc import Mapping

import numpy as np

from crmresearch.methods.moments import resampled, units
from crmresearch.methods.proportions import share
from crmresearch.methods.weighting import Design, method_words, t_interval, weighted_mean
from crmresearch.report.estimates import NAN, Estimate

CATEGORIES = "MOAIRQ"  # the first four in the order in which a tie is decided
WORDS = {
    "M": "must-be",
    "O": "one-dimensional",
    "A": "attractive",
    "I": "indifferent",
    "R": "reverse",
    "Q": "questionable",
}
TABLES = {  # rows: answer if it is there; columns: if it is not; like to dislike
    "standard": ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ"),
    "pouliot": ("QAAAO", "RQIIM", "RIIIM", "RIIQM", "RRRRQ"),
}
MEANT = 4  # categories that the coefficients count: M, O, A, I
CLOSE = 0.06  # category strength up to which the order of `CATEGORIES` decides
FONG = 1.65


def classify(
    functional: np.ndarray, dysfunctional: np.ndarray, *, table: str = "standard"
) -> np.ndarray:
    """The category of each respondent, as a position in `CATEGORIES`.

    Parameters
    ----------
    functional, dysfunctional : (n,) float, 1 (like) to 5 (dislike), NaN where not answered
    table : a key of `TABLES`; Pouliot's also doubts two equal answers at must-be and live-with

    Returns
    -------
    (n,) int8, -1 where either answer is missing or none of the five.
    """
    positions = [[CATEGORIES.index(letter) for letter in row] for row in TABLES[table]]
    found = np.append(np.array(positions, dtype=np.int8).ravel(), np.int8(-1))
    sides = [np.asarray(answers, dtype=float) for answers in (functional, dysfunctional)]
    known = np.ones(len(sides[0]), dtype=bool)
    for answers in sides:
        known &= (answers >= 1) & (answers <= 5) & (answers == np.rint(answers))
    return found[np.where(known, 5 * sides[0] + sides[1] - 6, 25).astype(np.intp)]


def fong(first: float, second: float, n: float) -> tuple[float, float]:
    """The difference of two categories' counts among `n`, and what it must reach to be decided.

    As published (Fong 1996), at about 90%. It takes the two counts as independent, though they
    cannot both rise, so that it decides too readily; the bootstrap does not.
    """
    if not n > 0:
        return NAN, NAN
    both = first + second
    return first - second, FONG * float(np.sqrt(both * (2 * n - both) / (2 * n)))


def ruled(shares: np.ndarray) -> int:
    """The category by the tie rule M > O > A > I, as a position in `CATEGORIES`.

    The most frequent one, or the first of those that are within .06 of it. R and Q take no part
    in the rule.
    """
    top = int(np.argmax(shares))
    close = shares >= shares[top] - CLOSE - 1e-9
    return top if top >= MEANT else int(np.argmax(close))


def estimates(
    codes: np.ndarray,
    chances: np.ndarray,
    *,
    attribute: str,
    name: str,
    design: Design,
    level: float = 0.95,
) -> list[Estimate]:
    """Everything that is told of one part of the offer.

    Parameters
    ----------
    codes : (n,) int from `classify`
    chances : (6,) from `probabilities`
    attribute : the end of every key
    name : the part of the offer, for readers

    Returns
    -------
    ``kano.share.M`` and its like, the share of each category; ``kano.better`` (CS+) and
    ``kano.worse`` (CS-), see `coefficients`; ``kano.total``, the share of A, O and M;
    ``kano.strength`` and ``kano.fong``, see `leads`; ``kano.chance.M`` and its like, the bootstrap
    probability of the most frequent category and of those that ever are. No value where it is
    undefined, and neither of `leads` where nobody answered.
    """
    settings = {"design": design, "level": level}
    made = [
        _share(codes, letter, f"kano.share.{letter}.{attribute}", f"{name}, {words}", **settings)
        for letter, words in WORDS.items()
    ]
    shares = np.array([item.value for item in made])
    total = _share(codes, "MOA", f"kano.total.{attribute}", f"{name}, total strength", **settings)
    made += coefficients(codes, attribute=attribute, name=name, **settings)
    made.append(dataclasses.replace(total, method=f"share of A, O and M: {total.method}"))
    if not total.n:
        return made
    made += leads(codes, shares, attribute=attribute, name=name, **settings)
    return made + [
        Estimate(
            key=f"kano.chance.{letter}.{attribute}",
            name=f"{name}, probability that most are {WORDS[letter]}",
            value=float(chances[at]),
            level=level,
            unit="probability",
            n=total.n,
            n_dropped=total.n_dropped,
            method=f"share of bootstrap resamples, {design.words}",
        )
        for at, letter in enumerate(CATEGORIES)
        if chances[at] > 0 or at == np.argmax(shares)
    ]


def coefficients(
    codes: np.ndarray, *, attribute: str, name: str, design: Design, level: float = 0.95
) -> list[Estimate]:
    """CS+, the share of A and O among A, O, M and I, and CS-, that of O and M with a minus.

    They are shares of a part of the sample, with a share's interval; without a value where nobody
    is in that part.
    """
    better, worse = (
        _share(
            codes,
            letters,
            f"kano.{kind}.{attribute}",
            f"{name}, {words}",
            among=CATEGORIES[:MEANT],
            design=design,
            level=level,
        )
        for kind, letters, words in (
            ("better", "AO", "CS+ (satisfaction if there)"),
            ("worse", "OM", "CS− (dissatisfaction if not)"),
        )
    )
    method = f"among A, O, M and I: {better.method}"
    better = dataclasses.replace(better, unit="coefficient", method=method)
    return [
        better,
        dataclasses.replace(
            worse,
            value=0.0 - worse.value,
            low=0.0 - worse.high,
            high=0.0 - worse.low,
            unit="coefficient",
            method=f"minus the share, among A, O, M and I: {worse.method}",
        ),
    ]


def _share(
    codes: np.ndarray,
    letters: str,
    key: str,
    name: str,
    *,
    among: str = CATEGORIES,
    design: Design,
    level: float,
) -> Estimate:
    """The share of some categories among some, those that include them."""
    points = [float(letter in letters) if letter in among else NAN for letter in CATEGORIES]
    return share(_looked_up(codes, points), key=key, name=name, design=design, level=level)


def _looked_up(codes: np.ndarray, points: list[float]) -> np.ndarray:
    """The number of each respondent's category; NaN without one."""
    return np.array([*points, NAN])[codes]  # -1 is the last


def leads(
    codes: np.ndarray,
    shares: np.ndarray,
    *,
    attribute: str,
    name: str,
    design: Design,
    level: float = 0.95,
) -> list[Estimate]:
    """How far the most frequent category is ahead of the second.

    Category strength is the difference of their shares; its interval takes the two categories as
    given, though the data chose them. Fong's test compares unweighted counts with the strongest
    other category; a ratio of 1 or more decides.
    """
    first, second = np.argsort(-shares, kind="stable")[:2]
    points = [float(at == first) - (at == second) for at in range(len(CATEGORIES))]
    value, error, freedom, n = weighted_mean(_looked_up(codes, points), design)
    low, high = t_interval(value, error, freedom, level) if error > 0 else (NAN, NAN)
    ahead, behind = (WORDS[CATEGORIES[at]] for at in (first, second))
    words = f"share of {ahead} less that of {behind}, {method_words(design, freedom)}"
    if value <= CLOSE + 1e-9:
        words += f"; by the rule M > O > A > I {WORDS[CATEGORIES[ruled(shares)]]}"
    shared = {"level": level, "n": n, "n_dropped": len(codes) - n}
    strength = Estimate(
        key=f"kano.strength.{attribute}",
        name=f"{name}, category strength",
        value=value,
        low=float(np.maximum(low, -1.0)),
        high=float(np.minimum(high, 1.0)),
        unit="share difference",
        method=words,
        **shared,
    )
    counts = np.bincount(codes[(codes >= 0) & (design.row_weights() > 0)], minlength=6)
    difference, critical = fong(counts[first], np.delete(counts, first).max(), n)
    test = Estimate(
        key=f"kano.fong.{attribute}",
        name=f"{name}, Fong's test of {ahead}",
        value=float(difference / critical),
        unit="ratio",
        method=f"difference of unweighted counts, {difference:,} of {critical:,.2f} that decide",
        **shared,
    )
    return [strength, test]


def probabilities(
    codes: Mapping[str, np.ndarray],
    *,
    rng: np.random.Generator,
    design: Design,
    resamples: int = 1000,
) -> dict[str, np.ndarray]:
    """How often each category is the most frequent in bootstrap resamples, (6,) an attribute.

    Rows, or clusters where the design has any, are drawn within strata; equal frequencies share a
    resample. Counts of a simple random sample are drawn from their multinomial. Weights are kept
    as they are. NaN for an attribute that nobody answered.

    Parameters
    ----------
    codes : attribute to (n,) int from `classify`
    """
    size, weights = len(CATEGORIES), design.row_weights()
    answered = {name: (found >= 0) & (weights > 0) for name, found in codes.items()}
    if design.plain:
        made = {}
        for name, found in codes.items():
            counts = np.bincount(found[answered[name]], minlength=size)
            n = int(counts.sum())
            made[name] = _most_frequent(rng.multinomial(n, counts / max(n, 1), size=resamples))
        return made
    rows = np.logical_or.reduce(list(answered.values()))
    unit, _, strata = units(design, rows, rng)
    unit = np.arange(rows.sum()) if unit is None else unit
    number = int(unit.max(initial=-1)) + 1
    if number < 2:  # nothing to resample
        return {name: np.full(size, NAN) for name in codes}
    totals = np.zeros((number, size * len(codes)))
    for at, (name, found) in enumerate(codes.items()):
        used = answered[name][rows]
        place = unit[used] * size + found[rows][used]
        flat = np.bincount(place, weights=weights[rows][used], minlength=number * size)
        totals[:, at * size : (at + 1) * size] = flat.reshape(number, size)
    drawn = resampled(totals, resamples, rng, strata)
    return {
        name: _most_frequent(drawn[:, at * size : (at + 1) * size]) for at, name in enumerate(codes)
    }


def _most_frequent(draws: np.ndarray) -> np.ndarray:
    """The share of draws (b, 6) in which each is the largest; NaN of draws without anybody."""
    draws = draws[draws.sum(axis=1) > 0]
    if not len(draws):
        return np.full(len(CATEGORIES), NAN)
    top = draws.max(axis=1, keepdims=True)
    leads = draws >= top * (1 - 1e-9)
    return (leads / leads.sum(axis=1, keepdims=True)).mean(axis=0)
