"""Who answers: accounts, the people in them, and which wave each person answers in."""

from dataclasses import dataclass, replace

import numpy as np

from crmresearch.data.simulate.constants import BRANDS, SEGMENTS, WAVES, World

_CONTACTS = {"Small": (1, 2), "Medium": (2, 4), "Large": (3, 7)}  # smallest and largest number
_SEGMENT_SHARES = (0.50, 0.30, 0.20)
STAKEHOLDER_SHARES = (0.50, 0.30, 0.20)


def choose(uniform: np.ndarray, shares: tuple[float, ...]) -> np.ndarray:
    """The index that each uniform number picks when the outcomes have these shares."""
    return np.searchsorted(np.cumsum(shares)[:-1], uniform, side="right")


def whole(value: np.ndarray, low: int, high: int) -> np.ndarray:
    """Rounded half up and kept within low and high."""
    return np.clip(np.floor(value + 0.5), low, high)


@dataclass(frozen=True, slots=True)
class People:
    """Indices and latent values, one entry a row of the file (`person` and `account` repeat)."""

    person: np.ndarray
    account: np.ndarray
    brand: np.ndarray
    wave: np.ndarray
    segment: np.ndarray
    stakeholder: np.ndarray
    type: np.ndarray
    tenure: np.ndarray
    halo: np.ndarray  # of account and person, before the occasion


def _accounts(rng: np.random.Generator, people: int) -> tuple[np.ndarray, np.ndarray]:
    """Account of each of `people` persons and the segment of each account."""
    segment = choose(rng.random(people), _SEGMENT_SHARES)
    low, high = (np.array([_CONTACTS[name][end] for name in SEGMENTS]) for end in (0, 1))
    contacts = low[segment] + np.floor(
        rng.random(people) * (high[segment] - low[segment] + 1)
    ).astype(int)
    account = np.repeat(np.arange(people), contacts)[:people]
    return account, segment[: account[-1] + 1]


def _brand(rng: np.random.Generator, brand: str, world: World) -> dict[str, np.ndarray]:
    """The pool of one brand, and who of it answers in each wave."""
    n = world.pool_per_brand
    account, segment = _accounts(rng, n)
    order = np.argsort(rng.random(n), kind="stable")
    answering = np.concatenate(
        [np.sort(order[: world.rows_per_cell]), np.sort(order[-world.rows_per_cell :])]
    )
    return {
        "account": account,
        "segment": segment[account],
        "stakeholder": choose(rng.random(n), STAKEHOLDER_SHARES),
        "type": choose(rng.random(n), world.shares_of(brand)),
        "tenure": 0.5 + 14.5 * rng.random(n) ** 2,
        "halo": np.sqrt(world.account_variance) * rng.standard_normal(n)[account]
        + np.sqrt(world.person_variance) * rng.standard_normal(n),
        "answering": answering,
    }


def people(rng: np.random.Generator, world: World) -> People:
    """Draw accounts and people and lay them out one row an answer, wave by wave in each brand."""
    pools = [_brand(rng, brand, world) for brand in BRANDS]
    rows = [pool.pop("answering") for pool in pools]
    columns = {
        name: np.concatenate([pool[name][row] for pool, row in zip(pools, rows, strict=True)])
        for name in ("segment", "stakeholder", "type", "tenure", "halo")
    }
    first_account = np.cumsum([0, *(pool["account"][-1] + 1 for pool in pools)])
    account = [
        pool["account"][row] + start
        for pool, row, start in zip(pools, rows, first_account, strict=False)
    ]
    person = [row + index * world.pool_per_brand for index, row in enumerate(rows)]
    wave = np.tile(np.repeat(np.arange(len(WAVES)), world.rows_per_cell), len(BRANDS))
    columns["tenure"] = columns["tenure"] + wave
    return People(
        person=np.concatenate(person),
        account=np.concatenate(account),
        brand=np.repeat(np.arange(len(BRANDS)), 2 * world.rows_per_cell),
        wave=wave,
        **columns,
    )


def moved(rng: np.random.Generator, who: People, world: World) -> People:
    """The same people, some of them of another type in the last wave."""
    kinds = list(world.types)
    kind = who.type.copy()
    for name, chances in world.transitions.items():
        rows = (who.wave == len(WAVES) - 1) & (who.type == kinds.index(name))
        kind[rows] = choose(rng.random(rows.sum()), chances)
    return replace(who, type=kind)


def sign_chances(world: World) -> np.ndarray:
    """(waves, K, signs) the chance of a yes to every sign, the positive ones first."""
    kinds = np.array([(*kind.positive, *kind.negative) for kind in world.types.values()])
    found = np.repeat(kinds[None], len(WAVES), axis=0)
    for name, changed in world.changed_signs.items():
        found[-1, list(world.types).index(name), list(changed)] = list(changed.values())
    return found
