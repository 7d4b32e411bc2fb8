"""Our numbers against published ones, computed by the studies' own functions.

A case is one reference number: where it is printed, how exactly, and which of our functions gives
it. Cases are data. Each study has a file ``cases_<study>.toml`` and, for the calls that its cases
name, a module ``cases_<study>.py``; the number that is ours is always computed, never written down.
A part of a study that has many cases has files of its own, ``cases_<study>_<part>``.

To add a case for a study:

1. Put the input beside the reference: a few counts in the case itself (`given`), a table in
   ``reference/tables/``, or synthetic data that ``reference/golden/golden.R`` read too.
2. Add a ``[[case]]`` to ``cases_<study>.toml``: an `id`, a `subject`, the `quantity` in words, the
   `call`, what it is `given`, the `source`, and the reference numbers by name: either `published`
   texts with the digits that were printed (met when ours rounds to the same digits) or `golden`
   paths into ``golden.json`` (met within the tolerance that R's own stopping rules allow).
3. Where the call does not exist yet, write it in ``cases_<study>.py``: a few lines that hand the
   input to the study's estimator and return its numbers by the same names.
4. ``crmresearch validate`` shows the new lines, the published report picks them up by itself.

A new study's two files are found by their names. Never widen a tolerance to make a case pass.
"""

from crmresearch.data.roles import Needs

NEEDS = Needs(required=())
