"""A fitted model as a text file: read by people, and by a later study that keeps its types.

The file is JSON of one version of one format. It holds what the types are and how well they are
known, and nothing of the respondents: no rows, no patterns, no counts but the number of them.
Every number is written in full, so that a model that is read is the model that was written.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from crmresearch.archetypes import model_checks
from crmresearch.archetypes.saved_model import SavedModel, columns_only, saved, told, too_few
from crmresearch.archetypes.types import Types
from crmresearch.data.codebook import Variable
from crmresearch.data.locate import named_path
from crmresearch.data.problems import Problem, listed, refuse
from crmresearch.data.survey import Survey

NAME = "model.json"
UNITS = {"Number": "count"}  # of the parts of an offer
LARGEST = 50_000_000  # bytes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Offer:
    """The file of a model for a report, or why there is none.

    Parameters
    ----------
    parts : what is in it, and how many
    file : its name and text
    why_not : empty where there is a file
    """

    parts: pd.DataFrame
    file: tuple[str, str] | None
    why_not: str = ""


def offer(
    types: Types,
    survey: Survey,
    *,
    given: SavedModel | None = None,
    seed: int = 20260101,
    min_cell: int = 10,
) -> Offer:
    """The file of the types found, unless something in it rests on too few people.

    Parameters
    ----------
    given : the saved model that `types` are of, where they were not found in these data
    """
    rare = [] if types.indicators.as_chosen else too_few(types, min_cell)
    why_not = ""
    if given is not None:
        why_not = "the types are those of the model that was given, which stays as it is"
    elif types.indicators.as_chosen or types.model.classes == 1:
        why_not = "there are no types that were found in answers"
    elif rare:
        why_not = (
            f"fewer than {min_cell} people stand behind {listed(rare, most=4)}; ask for fewer "
            "types, or group the answers"
        )
    if why_not:
        return Offer(parts=pd.DataFrame(), file=None, why_not=why_not)
    model = saved(types, survey, seed=seed)
    parts = {
        "Types with name and share": len(model.labels),
        "Indicators": len(model.variables),
        "Probabilities, means and variances": len(model.covariance) - len(model.labels) + 1,
        "Variances and covariances": len(model.covariance) * (len(model.covariance) + 1) // 2,
    }
    return Offer(
        parts=pd.DataFrame({"In the file": list(parts), "Number": list(parts.values())}),
        file=(NAME, as_text(model)),
    )


def as_text(model: SavedModel) -> str:
    """The file."""
    lower = [row[: at + 1].tolist() for at, row in enumerate(model.covariance)]
    known = bool(np.isfinite(model.covariance).all())
    content = {
        "format": model_checks.FORMAT,
        "version": model_checks.VERSION,
        "about": "Relationship types found by latent class analysis. Probabilities stand in the "
        "order of the answers; covariances are those of the shares but the first, then, type by "
        "type, of each indicator's probabilities but the first (of a quantity: mean and "
        "variance), one row each up to the diagonal.",
        "package": model.package,
        "fitted_to": {
            "title": model.title,
            "sha256": model.sha256,
            "respondents": model.n,
            "design": model.design,
            "seed": model.seed,
        },
        "spread": model.patterns.spread,
        "indicators": [_indicator(model, j) for j in range(len(model.variables))],
        "types": [_type(model, k) for k in range(len(model.labels))],
        "covariance": lower if known else None,
    }
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    return re.sub(r"\[\s+([^\[\]{}\"]+?)\s+\]", _on_one_line, text) + "\n"


def read(name: str) -> SavedModel | None:
    """The model in the file that a parameter names; None for an empty name.

    Raises
    ------
    DataError
        With everything that is wrong with it.
    RequestError
        Where there is no such file.
    """
    if not name:
        return None
    path = named_path(name, "saved model")
    return parse(_text(path), path.name)


def parse(text: str, where: str) -> SavedModel:
    """The model in the text of a file named `where`; see `read`."""
    content = model_checks.checked(text, where)
    about, indicators, types = content["fitted_to"], content["indicators"], content["types"]
    variables = tuple(
        Variable(
            variable=item["variable"],
            label=item["label"],
            type=item["type"],
            roles=(item["role"],),
            construct=item["construct"],
            low=item["low"],
            high=item["high"],
        )
        for item in indicators
    )
    patterns = columns_only(
        names=tuple(item["variable"] for item in indicators),
        kinds=tuple(item["kind"] for item in indicators),
        categories=tuple(np.array(item.get("answers", [])) for item in indicators),
        spread=content["spread"],
        centre=np.array([item.get("centre", 0.0) for item in indicators], dtype=float),
        scale=np.array([item.get("scale", 1.0) for item in indicators], dtype=float),
    )
    names = patterns.names
    probs = [[x for name in names for x in model_checks.columns(one, name)] for one in types]
    return SavedModel(
        title=about["title"],
        sha256=about["sha256"],
        n=about["respondents"],
        design=about["design"],
        seed=about["seed"],
        package=content["package"],
        variables=variables,
        patterns=patterns,
        labels=tuple(one["label"] for one in types),
        shares=np.array([one["share"] for one in types], dtype=float),
        probs=np.array(probs, dtype=float),
        covariance=_whole(content["covariance"], len(types) * len(told(patterns)) + len(types) - 1),
    )


def _indicator(model: SavedModel, j: int) -> dict:
    item, patterns = model.variables[j], model.patterns
    entry = {
        "variable": item.variable,
        "label": item.label,
        "type": item.type,
        "role": item.roles[0],
        "construct": item.construct,
        "low": item.low,
        "high": item.high,
        "kind": patterns.kinds[j],
    }
    if entry["kind"] == "continuous":
        return entry | {"centre": float(patterns.centre[j]), "scale": float(patterns.scale[j])}
    return entry | {"answers": patterns.categories[j].tolist()}


def _type(model: SavedModel, k: int) -> dict:
    answers = {}
    for j, item in enumerate(model.variables):
        first = int(model.patterns.starts[j])
        own = model.probs[k, first : first + model.patterns.counts[j]].tolist()
        quantity = model.patterns.kinds[j] == "continuous"
        answers[item.variable] = {"mean": own[1], "variance": own[2]} if quantity else own
    return {"label": model.labels[k], "share": float(model.shares[k]), "answers": answers}


def _whole(rows: list[list[float]] | None, size: int) -> np.ndarray:
    """A symmetric matrix from its rows up to the diagonal; NaN where it is not known."""
    if rows is None:
        return np.full((size, size), np.nan)
    matrix = np.zeros((size, size))
    for at, row in enumerate(rows):
        matrix[at, : at + 1] = row
    return matrix + np.tril(matrix, -1).T


def _on_one_line(found: re.Match) -> str:
    return f"[{' '.join(found[1].split())}]"


def _text(path: Path) -> str:
    fix = "Give the file model.json that a report of the archetypes study offers."
    found = ""
    try:
        if not path.is_file():
            found = "it is no file"
        elif path.stat().st_size > LARGEST:
            found = f"the file has more than {LARGEST:,} bytes"
        else:
            return path.read_bytes().decode("utf-8")
    except OSError as error:
        found = f"the file cannot be read: {error.strerror}"
    except UnicodeDecodeError as error:
        found = f"the file is not UTF-8 text (byte {error.start})"
    refuse([Problem(where=path.name, found=found, fix=fix)])
    raise AssertionError("refuse raises")
