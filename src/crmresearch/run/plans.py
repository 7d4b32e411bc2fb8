"""Plans: a job with everything checked that can be checked before a kernel starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from crmresearch.errors import RequestError, UserError
from crmresearch.run import manifest
from crmresearch.run.jobs import Job
from crmresearch.run.notebooks import Notebook, read_notebook
from crmresearch.run.parameters import Value, typed
from crmresearch.run.project import did_you_mean, notebook_path, shown

_CHECKED_FIRST = 50_000_000  # bytes; larger data are read once, by the kernel
_DATA = ("data", "codebook")  # parameters that the request sets by options of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A job that can start.

    Parameters
    ----------
    values : the notebook's parameters that the request sets, as declared types
    published : the same as a reader sees them: paths reduced to names
    data, codebook : what the notebook will read, None where it reads no dataset
    made_from : one hash of everything the report is made from
    provenance : label to text, for the end of the page
    """

    job: Job
    notebook: Notebook
    values: Mapping[str, Value]
    published: Mapping[str, Value]
    data: Path | None
    codebook: Path | None
    made_from: str
    provenance: Mapping[str, str]


def plan(root: Path, job: Job, *, base: Path) -> Plan:
    """Check `job` and work out what its report will be made from.

    `base` is the folder that the job's relative paths are seen from.

    Raises
    ------
    RequestError
        An unknown study, parameter or path, or a value that does not fit.
    UserError
        A notebook that cannot be run.
    """
    notebook = read_notebook(notebook_path(root, job.study))
    clash = [name for name in _DATA if name in job.parameters]
    if clash:
        raise RequestError(
            f"'{clash[0]}' is not set among the parameters; write --{clash[0]}, "
            f"or {clash[0]} = in reports.toml."
        )
    values = typed(notebook.parameters, job.parameters, notebook.name)
    files, published = _data_values(root, job, notebook, base)
    paths = {name: _as_value(root, path) for name, path in files.items() if published[name]}
    values = {**paths, **values}
    published = {**values, **{name: text for name, text in published.items() if text}}
    data, codebook = files.get("data"), files.get("codebook")
    parts = _parts(root, job, notebook, published, data, codebook)
    return Plan(
        job=job,
        notebook=notebook,
        values=values,
        published=published,
        data=data,
        codebook=codebook,
        made_from=manifest.digest(parts),
        provenance=_provenance(notebook, published, data, codebook, parts),
    )


def check_data(plans: list[Plan]) -> dict[str, UserError]:
    """Read each dataset once, before any kernel starts: key of the report to what is wrong.

    Data too large to be read twice are left to the kernel, which says the same.
    """
    from crmresearch.data.load import load

    failed: dict[str, UserError] = {}
    for item in plans:
        if item.data is None or _size(item.data) > _CHECKED_FIRST:
            continue
        study = import_module(f"crmresearch.{item.job.study}") if _is_ours(item.job.study) else None
        try:
            load(item.data, codebook=item.codebook or "", needs=getattr(study, "NEEDS", None))
        except UserError as error:
            failed[item.job.key] = error
    return failed


def _data_values(
    root: Path, job: Job, notebook: Notebook, base: Path
) -> tuple[dict[str, Path], dict[str, str]]:
    """The files that the notebook will read and the parameter values that the reader sees."""
    given = {"data": job.data, "codebook": job.codebook}
    for name, text in given.items():
        if text and name not in notebook.parameters:
            raise RequestError(f"{notebook.name} takes no --{name}: it has no such parameter.")
    if "data" not in notebook.parameters:
        return {}, {}
    files = {"data": find_data(root, job.data or str(notebook.parameters["data"].default), base)}
    codebook = job.codebook or _default(notebook, "codebook")
    if files["data"].is_dir() and not codebook and not (files["data"] / "codebook.csv").is_file():
        raise RequestError(
            f"{shown(job.data)} is no dataset: the folder has no codebook.csv. Name the survey "
            "file itself with --codebook, or draft one with: crmresearch codebook FILE"
        )
    if codebook:
        files["codebook"] = _existing(codebook, base, "codebook")
    seen = {name: path.name if given[name] else "" for name, path in files.items()}
    return files, seen


def find_data(root: Path, text: str, base: Path) -> Path:
    """The dataset folder or file that `text` names: a folder under ``data/``, else a path."""
    known = sorted(path.name for path in (root / "data").glob("*") if path.is_dir())
    if text in known:
        return root / "data" / text
    try:
        return _existing(text, base, "data")
    except RequestError as error:
        guess = did_you_mean(text, known)
        raise RequestError(f"{error}{guess} data/ has: {', '.join(known) or 'none'}.") from None


def _existing(text: str, base: Path, what: str) -> Path:
    if any(ord(sign) < 32 for sign in text):
        raise RequestError(f"the path of the {what} holds a control character: {shown(text)}.")
    try:
        path = (base / Path(text).expanduser()).resolve()
        found = path.is_file() or path.is_dir()
    except (OSError, RuntimeError):  # a name that is too long, a home that is not known
        found = False
    if not found:
        raise RequestError(f"the {what} {shown(text)} is not there.")
    return path


def _default(notebook: Notebook, name: str) -> str:
    parameter = notebook.parameters.get(name)
    return str(parameter.default) if parameter else ""


def _as_value(root: Path, path: Path) -> str:
    """What the kernel gets: the name of a dataset of the project, or a whole path."""
    return path.name if path.parent == root / "data" and path.is_dir() else str(path)


def _parts(
    root: Path,
    job: Job,
    notebook: Notebook,
    published: Mapping[str, Value],
    data: Path | None,
    codebook: Path | None,
) -> dict:
    lock = root / "requirements.lock"
    return {
        "study": job.study,
        "key": job.key,
        "title": job.title,
        "notebook": notebook.sha256,
        "package": manifest.package_digest(),
        "parameters": dict(published),
        "data": manifest.files_digest(_files(data)),
        "codebook": manifest.files_digest(_descriptions(codebook)),
        "lock": manifest.files_digest([lock] if lock.is_file() else []),
        "versions": manifest.versions(),
    }


def _files(data: Path | None) -> list[Path]:
    """A dataset's files: those of its folder, or the file with the descriptions beside it."""
    if data is None:
        return []
    if data.is_dir():
        return sorted(item for item in data.iterdir() if item.is_file() and item.name[0] != ".")
    return [data, *_beside(data.parent, "codebook.csv", "about.toml")]


def _descriptions(codebook: Path | None) -> list[Path]:
    if codebook is None:
        return []
    if codebook.is_dir():
        return _beside(codebook, "codebook.csv", "about.toml")
    return [codebook, *_beside(codebook.parent, "about.toml")]


def _beside(folder: Path, *names: str) -> list[Path]:
    return [folder / name for name in names if (folder / name).is_file()]


def _size(path: Path) -> int:
    return sum(item.stat().st_size for item in _files(path))


def _is_ours(study: str) -> bool:
    import crmresearch

    return (Path(crmresearch.__file__).parent / study / "__init__.py").is_file()


def _provenance(
    notebook: Notebook,
    published: Mapping[str, Value],
    data: Path | None,
    codebook: Path | None,
    parts: Mapping,
) -> dict[str, str]:
    values = {name: item.default for name, item in notebook.parameters.items()} | dict(published)
    found = {"Study": parts["study"], "Notebook": Path(notebook.name).name}
    if data is not None:
        found["Data"] = data.name
    for path in [*_files(data), *_descriptions(codebook)]:
        found[f"SHA-256 of {path.name}"] = manifest.file_hash(path)
    found |= {
        "SHA-256 of the notebook": notebook.sha256,
        "SHA-256 of the package": parts["package"],
        "Parameters": ", ".join(
            f"{name} = {value}" for name, value in values.items() if value != ""
        ),
    }
    if "seed" in values:
        found["Seed"] = str(values["seed"])
    return found | {"Versions": ", ".join(f"{k} {v}" for k, v in parts["versions"].items())}
