"""The README of the demonstration data, with the known truth as tables."""

from math import exp

from crmresearch.data.simulate.constants import DEMO, THEMES
from crmresearch.data.simulate.markdown import table
from crmresearch.data.simulate.relation_readme import relation_text
from crmresearch.data.simulate.truth import Truth

_TEXT = """\
# Business customers of three telecom providers (simulated)

Nobody in this folder exists. The data are drawn by `crmresearch.data.simulate` from constants
that stand in `simulate/constants.py`, so what an analysis ought to find is known. Rebuild the
folder, byte for byte, with

    python -m crmresearch.data.simulate data/telecom

A row is a contact of a business customer in one of two waves; {rows} rows, 400 for every provider
and wave. Accounts have several contacts, and 180 of the 400 people of a provider's second wave
also answered in its first. The codebook describes every column.

## What is true

### Paths after a problem, and loyalty

Loyalty is the mean of three items from 1 to 7. The *true effect* compares the same customers with
and without what happened to them, as answered; the *difference in means* compares them with the
customers who had no problem. The two differ because less satisfied customers have more problems,
while satisfied ones complain more, get more resolved, and rate the handling better. A problem, a
complaint, its resolution and the rating depend on recorded satisfaction a year ago, on severity
and on chance alone, so holding the recorded prior satisfaction is enough. Delighted complainers
are those of the resolved who rate the handling 6 or more on average; recovery did no more for
them than for the other resolved.

{paths}

The same by the contrasts of the recovery study, each with customers without a problem, over many
more customers than here.

{contrasts}

Following the changes of those who answered twice does not replace prior satisfaction here:
satisfaction moves between the waves, and what happens to customers in the second follows where it
has moved, so that trends are not parallel. Of delighted complainers such a comparison finds a gain
that is not there.

### How complaints were handled, and word of mouth

The four facets of fairness (two items each) follow how the complaint was handled and go their own
ways beside; no two of them, nor one and the handling, correlate above {closest:.2f} without error
of measurement. A facet's *slope* is what a point more of it means for rated handling with the other
facets and prior satisfaction held. Among complainers, word of mouth (`talk`) follows satisfaction
apart from the problem and, by {talk:.2f} a point, the rated handling: fairness reaches it by this
way alone, and the *indirect effect* is the product. Hold prior satisfaction: without it the arrow
from handling to word of mouth comes out too large. On loyalty, handling does nothing beyond its
being resolved or not.

{facets}

Every resolved complaint was answered, and {answered:.0%} of the others; the better the handling,
the sooner (`response_days`). Where the complaint went, by which channel, and whom customers blame
has no effect on anything. `extend`, the intention to extend the contract, follows loyalty alone.

### Who left, and what customers brought in

Customers were followed for a year from the interview, to the day when they left (`left` is 1), were
lost sight of ({lost:.0%}) or the records end (31 October 2027). Who answered again in 2026 had not
left before. The hazard of leaving is {hazard:.2f} times as large for a point more of loyalty, and
{double:.2f} times for an unresolved complaint after an earlier problem, at the same loyalty. An
estimate from the loyalty items lies nearer to 1, as they measure with error. Losing sight has
nothing to do with leaving. Revenue in the year after follows the size of the customer and the days
until leaving; it is empty where the year was not seen to its end.

Whether the problem before was resolved (`earlier_resolved`) moves nothing here; the worlds of
`crmresearch.data.simulate.WORLDS` have other truths.

### Relationship types

Within a type the eight signs are independent. A person keeps the type in both waves.

{types}

Ambivalent, which is yes to half or more of the positive and to half or more of the negative
signs: {ambivalent:.1%} are expected.

{relation}
### Change between the waves

True change of mean satisfaction (three items, 1 to 7) from 2025 to 2026.

{change}

### Drivers of satisfaction

Weights are those of the latent drivers, whose ratings all correlate at about .4. The shares split
the variance that the ratings explain (the LMG measure), before rounding and before problems.

{drivers}

### The satisfaction model

`about.toml` draws these arrows. What a point more of the cause moves, in points on the scale of
the effect, with the rest of the model held. Trust is made from satisfaction alone and moves
nothing: an estimate of its arrow comes out above zero because the satisfaction items measure with
error, which is a lesson and not a finding. Loyalty follows satisfaction as it was before a problem,
and the relationship types move both, so an estimate lies below the figure here.

{arrows}

### Measurement

Cronbach's alpha before answers are rounded: satisfaction {satisfaction:.3f}, trust {trust:.3f}.
Accounts carry {account:.1%} of the variance of satisfaction before problems.

### Who answers, and when

Interviews were held in every month of 2025 and 2026, fewer in summer and December. The day depends
on nothing but the wave, so nothing drifts within a year: a control chart should signal no more than
chance does, except for Boreal between the years.

`contacts` counts the people of an account whom the provider knows: everyone who answered in either
wave and others who never did. It is the same in every row of an account and empty for 3 % of them.

Deciders answer more readily than users. The population shares stand in `about.toml`. Counting every
part in the account as often as it occurs changes mean satisfaction by {shift:+.3f} points.

{margins}

### Comments

{commenting:.0%} of the respondents, chosen by chance, wrote a comment, {german:.0%} of them in
German. A comment mentions each theme with a chance that follows the rating named here, whatever
else it mentions; about one in six mentions none. The *gap* is the expected mean satisfaction (1 to
7) of comments with the theme less that of comments without it. What each comment was composed of
is listed by `crmresearch.data.simulate.themes`.

{themes}

## What is wrong with the file, on purpose

- 99 stands for no answer in the ratings; other answers are simply empty. About 2 % are left out
  at random. The website is rated less often by customers who use the shop or the phone, and
  satisfaction a year ago less often by small customers.
- `channel`, `problem` and the cards are spelled in several ways and languages, and `satisfaction_1`
  has its two end labels where a number should be. The codebook lists each of them.
- `loyalty_3` and `trust_4` are reversed in the file.
- {speeders} respondents took less than 70 seconds, and {straightliners} gave one answer to every
  rating.
- Some comments hold markup, spreadsheet formulas, control characters, a right-to-left override,
  or 12,000 characters. A few give made-up names, telephone numbers and addresses.
- `internal_note` is no part of the survey; the codebook leaves it out.

The weight restores the sizes of the segments. `data/telecom` may be used freely (CC0-1.0).
"""


def _margins(known: Truth) -> str:
    rows = [
        (variable, label, f"{known.sample_shares[variable][label]:.1%}", f"{share:.0%}")
        for variable, shares in known.population_shares.items()
        for label, share in shares.items()
    ]
    return table(("Variable", "Answer", "Respondents", "Population"), rows)


def _themes(known: Truth) -> str:
    rows = [
        (
            theme,
            THEMES[theme],
            f"{DEMO.themes[theme][1]:+.2f}",
            f"{share:.1%}",
            f"{known.theme_gaps[theme]:+.2f}",
        )
        for theme, share in known.theme_shares.items()
    ]
    return table(("Theme", "Follows", "Log odds a point", "Of the comments", "Gap"), rows)


def _contrasts(known: Truth) -> str:
    found = known.effects
    rows = [
        (name, f"{share:.1%}", f"{found.treated[name]:+.2f}", f"{found.naive[name]:+.2f}")
        for name, share in found.share.items()
    ]
    return table(("Contrast", "Customers", "True effect", "Difference in means"), rows)


def _facets(known: Truth) -> str:
    found = known.aftermath
    rows = [
        (name.replace("_", " "), f"{slope:.2f}", f"{found.indirect[name]:.3f}")
        for name, slope in found.fairness_slopes.items()
    ]
    return table(("Facet", "Slope", "Indirect effect"), rows)


def _paths(known: Truth) -> str:
    rows = [
        (
            name,
            f"{share:.1%}",
            f"{known.answered_effect[name]:+.2f}",
            f"{known.naive_difference[name]:+.2f}",
        )
        for name, share in known.path_shares.items()
    ]
    return table(("Path", "Customers", "True effect", "Difference in means"), rows)


def _drivers(known: Truth) -> str:
    rows = [
        (name, f"{weight:.2f}", f"{known.driver_shares[name]:.1%}")
        for name, weight in known.driver_weights.items()
    ]
    return table(("Driver", "Weight", "Share of explained variance"), rows)


def readme(known: Truth, rows: int) -> str:
    """Markdown text, ending in a new line."""
    return _TEXT.format(
        rows=rows,
        contrasts=_contrasts(known),
        facets=_facets(known),
        closest=known.aftermath.closest,
        talk=known.aftermath.talk_handling,
        answered=DEMO.answered_unresolved,
        lost=DEMO.lost,
        hazard=known.aftermath.hazard_ratio,
        double=exp(known.aftermath.double_deviation),
        arrows=table(
            ("Arrow", "True effect"), [(name, f"{x:.2f}") for name, x in known.arrows.items()]
        ),
        shift=known.population_shift,
        margins=_margins(known),
        commenting=DEMO.commenting,
        german=DEMO.german,
        themes=_themes(known),
        paths=_paths(known),
        types=table(
            ("Type", "Share"), [(name, f"{share:.0%}") for name, share in known.type_shares.items()]
        ),
        ambivalent=known.ambivalent,
        relation=relation_text(known.relation),
        change=table(
            ("Provider", "Change"),
            [(name, f"{change:+.2f}") for name, change in known.wave_change.items()],
        ),
        drivers=_drivers(known),
        **known.reliability,
        account=known.account_share,
        speeders=known.speeders,
        straightliners=known.straightliners,
    )
