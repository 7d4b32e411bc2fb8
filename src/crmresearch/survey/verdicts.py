"""What the steps of `comparability` allow to be compared: the rules, said once.

The conventions are of Cheung & Rensvold (2002) and Chen (2007), both Structural Equation Modeling;
the RMSEA of a difference and its reading as any RMSEA are of Savalei, Brace & Fouladi (2023).
"""

from crmresearch.report.estimates import Estimate, find

ROLES = ("segment", "brand", "wave")
HELD = {"metric": "loadings", "scalar": "intercepts"}
TOLERABLE = 0.08  # RMSEA of a difference
CFI_LOSS, RMSEA_RISE = 0.010, 0.015


def verdict(estimates: list[Estimate], role: str, step: str) -> str:
    """``holds``, ``fails``, ``open`` (cannot be told) or empty where it was not tested.

    Loadings or intercepts fail to be alike where the RMSEA of the difference is surely above .08,
    or is surely above 0 and CFI falls by more than .010 or RMSEA rises by more than .015. They are
    alike where the whole interval lies below .08 and they do not fail. Intercepts are not judged
    where loadings fail.
    """
    key = f"invariance.{role}.{step}"
    added = find(estimates, key)
    if added is None or added.low != added.low:
        return ""
    lost, risen = find(estimates, f"{key}.cfi"), find(estimates, f"{key}.rmsea")
    noticed = -lost.value > CFI_LOSS or risen.value > RMSEA_RISE
    if added.low > TOLERABLE or (added.low > 0 and noticed):
        return "fails"
    return "holds" if added.high < TOLERABLE else "open"


def standing(estimates: list[Estimate], role: str) -> str:
    """The verdict on both steps: ``fails`` if one does, ``holds`` if both do, else ``open``."""
    found = [verdict(estimates, role, step) for step in HELD]
    if "fails" in found or failing_scales(estimates, role):
        return "fails"
    return "holds" if found == ["holds"] * len(HELD) else "open" if any(found) else ""


def failing_scales(estimates: list[Estimate], role: str) -> dict[str, str]:
    """Key to name of the scales whose means are not to be compared across the groups of `role`.

    Those whose own questions cost an RMSEA surely above .08 or, where the step as a whole fails,
    surely above 0; all of them where a step fails and none is.
    """
    found = {}
    for step in HELD:
        start = f"invariance.{role}.{step}.scale."
        own = [item for item in estimates if item.key.startswith(start)]
        fails = verdict(estimates, role, step) == "fails"
        guilty = [item for item in own if item.low > (0 if fails else TOLERABLE)]
        for item in guilty or (own if fails else []):
            name = item.name.rpartition(f"same {HELD[step]} of ")[2].rpartition(", ")[0]
            found.setdefault(item.key.removeprefix(start), name)
    return found


def grouping(estimates: list[Estimate], role: str) -> str:
    """The name of the variable whose groups were compared."""
    first = find(estimates, f"invariance.{role}.configural.cfi")
    return "" if first is None else first.name.partition(":")[0]
