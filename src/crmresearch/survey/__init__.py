"""Study: what customers say of the company, how well it was measured and what goes with it.

Sample and answer quality, the headline measures with their intervals, the distribution of every
answer, the reliability of every scale, segments and waves compared, and the drivers of
satisfaction. The notebook is ``notebooks/survey.ipynb``.
"""

from crmresearch.data.roles import Needs

NEEDS = Needs(
    required=(("satisfaction", "recommend", "loyalty", "effort"),),
    optional=(
        "satisfaction",
        "recommend",
        "effort",
        "loyalty",
        "driver",
        "item",
        "kano_functional",
        "kano_dysfunctional",
        "weight",
        "stratum",
        "account",
        "branch",
        "contacts",
        "person",
        "stakeholder",
        "influence",
        "wave",
        "brand",
        "segment",
        "channel",
        "duration",
        "date",
        "verbatim",
    ),
)
