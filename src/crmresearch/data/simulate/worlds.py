"""Worlds in which a question about recovery has a known answer, to try methods and readers on.

In all of them a problem, the complaint, its resolution and the rating of its handling depend on
recorded prior satisfaction, on severity and on chance alone. Scales are used less at their ends
than in the demonstration data, so that a straight line through prior satisfaction is the truth.
`effects` gives the true effects in each of them.
"""

from collections.abc import Mapping

from crmresearch.data.simulate.constants import World
from crmresearch.data.simulate.type_worlds import TYPE_WORLDS

_WITHIN = {"centre": 4.2, "spread": 0.90}
_UNMOVED = {"no problem": 0.0, "silent": 0.0, "unresolved": 0.0, "resolved": 0.0}
_RESOLVED_ALL_BUT_WELL = {
    "no problem": 0.0,
    "silent": -0.40,
    "unresolved": -0.70,
    "resolved": -0.05,
}

# Recovery makes up for the problem and for no more. Yet delighted complainers are more loyal than
# customers without a problem, since satisfied ones are handled better; and complainers who were
# dissatisfied are less so afterwards, since what they said before was partly chance: nothing that
# happens moves satisfaction in this world.
NO_PARADOX = World(
    **_WITHIN,
    prior_noise=0.80,
    handling=(2.7, 2.3, 1.0, -0.15),
    loyalty_effect=_RESOLVED_ALL_BUT_WELL,
    satisfaction_effect=_UNMOVED,
)

# A resolved complaint about a mild problem, rated 1 or 2, leaves customers more loyal than no
# problem would have; about a serious one it does not.
SUBGROUP = World(
    **_WITHIN,
    loyalty_effect=_RESOLVED_ALL_BUT_WELL,
    severity_slope=0.0,
    mild_gain=0.30,
)

# A second complaint that comes to nothing costs more than twice what one does, and a good end
# makes up for a bad start: first failed and then settled ends higher than the other way round.
DOUBLE_DEVIATION = World(
    **_WITHIN,
    loyalty_effect={"no problem": 0.0, "silent": -0.30, "unresolved": -0.60, "resolved": -0.05},
    severity_slope=0.0,
    earlier_problems=(1.2, -0.20),
    sequence_effect={
        "failed, unresolved": -0.90,
        "failed, resolved": -0.05,
        "settled, unresolved": -0.15,
    },
)

# Prior satisfaction decides so much of what happens that comparisons are far off unless it is
# held; holding anything else, such as how long they have been customers, helps nothing.
CONFOUNDED = World(
    **_WITHIN,
    problem=(-0.9, -1.0),
    complained=(0.5, 0.8, 0.5),
    resolved=(0.7, 0.8, -0.35),
    handling=(3.2, 2.3, 1.1, -0.15),
)

RECOVERY_WORLDS: Mapping[str, World] = {
    "no paradox": NO_PARADOX,
    "subgroup": SUBGROUP,
    "double deviation": DOUBLE_DEVIATION,
    "confounded": CONFOUNDED,
}
WORLDS: Mapping[str, World] = {**RECOVERY_WORLDS, **TYPE_WORLDS}
