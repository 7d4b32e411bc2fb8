"""`load`: from a dataset's name or path to a checked `Survey`."""

from pathlib import Path

from crmresearch.data.inspection import inspect
from crmresearch.data.problems import refuse
from crmresearch.data.roles import Needs
from crmresearch.data.survey import Survey


def load(data: str | Path, *, codebook: str | Path = "", needs: Needs | None = None) -> Survey:
    """Read, check and type a dataset; refuse it with every problem at once.

    Parameters
    ----------
    data : the name of a folder under ``data/``, or the path of a dataset folder or single file
    codebook : path of a ``codebook.csv`` or of the folder that holds it, where it is not beside
        the data; ``about.toml`` is looked for beside it
    needs : what the study that asks requires; data that cannot carry it are refused in one line

    Raises
    ------
    DataError
        With every problem of the file, its codebook and description; or the missing role.
    RequestError
        If there is no such dataset or codebook.
    """
    inspection = inspect(data, codebook=codebook, needs=needs)
    refuse(inspection.problems, advice="`crmresearch check` lists them all.")
    return inspection.survey
