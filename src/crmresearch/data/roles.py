"""Roles: what a variable is to a study, so that no notebook knows a column's name."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Role:
    """`meaning` completes "the role 'x' is …"; `types` are the variable types that may carry it.

    `instead_of` lists roles that a column of this one is mistaken for, and `why_not` says why it
    cannot carry them: a study that misses one of those roles says so.
    """

    name: str
    meaning: str
    types: tuple[str, ...] = ("scale", "number", "binary", "category")
    instead_of: tuple[str, ...] = ()
    why_not: str = ""


_GROUP = ("category", "binary")
_RATING = ("scale", "number", "binary")
_KANO = ("scale", "category")
_ALL = (
    # who answered, and how
    Role("id", "the respondent's number, never shown", ("id",)),
    Role("person", "the person, the same in every wave of a panel, never shown", ("id",)),
    Role("weight", "the survey weight", ("number",)),
    Role(
        "stratum",
        "the sampling stratum; those of different waves count as different, unless somebody "
        "answered in several",
        _GROUP + ("id",),
    ),
    Role(
        "account", "the customer organisation that several respondents belong to", _GROUP + ("id",)
    ),
    Role("branch", "the branch, shop or team that served the customer", _GROUP + ("id",)),
    Role("contacts", "how many people of the account are known to the provider", ("number",)),
    Role(
        "stakeholder",
        "the respondent's part in the account, such as user, buyer or decider",
        _GROUP,
    ),
    Role("influence", "the respondent's influence on buying, from 0 to 1", ("number", "scale")),
    Role("wave", "the wave or period of the survey", _GROUP),
    Role("brand", "the brand, provider or company that was judged", _GROUP),
    Role("industry", "the industry of the brand that was judged", _GROUP),
    Role("segment", "a group of customers to compare", _GROUP),
    Role("channel", "the channel used", _GROUP),
    Role("duration", "the seconds it took to answer", ("number",)),
    Role("date", "the day of the answer", ("date",)),
    Role("verbatim", "an answer in the respondent's own words, never shown", ("text",)),
    # what they think
    Role("recommend", "the likelihood to recommend from 0 to 10", ("scale",)),
    Role("satisfaction", "satisfaction now, one item or several", _RATING),
    Role("effort", "the effort that the customer had to make", _RATING),
    Role("loyalty", "the intention to stay or to buy again, one item or several", _RATING),
    Role("word_of_mouth", "what the customer says to others", _RATING),
    Role("repurchase", "buying again, as intended or as it happened", _RATING),
    Role("revenue", "what the customer brought in", ("number",)),
    Role(
        "driver", "the rating of one part of the offer, a possible driver of satisfaction", _RATING
    ),
    Role("item", "an item of the scale that its construct names", _RATING),
    Role(
        "kano_functional",
        "how it would be if the part of the offer that its construct names were there",
        _KANO,
    ),
    Role(
        "kano_dysfunctional",
        "how it would be if the part of the offer that its construct names were not there",
        _KANO,
    ),
    # problems and complaints
    Role("problem", "whether the customer had a problem", ("binary",)),
    Role("noticed", "whether the customer noticed the problem", ("binary",)),
    Role("complained", "whether the customer complained about it", ("binary",)),
    Role("complained_to", "whom the customer complained to", _GROUP),
    Role("complaint_channel", "the channel of the complaint", _GROUP),
    Role("answered", "whether the complaint was answered", ("binary",)),
    Role("response_time", "how long the answer to the complaint took", ("number",)),
    Role("resolved", "whether the complaint was resolved", ("binary",)),
    Role("recovery_satisfaction", "satisfaction with how the complaint was handled", _RATING),
    Role("justice_distributive", "how fair the outcome of the complaint was", _RATING),
    Role("justice_procedural", "how fair the handling's procedures were", _RATING),
    Role("justice_interactional", "how fairly the customer was treated in person", _RATING),
    Role("justice_informational", "how well the handling was explained", _RATING),
    Role("severity", "how serious the problem was", _RATING),
    Role("attribution", "how far the customer holds the company responsible", _RATING),
    Role("earlier_problems", "how many problems the customer had before this one", ("number",)),
    Role(
        "earlier_resolved",
        "whether the complaint about the problem before this one was resolved",
        ("binary",),
    ),
    Role("prior_satisfaction", "satisfaction before the problem", _RATING),
    Role("churned", "whether the customer has left", ("binary",)),
    Role(
        "followed_from",
        "the day from which it was seen whether the customer left, such as that of the complaint",
        ("date",),
    ),
    Role("followed_until", "the day the customer left or was last seen to be one", ("date",)),
    Role("condition", "the arm of an experiment that the customer was assigned to", _GROUP),
    Role("covariate", "a characteristic to adjust for"),
    Role(
        "imagined_complaint",
        "how a complaint was handled or, for those who had none, how it would be",
        _RATING,
        instead_of=("problem", "complained", "resolved", "recovery_satisfaction"),
        why_not=(
            "mixes how real complaints were handled with how customers who never complained "
            "imagine it, so it cannot tell who had a problem"
        ),
    ),
    # the relationship
    Role(
        "indicator",
        "a sign of the relationship: answered yes or no, on a short scale, by one of several "
        "answers, or a quantity",
    ),
    Role(
        "experienced",
        "how the relationship is on the dimension that its construct names, such as closeness",
        _RATING,
    ),
    Role(
        "expected",
        "how the customer would have the relationship on the dimension that its construct names",
        _RATING,
    ),
    Role(
        "relationship",
        "the relationship type that the customer chose as the one that fits best",
        ("category",),
    ),
    Role(
        "relationship_second",
        "the relationship type that the customer chose as the one that fits next best",
        ("category",),
    ),
    Role(
        "relationship_confidence",
        "how sure the customer is of the relationship type chosen",
        _RATING,
    ),
    Role(
        "relationship_expected",
        "the relationship type that the customer would rather have",
        ("category",),
    ),
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
        "repurchase",
        "driver",
        "item",
        "kano_functional",
        "kano_dysfunctional",
        "recovery_satisfaction",
        "prior_satisfaction",
        "covariate",
        "indicator",
        "experienced",
        "expected",
        "severity",
        "attribution",
        "justice_distributive",
        "justice_procedural",
        "justice_interactional",
        "justice_informational",
    ]
)
NO_SCALE = frozenset(  # their construct is not the name of a scale
    ["indicator", "experienced", "expected", "kano_functional", "kano_dysfunctional"]
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
