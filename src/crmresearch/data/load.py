"""`load`: from a dataset's name or path to a checked `Survey`."""

from pathlib import Path

from crmresearch.data.inspection import inspect
from crmresearch.data.kept_part import is_kept, read_kept
from crmresearch.data.only import choose, parse
from crmresearch.data.problems import refuse
from crmresearch.data.roles import Needs
from crmresearch.data.studies import refusal
from crmresearch.data.survey import Survey
from crmresearch.errors import DataError


def load(
    data: str | Path, *, codebook: str | Path = "", only: str = "", needs: Needs | None = None
) -> Survey:
    """Read, check and type a dataset; refuse it with every problem at once.

    Parameters
    ----------
    data : the name of a folder under ``data/``, or the path of a dataset folder or single file;
        also a folder that the part is kept in, see `data.kept_part`
    codebook : path of a ``codebook.csv`` or of the folder that holds it, where it is not beside
        the data; ``about.toml`` is looked for beside it
    only : the part of the respondents that is wanted, such as ``brand = Northwind; wave = 2025``;
        see `data.only`. The whole file is read and checked all the same.
    needs : what the study that asks requires; data that cannot carry it are refused in one line

    Raises
    ------
    DataError
        With every problem of the file, its codebook and description; or the missing role; or that
        the part has too few people.
    RequestError
        If there is no such dataset, codebook or part.
    """
    mapping = parse(only)
    if is_kept(Path(data)):
        survey = read_kept(Path(data), mapping)
    else:
        inspection = inspect(data, codebook=codebook, needs=needs)
        refuse(inspection.problems, advice="`crmresearch check` lists them all.")
        survey = choose(inspection.survey, mapping)
    if mapping and needs is not None:
        # asked again: nobody in the part may have answered what the study needs
        refused = refusal(survey.about.title, needs, survey.roles)
        if refused:
            raise DataError(refused)
    return survey
