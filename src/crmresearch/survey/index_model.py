"""The satisfaction model of a survey: which constructs predict which, and what measures them."""

from collections.abc import Mapping
from dataclasses import dataclass

from crmresearch.data.codebook import Variable
from crmresearch.data.paths import arrows, path_faults, read_paths
from crmresearch.data.problems import Problem, quoted, refuse
from crmresearch.data.roles import NO_SCALE
from crmresearch.data.survey import Survey
from crmresearch.errors import RequestError
from crmresearch.methods.groups import slug
from crmresearch.methods.pls import PathModel, path_model

MEASURED = ("scale", "number", "binary")


@dataclass(frozen=True, slots=True)
class Structure:
    """The model as the data carry it.

    Parameters
    ----------
    model : constructs, items and arrows
    names, slugs : how each construct is written for readers, and in keys
    constant : labels of items that everybody answered alike and that are left out
    """

    model: PathModel
    names: Mapping[str, str]
    slugs: Mapping[str, str]
    constant: tuple[str, ...]


def structure(survey: Survey, paths: str = "") -> Structure | None:
    """The model that `paths` or else the dataset declares; None where neither does.

    Also None where a construct has no item that people answered differently.

    Parameters
    ----------
    paths : ``image -> expectation, loyalty; expectation -> quality``, between constructs of the
        codebook or single variables

    Raises
    ------
    RequestError
        Where `paths` names something unknown, runs in a circle, falls apart into pieces, or uses
        an item twice.
    DataError
        Where the dataset's own paths do.
    """
    lines, problems = tuple(survey.about.paths), []
    where = "about.toml"
    if paths.strip():
        where = "parameter 'paths'"
        given = [line.strip() for line in paths.split(";") if line.strip()]
        lines, problems = read_paths(given or [paths], where)
    problems = problems or path_faults(lines, survey.codebook, where)
    drawn = [] if problems else arrows(lines)
    measures = {name: items(survey, name) for arrow in drawn for name in arrow}
    problems = problems or _pieces(drawn, where) + _shared(measures, where)
    if problems and paths.strip():
        raise RequestError("\n".join(str(problem) for problem in problems))
    refuse(problems)
    if not drawn:
        return None
    kept = {
        name: [item.variable for item in found if _varies(survey, item)]
        for name, found in measures.items()
    }
    if not all(kept.values()):
        return None
    lost = [
        item.name
        for name, found in measures.items()
        for item in found
        if item.variable not in kept[name]
    ]
    names = {
        name: found[0].name if name != found[0].construct and len(found) == 1 else name
        for name, found in measures.items()
    }
    slugs: dict[str, str] = {}
    for name in kept:
        plain = slug(name)
        taken = [other for other in slugs.values() if other.rstrip("0123456789") == plain]
        slugs[name] = f"{plain}{len(taken) + 1}" if taken else plain
    return Structure(path_model(kept, drawn), names, slugs, tuple(lost))


def items(survey: Survey, name: str) -> list[Variable]:
    """The items of a construct, or the single variable of that name."""
    found = [
        item
        for item in survey.codebook.values()
        if item.construct == name
        and item.type in MEASURED
        and not NO_SCALE.intersection(item.roles)
    ]
    return found or [survey.codebook[name]]


def _varies(survey: Survey, item: Variable) -> bool:
    answers = survey.answers[item.variable]
    return bool(answers.max() > answers.min())


def _pieces(drawn: list[tuple[str, str]], where: str) -> list[Problem]:
    """A problem where not every construct is joined to every other, whichever way arrows point."""
    joined: list[set[str]] = []
    for arrow in drawn:
        touched = [piece for piece in joined if piece & set(arrow)]
        joined = [piece for piece in joined if piece not in touched]
        joined.append(set(arrow).union(*touched))
    if len(joined) < 2:
        return []
    order = list(dict.fromkeys(name for arrow in drawn for name in arrow))
    texts = [", ".join(name for name in order if name in piece) for piece in joined]
    return [
        Problem(
            where=where,
            found=f"paths falls into {len(joined)} pieces ({'; '.join(texts)})",
            rule="a model is in one piece",
            fix="Draw the arrow that joins them, or leave one piece out.",
        )
    ]


def _shared(measures: Mapping[str, list[Variable]], where: str) -> list[Problem]:
    """A problem for every variable that measures two constructs of the model."""
    owners: dict[str, list[str]] = {}
    for name, found in measures.items():
        for item in found:
            owners.setdefault(item.variable, []).append(name)
    return [
        Problem(
            where=where,
            found=f"paths uses {quoted(variable)} in {' and '.join(map(quoted, names))}",
            rule="an item measures one construct",
            fix="Name the construct or the item, not both.",
        )
        for variable, names in owners.items()
        if len(names) > 1
    ]
