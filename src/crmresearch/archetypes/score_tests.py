"""Score tests of equal profiles in several groups, and the differences they lead to expect.

The common model is fitted once; its scores tell whether groups would rather have profiles of their
own. With weights or clusters the statistic is referred to its distribution under the design by
Satterthwaite's approximation: Rao & Scott (1984), Annals of Statistics 12(1):46-60; Thomas & Rao
(1987), JASA 82(398):630-636. The differences are one scoring step away from the common profiles, on
the scale of probabilities and means (expected parameter changes: Saris, Satorra & Sörbom 1987,
Sociological Methodology 17:105-129; for latent classes Oberski, Vermunt & Moors 2015, Political
Analysis 23(4):550-563). They need no fit for each indicator and exist where a group's own
probability lies at 0 or 1.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse, stats

from crmresearch.archetypes.groupings import Groups
from crmresearch.archetypes.information import observed_scores
from crmresearch.archetypes.latent import LatentClasses
from crmresearch.archetypes.multigroup import Multigroup, part_of
from crmresearch.archetypes.natural import Layout
from crmresearch.archetypes.patterns import Patterns
from crmresearch.methods.weighting import Design
from crmresearch.report.estimates import NAN

LOTS = 20_000  # clusters that are told apart, enough to know a variance to a hundredth
_FLAT = 1e-6  # eigenvalue of the scaled information below which a direction is not told of


@dataclass(frozen=True, slots=True)
class Test:
    """A statistic over its degrees of freedom, which the design may make other than whole."""

    value: float
    freedom: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Efficient scores of g groups for the r parameters of the profiles.

    Parameters
    ----------
    value : (g, r) sum of the scores of each group, less what its shares and freed profiles explain
    information : (g, r, r) of each group, likewise
    spread : (g r, g r) covariance of all scores under the design; None where it is plain
    freedom : clusters less one
    people : (K, g) expected respondents
    freed : indicators that have profiles of their own already, which are not tested
    """

    layout: Layout
    part: LatentClasses
    value: np.ndarray
    information: np.ndarray
    spread: np.ndarray | None
    freedom: float
    people: np.ndarray
    freed: tuple[int, ...] = ()
    _made: dict = field(default_factory=dict, repr=False)

    @property
    def places(self) -> np.ndarray:
        """(r,) where the parameters stand in `layout`."""
        return _common(self.layout, self.freed)

    @property
    def item(self) -> np.ndarray:
        """(r,) indicator of each parameter."""
        return self.layout.item[self.places]

    def all_items(self) -> Test:
        """That all groups have the same profiles."""
        groups, size = self.value.shape
        middle = np.zeros((groups * size, groups * size))
        common, rank = _inverse(self.information.sum(axis=0))
        rank = -rank
        for group in range(groups):
            inverse, own = _inverse(self.information[group])
            at = slice(group * size, (group + 1) * size)
            middle[at, at] = inverse
            rank += own
        middle -= np.tile(common, (groups, groups))
        value = self.value.ravel()
        return self._test(float(value @ middle @ value), rank, middle, self.spread)

    def item_test(self, j: int) -> Test:
        """That all groups have the same profiles in indicator `j`, the others having them."""
        value, inverse, rank, spread = self._of_item(j)
        return self._test(float(value @ inverse @ value), rank, inverse, spread)

    def changes(self, j: int) -> tuple[np.ndarray, np.ndarray]:
        """(g, r_j) expected changes of the parameters of indicator `j`, and their covariance."""
        value, inverse, _, spread = self._of_item(j)
        covariance = inverse if spread is None else inverse @ spread @ inverse
        groups = len(self.value)
        return (inverse @ value).reshape(groups, len(value) // groups), covariance

    def _of_item(self, j: int) -> tuple[np.ndarray, np.ndarray, int, np.ndarray | None]:
        """Its scores in all groups given common profiles, their information's inverse and rank."""
        if j not in self._made:
            self._made[j] = self._item(j)
        return self._made[j]

    def _item(self, j: int) -> tuple[np.ndarray, np.ndarray, int, np.ndarray | None]:
        groups, size = self.value.shape
        own = np.flatnonzero(self.item == j)
        if not len(own):  # all its probabilities are 0 or 1: nothing in it is free to change
            return np.zeros(0), np.zeros((0, 0)), 0, None
        total = self.information.sum(axis=0)
        common, _ = _inverse(total)
        passed = self.information[:, own] @ common  # (g, r_j, r) of the sum over groups
        value = self.value[:, own] - passed @ self.value.sum(axis=0)
        information = -np.einsum("iab,hbc->iahc", passed, self.information[:, :, own])
        for group in range(groups):
            information[group, :, group] += self.information[group][np.ix_(own, own)]
        inverse, rank = _inverse(information.reshape(groups * len(own), -1))
        if self.spread is None:
            return value.ravel(), inverse, rank, None
        apart = np.tile(-passed[:, :, None, :], (1, 1, groups, 1))
        for group in range(groups):
            apart[group, np.arange(len(own)), group, own] += 1.0
        apart = apart.reshape(groups * len(own), groups * size)
        return value.ravel(), inverse, rank, apart @ self.spread @ apart.T

    def _test(
        self, value: float, rank: int, inverse: np.ndarray, spread: np.ndarray | None
    ) -> Test:
        if rank < 1:
            return Test(NAN, 0.0, NAN)
        if spread is None:
            return Test(value / rank, float(rank), float(stats.chi2.sf(value, rank)))
        ratio = inverse @ spread
        trace = float(np.trace(ratio))
        freedom = trace**2 / float((ratio * ratio.T).sum())
        scaled = value / trace
        return Test(scaled, freedom, float(stats.f.sf(scaled, freedom, freedom * self.freedom)))


def group_scores(start: Multigroup, patterns: Patterns, design: Design) -> Scores | None:
    """The scores of the groups at common profiles.

    The information is that expected under common profiles: all respondents stand for each group by
    how likely their answers are there, since that of a small group's own answers is erratic.

    Parameters
    ----------
    start : the model, perhaps with some indicators freed; the others are tested
    patterns : of the answers without the group
    design : of the rows

    Returns
    -------
    None where the data do not determine the common profiles.
    """
    weight = start.groups.weights(patterns)
    size = weight.sum(axis=1)
    found = [part_of(start, patterns, group) for group in range(start.groups.number)]
    parts, density = [part for part, _ in found], np.array([logs for _, logs in found])
    density = np.exp(density - density.max(axis=0)) * size[:, None]
    expected = weight.sum(axis=0) * density / density.sum(axis=0)
    information, scores = [], []
    for part, usual in zip(parts, expected, strict=True):
        layout = Layout.of(part)
        common = _common(layout, start.freed)
        own, score = _efficient(observed_scores(part, layout), usual, common)
        information.append(own)
        scores.append(score)
    if np.linalg.eigvalsh(_scaled(np.sum(information, axis=0))[0])[0] < _FLAT:
        return None
    spread, freedom = _spread(start.groups, patterns, scores, design)
    return Scores(
        layout=Layout.of(parts[0]),
        part=parts[0],
        value=np.array([own @ score for own, score in zip(weight, scores, strict=True)]),
        information=np.array(information),
        spread=spread,
        freedom=freedom,
        people=start.shares * size / size.sum() * start.model.patterns.n,
        freed=start.freed,
    )


def _common(layout: Layout, freed: tuple[int, ...]) -> np.ndarray:
    """Where the parameters stand that the groups have in common: no shares, nothing freed."""
    return np.flatnonzero(~np.isin(layout.item, (-1, *freed)))


def _efficient(
    score: np.ndarray, usual: np.ndarray, common: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Information and scores of the `common` parameters, less what the group's own explain."""
    full = (score * usual[:, None]).T @ score
    own = np.setdiff1d(np.arange(len(full)), common)
    passed = full[np.ix_(common, own)] @ _inverse(full[np.ix_(own, own)])[0]
    information = full[np.ix_(common, common)] - passed @ full[np.ix_(own, common)]
    return information, score[:, common] - score[:, own] @ passed.T


def _spread(
    groups: Groups, patterns: Patterns, scores: list[np.ndarray], design: Design
) -> tuple[np.ndarray | None, float]:
    """(g r, g r) covariance of the sums of the scores, None if plain; clusters less one."""
    used = groups.within(patterns)
    if design.plain:
        return None, max(int(used.sum()) - 1, 1)
    size = scores[0].shape[1]
    spread = np.zeros((groups.number, size, groups.number, size))
    clusters = None if design.clusters is None else _lots(design.clusters[used], used)
    members = []
    for group, score in enumerate(scores):
        rows = np.flatnonzero(used & (groups.codes == group))
        row, weight = patterns.row[rows], patterns.row_weight[rows]
        if clusters is None:
            square = np.bincount(row, weight**2, len(score))
            spread[group, :, group] = (score * square[:, None]).T @ score
            continue
        found, own = np.unique(clusters[rows], return_inverse=True)
        table = sparse.csr_array((weight, (own, row)), shape=(len(found), len(score)))
        members.append((found, table @ score))
    for first, (mine, sums) in enumerate(members):
        for second, (theirs, others) in enumerate(members):
            here, there = np.intersect1d(mine, theirs, assume_unique=True, return_indices=True)[1:]
            spread[first, :, second] = sums[here].T @ others[there]
    count = int(used.sum()) if clusters is None else len(np.unique(clusters[used]))
    factor = count / max(count - 1, 1)
    return spread.reshape(groups.number * size, -1) * factor, max(count - 1, 1)


def _lots(clusters: np.ndarray, used: np.ndarray) -> np.ndarray:
    """(n,) the cluster of every row; very many are put together by lot, at most `LOTS`.

    Sums of clusters drawn apart vary as the clusters do.
    """
    row = np.full(len(used), -1)
    present, row[used] = np.unique(clusters, return_inverse=True)
    if len(present) > LOTS:
        row[used] = (np.random.default_rng(0).permutation(len(present)) % LOTS)[row[used]]
    return row


def _scaled(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    size = np.diag(matrix)
    scale = np.sqrt(np.where(size > 0, size, np.inf))
    return matrix / np.outer(scale, scale), scale


def _inverse(matrix: np.ndarray) -> tuple[np.ndarray, int]:
    """Inverse in the directions that the information tells of, and how many these are."""
    if not matrix.size:
        return matrix, 0
    scaled, scale = _scaled(matrix)
    values, vectors = np.linalg.eigh(scaled)
    told = values > _FLAT
    vectors = vectors[:, told] / scale[:, None]
    return (vectors / values[told]) @ vectors.T, int(told.sum())
