"""The codebook of the demonstration data."""

from crmresearch.data.simulate.constants import (
    BRANDS,
    NEGATIVE,
    POSITIVE,
    SEGMENTS,
    STAKEHOLDERS,
    WAVES,
)
from crmresearch.data.simulate.kinds import DIMENSIONS
from crmresearch.data.simulate.mess import (
    CHANNEL_WORDS,
    COMPLAINED_TO,
    COMPLAINT_CHANNELS,
    FAIRNESS,
    MISSING_CODE,
    REVERSED,
    YES_NO_WORDS,
)
from crmresearch.data.simulate.relation import CARD_WORDS

_AGREE = "1=Disagree entirely; 7=Agree entirely"
_GOOD = "1=Very poor; 7=Excellent"
_CONTENT = "1=Very dissatisfied|sehr unzufrieden; 7=Very satisfied|sehr zufrieden"
_YES = "0=No; 1=Yes"
_SCALE = {"type": "scale", "low": "1", "high": "7", "missing": MISSING_CODE}


def _listed(labels: tuple[str, ...]) -> str:
    return "; ".join(f"{code}={label}" for code, label in enumerate(labels, start=1))


def _words(words: tuple[tuple[str, ...], ...], start: int) -> str:
    listed = (
        "|".join(word for word in variants if word != str(code))
        for code, variants in enumerate(words, start)
    )
    return "; ".join(f"{code}={names}" for code, names in enumerate(listed, start))


def _who() -> list[dict[str, str]]:
    category = {"type": "category"}
    return [
        {"variable": "respondent", "label": "Respondent", "type": "id", "role": "id"},
        {"variable": "account", "label": "Account", "type": "id", "role": "account"},
        {"variable": "person", "label": "Person", "type": "id", "role": "person"},
        {"variable": "contacts", "label": "Known contacts of the account", "type": "number",
         "role": "contacts", "low": "1", "high": "1000"},
        {"variable": "stakeholder", "label": "Part in the account", "role": "stakeholder",
         "values": _listed(STAKEHOLDERS), **category},
        {"variable": "influence", "label": "Influence on buying", "type": "number",
         "role": "influence", "low": "0", "high": "1"},
        {"variable": "wave", "label": "Wave", "role": "wave",
         "values": "; ".join(f"{wave}={wave}" for wave in WAVES), **category},
        {"variable": "interviewed", "label": "Day of the interview", "type": "date",
         "role": "date"},
        {"variable": "brand", "label": "Provider", "role": "brand",
         "values": _listed(BRANDS), **category},
        {"variable": "segment", "label": "Size of the customer", "role": "segment",
         "values": _listed(SEGMENTS), **category},
        {"variable": "channel", "label": "Channel used most", "role": "channel",
         "values": _words(CHANNEL_WORDS, 1), **category},
        {"variable": "tenure", "label": "Years as a customer", "type": "number",
         "role": "covariate", "low": "0", "high": "60"},
        {"variable": "weight", "label": "Weight", "type": "number", "role": "weight",
         "low": "0", "high": "20"},
        {"variable": "seconds", "label": "Seconds to answer", "type": "number",
         "role": "duration", "low": "0", "high": "36000"},
    ]  # fmt: skip


def _rated(
    names: dict[str, str], role: str, construct: str, values: str = _AGREE
) -> list[dict[str, str]]:
    return [
        {"variable": name, "label": label, "role": role, "construct": construct,
         "reverse": "yes" if name in REVERSED else "", "values": values, **_SCALE}
        for name, label in names.items()
    ]  # fmt: skip


def _thought() -> list[dict[str, str]]:
    recommend = {"variable": "recommend", "label": "Likely to recommend the provider",
                 "role": "recommend", **_SCALE, "low": "0", "high": "10",
                 "values": "0=Not at all likely; 10=Extremely likely"}  # fmt: skip
    satisfaction = {
        "satisfaction_1": "Satisfied overall",
        "satisfaction_2": "Meets what we expect",
        "satisfaction_3": "Close to the ideal provider",
    }
    loyalty = {
        "loyalty_1": "Would choose the provider again",
        "loyalty_2": "Will stay for the next two years",
        "loyalty_3": "Looking for another provider",
    }
    drivers = {
        "network": "Network quality",
        "service": "Customer service",
        "price": "Price for what is offered",
        "billing": "Billing",
        "website": "Website and app",
    }
    trust = {
        "trust_1": "Keeps its promises",
        "trust_2": "Tells us the truth",
        "trust_3": "Acts in our interest",
        "trust_4": "Has to be watched",
    }
    return [
        recommend,
        *_rated(satisfaction, "satisfaction", "satisfaction", _CONTENT),
        *_rated({"effort": "Effort to get things done"}, "effort", "", "1=Very low; 7=Very high"),
        *_rated(loyalty, "loyalty", "loyalty"),
        *(
            row
            for name, text in drivers.items()
            for row in _rated({name: text}, "driver", "", _GOOD)
        ),
        *_rated(trust, "item", "trust"),
    ]


def _happened() -> list[dict[str, str]]:
    binary = {"type": "binary", "values": _YES}
    handling = {
        "handling_1": "Satisfied with how the complaint was handled",
        "handling_2": "Satisfied with the outcome of the complaint",
    }
    return [
        {"variable": "problem", "label": "Had a problem in the last year", "type": "binary",
         "role": "problem", "values": _words(YES_NO_WORDS, 0)},
        {"variable": "complained", "label": "Complained about it", "role": "complained", **binary},
        {"variable": "resolved", "label": "Complaint was resolved", "role": "resolved", **binary},
        *_rated(handling, "recovery_satisfaction", "handling", _CONTENT),
        {"variable": "severity", "label": "How serious the problem was", "role": "severity",
         **_SCALE, "high": "5", "values": "1=A trifle; 5=Very serious"},
        *_rated({"prior_satisfaction": "Satisfied a year ago"}, "prior_satisfaction", "", _CONTENT),
    ]  # fmt: skip


def _complained() -> list[dict[str, str]]:
    fair = "1=Not at all; 7=Entirely"
    facets = {
        ("justice_distributive", "fair outcome"): (
            "The outcome made up for the problem", "We got what was due to us"),
        ("justice_procedural", "fair process"): (
            "The complaint went through without obstacles", "Our side was heard"),
        ("justice_interactional", "fair treatment"): (
            "Those in charge were polite", "Those in charge took the trouble"),
        ("justice_informational", "explanation"): (
            "We were told what had gone wrong", "We were kept informed"),
    }  # fmt: skip
    items = iter(FAIRNESS)
    return [
        {"variable": "complaint_channel", "label": "Channel of the complaint", "type": "category",
         "role": "complaint_channel", "values": _listed(COMPLAINT_CHANNELS)},
        {"variable": "complained_to", "label": "Complained to", "type": "category",
         "role": "complained_to", "values": _listed(COMPLAINED_TO)},
        {"variable": "answered", "label": "Complaint was answered", "type": "binary",
         "role": "answered", "values": _YES},
        {"variable": "response_days", "label": "Days until the answer", "type": "number",
         "role": "response_time", "low": "0", "high": "365"},
        *(
            row
            for (role, construct), texts in facets.items()
            for row in _rated({next(items): text for text in texts}, role, construct, fair)
        ),
    ]  # fmt: skip


def _before_and_after() -> list[dict[str, str]]:
    record = {"note": "From the provider's records"}
    return [
        *_rated({"blames": "The provider is to blame for the problem"}, "attribution", ""),
        {"variable": "earlier_problems", "label": "Problems before this one", "type": "number",
         "role": "earlier_problems", "low": "0", "high": "5"},
        {"variable": "earlier_resolved", "label": "The problem before this one was resolved",
         "type": "binary", "role": "earlier_resolved", "values": _YES},
        *_rated({"talk": "Speaks well of the provider"}, "word_of_mouth", ""),
        *_rated({"extend": "Means to extend the contract"}, "repurchase", ""),
        {"variable": "left", "label": "Left within a year of the interview", "type": "binary",
         "role": "churned", "values": _YES, **record},
        {"variable": "followed_from", "label": "Followed from", "type": "date",
         "role": "followed_from", **record},
        {"variable": "followed_until", "label": "Left or last seen on", "type": "date",
         "role": "followed_until", **record},
        {"variable": "revenue", "label": "Revenue in the year after, euro", "type": "number",
         "role": "revenue", "low": "0", "high": "1000000", **record},
    ]  # fmt: skip


_RELATION = {  # by dimension: the ends of the scale, and two questions
    "valence": ("Hostile", "Friendly", "Friendly dealings", "Good will on both sides"),
    "closeness": ("Distant", "Close", "Closeness", "Knowing one another well"),
    "power": ("The provider decides", "We decide", "Who decides", "Whose rules hold"),
    "formality": ("Informal", "Formal", "Formal dealings", "Going by the book"),
    "intensity": ("Superficial", "Intense", "Intensity", "Being much occupied with one another"),
    "reciprocity": ("One-sided", "Mutual", "Give and take", "Getting back what one puts in"),
}


def _related() -> list[dict[str, str]]:
    sides = (("is", "experienced", "as it is"), ("want", "expected", "as we would have it"))
    cards = {
        "chosen": ("relationship", "Card that fits the relationship best"),
        "chosen_second": ("relationship_second", "Card that fits next best"),
        "chosen_sure": ("relationship_confidence", "Sure of the card that fits best"),
        "chosen_wanted": ("relationship_expected", "Card that we would rather have"),
    }
    sure = {"values": "1=Not at all; 7=Entirely", **_SCALE}
    card = {"type": "category", "values": _words(CARD_WORDS, 1)}
    return [
        *(
            row
            for side, role, words in sides
            for dimension, (low, high, *texts) in _RELATION.items()
            for row in _rated(
                {
                    f"{side}_{DIMENSIONS[dimension]}_{item}": f"{text}, {words}"
                    for item, text in enumerate(texts, start=1)
                },
                role,
                dimension,
                f"1={low}; 7={high}",
            )
        ),
        *(
            {"variable": name, "label": label, "role": role,
             **(sure if name == "chosen_sure" else card)}
            for name, (role, label) in cards.items()
        ),
    ]  # fmt: skip


def codebook() -> list[dict[str, str]]:
    """The rows of ``codebook.csv``."""
    label = {
        "friendly": "Like a friend", "reliable": "Can be relied on", "exciting": "Exciting",
        "fair": "Fair", "partner": "Works with us as a partner", "trapped": "We feel trapped",
        "annoyed": "Annoys us", "ignored": "Ignores us",
    }  # fmt: skip
    signs = [
        {"variable": name, "label": label[name], "type": "binary", "role": "indicator",
         "construct": construct, "values": _YES}
        for construct, names in (("positive", POSITIVE), ("negative", NEGATIVE))
        for name in names
    ]  # fmt: skip
    text = [
        {"variable": "comment", "label": "Comment", "type": "text", "role": "verbatim"},
        {"variable": "internal_note", "label": "Note of the account team", "type": "ignore"},
    ]
    return [
        *_who(),
        *_thought(),
        *_happened(),
        *_complained(),
        *_before_and_after(),
        *signs,
        *_related(),
        *text,
    ]
