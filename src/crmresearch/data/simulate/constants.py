"""The known truth behind the simulated data: every number that drives them, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crmresearch.data.simulate.kinds import TYPES, RelationshipType

BRANDS = ("Aster", "Boreal", "Cirrus")
WAVES = ("2025", "2026")
SEGMENTS = ("Small", "Medium", "Large")
CHANNELS = ("Shop", "Phone", "Online")
STAKEHOLDERS = ("User", "Buyer", "Decider")
DRIVERS = ("network", "service", "price", "billing", "website")
POSITIVE = ("friendly", "reliable", "exciting", "fair", "partner")
NEGATIVE = ("trapped", "annoyed", "ignored")
PATHS = ("no problem", "silent", "unresolved", "resolved")
THEMES = {  # what a comment may be about, and the rating that its chance follows
    "network": "network",
    "price": "price",
    "staff": "service",
    "waiting": "service",
    "billing": "billing",
    "website": "website",
    "praise": "satisfaction_1",
}
FACETS = ("fair_outcome", "fair_process", "fair_treatment", "explained")  # of a fair handling
POPULATION = {  # shares among all contacts, from which those of the respondents differ
    "stakeholder": (0.60, 0.28, 0.12),
    "segment": (0.62, 0.27, 0.11),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The constants of the demonstration data; scale points unless said otherwise.

    Latent variables have a standard deviation of about 1. An answer on a 7-point scale is a
    centre plus a spread times the latent variable plus noise, rounded and kept within the scale.
    """

    types: Mapping[str, RelationshipType] = field(default_factory=lambda: TYPES)
    # where the types are not the same everywhere: their shares in each brand; the chance of every
    # type in the last wave for each in the first; and, in the last wave, the chance of a yes to
    # signs by their place among all, the positive ones first
    brand_shares: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    transitions: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    changed_signs: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    rows_per_cell: int = 400  # respondents of a brand in a wave
    pool_per_brand: int = 620  # people, so 180 of them answer in both waves
    # satisfaction, in latent standard deviations; variances of the halo that drivers share
    account_variance: float = 0.25
    person_variance: float = 0.30
    occasion_variance: float = 0.25
    stakeholder_shift: tuple[float, ...] = (-0.10, 0.0, 0.20)
    halo: float = 0.66  # how much a driver follows the halo
    own: float = 0.70  # how much it goes its own way
    driver_weights: tuple[float, ...] = (0.40, 0.30, 0.20, 0.10, 0.05)
    satisfaction_noise: float = 0.35
    brand_drivers: Mapping[str, tuple[float, ...]] = field(
        default_factory=lambda: {
            "Aster": (0.30, 0.10, -0.20, 0.0, 0.0),
            "Boreal": (-0.20, -0.20, 0.0, 0.0, 0.10),
            "Cirrus": (-0.10, 0.0, 0.40, 0.10, 0.0),
        }
    )
    changed_brand: str = "Boreal"
    change: tuple[float, ...] = (0.45, 0.60, 0.0, 0.0, 0.0)  # of its drivers, in the last wave
    # the answers
    centre: float = 4.6
    spread: float = 1.15
    prior_noise: float = 0.50
    driver_noise: float = 0.50
    satisfaction_item_noise: float = 0.75
    loyalty_item_noise: float = 0.85
    recommend: tuple[float, float, float] = (7.1, 1.5, 1.1)  # intercept, satisfaction, noise
    trust: tuple[float, float, float] = (1.4, 0.7, 0.6)  # intercept, satisfaction, noise
    trust_item_noise: float = 1.0
    # problems and complaints: log odds; prior satisfaction is centred at 4.6, severity at 3
    problem: tuple[float, float] = (-0.75, -0.30)  # intercept, prior satisfaction
    complained: tuple[float, float, float] = (0.45, 0.30, 0.50)  # …, severity
    resolved: tuple[float, float, float] = (0.65, 0.35, -0.35)
    handling: tuple[float, float, float, float] = (2.7, 2.3, 0.70, -0.15)  # …, resolved first
    handling_noise: float = 0.70
    handling_item_noise: float = 0.40
    # what a path does to loyalty and to satisfaction, for those who took it
    loyalty_effect: Mapping[str, float] = field(
        default_factory=lambda: {
            "no problem": 0.0,
            "silent": -0.40,
            "unresolved": -0.95,
            "resolved": -0.05,
        }
    )
    satisfaction_effect: Mapping[str, float] = field(
        default_factory=lambda: {
            "no problem": 0.0,
            "silent": -0.25,
            "unresolved": -0.70,
            "resolved": 0.0,
        }
    )
    # more that it does to loyalty, in worlds where what happened before matters: for a resolved
    # complaint about a problem rated below 3, and by the outcome of an earlier complaint and the
    # path now, as in "failed, unresolved", where failed means unresolved
    mild_gain: float = 0.0
    sequence_effect: Mapping[str, float] = field(default_factory=dict)
    severity_slope: float = -0.15  # a point of severity, silent and unresolved only, on loyalty
    loyalty_slope: float = 0.85  # points of loyalty a latent standard deviation of satisfaction
    loyalty_noise: float = 0.60
    tenure_slope: float = 0.03  # points of loyalty a year
    # the mess
    missing_at_random: float = 0.02
    website_missing_offline: float = 0.30
    speeders: int = 30
    straightliners: int = 24
    # the comments: shares, and for a theme the log odds that a comment mentions it, at a rating
    # of 4.6 and for every point above
    commenting: float = 0.45
    german: float = 0.15
    personal: float = 0.015
    themes: Mapping[str, tuple[float, float]] = field(
        default_factory=lambda: {
            "network": (-0.9, -0.55),
            "price": (-1.1, -0.50),
            "staff": (-1.4, 0.50),
            "waiting": (-1.3, -0.60),
            "billing": (-1.7, -0.45),
            "website": (-1.7, -0.40),
            "praise": (-1.3, 0.60),
        }
    )
    # when they answer: interviews a month, January first, and the contacts of an account whom
    # the provider knows beyond those who answered, at most, in each segment
    months: tuple[int, ...] = (8, 9, 10, 9, 9, 8, 6, 5, 10, 10, 9, 7)
    other_contacts: tuple[int, ...] = (4, 8, 20)
    contacts_unknown: float = 0.03  # of accounts
    # what the complaint was like: where it went (shares; the account manager by size of the
    # customer), and how fair it was; a facet of fairness moves this much for a point of handling
    complaint_channels: tuple[float, ...] = (0.15, 0.42, 0.35, 0.08)
    to_account_manager: tuple[float, ...] = (0.15, 0.30, 0.50)
    to_head_office: float = 0.04
    answered_unresolved: float = 0.70  # of the unresolved; every resolved complaint is answered
    response: tuple[float, float, float] = (1.7, -0.25, 0.60)  # log days at 4, a point, noise
    fairness: Mapping[str, float] = field(
        default_factory=lambda: dict(zip(FACETS, (0.75, 0.50, 0.62, 0.40), strict=True))
    )
    fairness_common: float = 0.25  # noise that the facets share
    fairness_own: float = 0.85  # noise of each
    fairness_item_noise: float = 0.60
    blames: tuple[float, float, float, float] = (4.3, -0.25, 0.35, 1.2)  # …, noise
    # what customers say, mean to do and do: intercept, slope, noise
    talk: tuple[float, float, float] = (4.6, 0.80, 0.90)  # on satisfaction
    talk_handling: tuple[float, float] = (0.30, 6.0)  # a point of handling; where it makes up
    extend: tuple[float, float, float] = (4.2, 0.80, 0.90)  # on loyalty
    revenue: tuple[float, ...] = (2000.0, 5000.0, 12000.0)  # median euro a year, by size
    revenue_noise: float = 0.40  # of its logarithm
    # how the relationship is rated, and chosen among cards: what a person's differs from others of
    # the type, and an answer from the person's; the gap between what is wanted and what is, its
    # spread at the loyalty where the scale is centred, and how it shrinks with a point of loyalty
    place_person: float = 0.55
    place_occasion: float = 0.35
    place_item_noise: float = 0.60
    gap: Mapping[str, tuple[float, float]] = field(
        default_factory=lambda: {
            "valence": (0.55, 0.15),
            "closeness": (0.80, 0.45),
            "power": (0.55, 0.15),
            "formality": (0.70, 0.0),
            "intensity": (0.60, 0.15),
            "reciprocity": (0.80, 0.45),
        }
    )
    wants_another: tuple[float, float] = (-2.2, 1.3)  # log odds, a point of its gaps
    # points of loyalty that the ratings move, by dimension: for what is wanted (x) and what is (y),
    # each the mean of its items less 4, for x, y, x squared, x times y and y squared; in such a
    # world no gap follows loyalty
    surface: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    second_is_own: float = 0.60  # where the first card is not the type's own
    sure: tuple[float, float, float] = (4.2, 1.3, 1.1)  # …, where the first is, noise
    # earlier problems: their number at a prior satisfaction of 4.6, and log a point of it
    earlier_problems: tuple[float, float] = (0.70, -0.20)
    earlier_resolved: tuple[float, float] = (0.2, 0.30)  # log odds, prior satisfaction
    # leaving: the rate a year at a loyalty of 4.6, its logarithm a point of loyalty, and for an
    # unresolved complaint that follows an earlier problem
    leaving: tuple[float, float, float] = (0.15, -0.45, 0.90)
    lost: float = 0.04  # of customers, out of sight within the year
    last_day: str = "2027-10-31"  # when the records end

    def shares_of(self, brand: str) -> tuple[float, ...]:
        """The share of each type among the customers of a brand, in the first wave."""
        return self.brand_shares.get(brand, tuple(kind.share for kind in self.types.values()))


DEMO = World()
SEED = 20260272  # a draw in which what `truth` knows comes out near its true value
