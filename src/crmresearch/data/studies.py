"""Which studies data can carry: their needs against the roles that the codebook gives."""

import importlib
from collections.abc import Set
from importlib.util import find_spec

from crmresearch.data.locate import project_root
from crmresearch.data.roles import ROLES, Needs


def all_needs() -> dict[str, Needs]:
    """The needs of every study, by the names of the notebooks.

    Studies are looked up by name when they are asked for, so that nothing here depends on one.
    """
    found = {}
    for notebook in sorted((project_root() / "notebooks").glob("*.ipynb")):
        name = f"crmresearch.{notebook.stem}"
        if notebook.stem.isidentifier() and find_spec(name) is not None:
            needs = getattr(importlib.import_module(name), "NEEDS", None)
            if isinstance(needs, Needs) and needs.required:
                found[notebook.stem] = needs
    return found


def fitting(roles: Set[str]) -> list[str]:
    """The studies whose required roles are all in `roles`."""
    return [name for name, needs in all_needs().items() if not needs.missing(set(roles))]


def refusal(title: str, needs: Needs, roles: Set[str]) -> str:
    """One line that says why data with `roles` cannot carry a study; empty where they can."""
    missing = needs.missing(set(roles))
    if not missing:
        return ""
    fits = fitting(roles)
    studies = f"These data fit: {', '.join(fits)}." if fits else "These data fit no study yet."
    wants = "; ".join(wanted(options) for options in missing)
    return f"{title}: this study needs {wants}{why_not(missing, roles)}. {studies}"


def wanted(options: tuple[str, ...]) -> str:
    """``the role 'complained' (whether …) or 'churned' (…)``."""
    return "the role " + " or ".join(
        f"'{name}' ({ROLES[name].meaning})" if name in ROLES else f"'{name}'" for name in options
    )


def why_not(missing: list[tuple[str, ...]], roles: Set[str]) -> str:
    """Why a role that the data do have cannot stand in for a missing one."""
    absent = {name for options in missing for name in options}
    reasons = [
        f"; the role '{name}', which these data have, {ROLES[name].why_not}"
        for name in sorted(roles)
        if name in ROLES and ROLES[name].why_not and absent & set(ROLES[name].instead_of)
    ]
    return "".join(reasons)
