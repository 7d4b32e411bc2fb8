"""Roles: what a variable is to a study, so that no notebook knows a column's name."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Role:
    """`meaning` completes "the role 'x' is …"; `studies` are those that use it.

    `instead_of` lists roles that a column of this one is mistaken for, and `why_not` says why it
    cannot carry them: a study that misses one of those roles says so.
    """

    name: str
    meaning: str
    instead_of: tuple[str, ...] = ()
    why_not: str = ""


_ALL = (
    # who answered, and how
    Role("id", "the respondent's number, never shown"),
    Role("person", "the person, the same in every wave of a panel, never shown"),
    Role("weight", "the survey weight"),
    Role("stratum", "the sampling stratum"),
    Role("account", "the customer organisation that several respondents belong to"),
    Role("stakeholder", "the respondent's part in the account, such as user, buyer or decider"),
    Role("influence", "the respondent's influence on buying, from 0 to 1"),
    Role("wave", "the wave or period of the survey"),
    Role("brand", "the brand, provider or company that was judged"),
    Role("segment", "a group of customers to compare"),
    Role("channel", "the channel used"),
    Role("duration", "the seconds it took to answer"),
    Role("date", "the day of the answer"),
    Role("verbatim", "an answer in the respondent's own words, never shown"),
    # what they think
    Role("recommend", "the likelihood to recommend from 0 to 10"),
    Role("satisfaction", "satisfaction now, one item or several"),
    Role("effort", "the effort that the customer had to make"),
    Role("loyalty", "the intention to stay or to buy again, one item or several"),
    Role("word_of_mouth", "what the customer says to others"),
    Role("driver", "the rating of one part of the offer, a possible driver of satisfaction"),
    Role("item", "an item of the scale that its construct names"),
    # problems and complaints
    Role("problem", "whether the customer had a problem"),
    Role("complained", "whether the customer complained about it"),
    Role("resolved", "whether the complaint was resolved"),
    Role("recovery_satisfaction", "satisfaction with how the complaint was handled"),
    Role("severity", "how serious the problem was"),
    Role("prior_satisfaction", "satisfaction before the problem"),
    Role("churned", "whether the customer has left"),
    Role("condition", "the arm of an experiment that the customer was assigned to"),
    Role("covariate", "a characteristic to adjust for"),
    Role(
        "imagined_complaint",
        "how a complaint was handled or, for those who had none, how it would be",
        instead_of=("problem", "complained", "resolved", "recovery_satisfaction"),
        why_not=(
            "mixes how real complaints were handled with how customers who never complained "
            "imagine it, so it cannot tell who had a problem"
        ),
    ),
    # the relationship
    Role("indicator", "a sign of the relationship, answered yes or no or on a short scale"),
    Role("relationship", "the relationship type that the customer chose"),
)
ROLES: dict[str, Role] = {role.name: role for role in _ALL}
REPEATABLE = frozenset(
    [
        "segment",
        "verbatim",
        "satisfaction",
        "effort",
        "loyalty",
        "word_of_mouth",
        "driver",
        "item",
        "recovery_satisfaction",
        "prior_satisfaction",
        "covariate",
        "indicator",
        "severity",
    ]
)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a study asks of data.

    `required` is a tuple of alternatives: each inner tuple is met by any one of its roles.
    `optional` roles add sections; a section whose role is missing says "not in these data".
    """

    required: tuple[tuple[str, ...], ...]
    optional: tuple[str, ...] = field(default=())

    def missing(self, present: set[str]) -> list[tuple[str, ...]]:
        """The required alternatives that `present` roles do not meet."""
        return [options for options in self.required if not present.intersection(options)]
