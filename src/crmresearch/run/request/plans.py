"""Plans: a job with everything checked that can be checked before a kernel starts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crmresearch.data.locate import Files, locate
from crmresearch.data.sources import files_read
from crmresearch.errors import DataError, RequestError, UserError
from crmresearch.run import manifest
from crmresearch.run.project import notebook_path, shown
from crmresearch.run.request import inputs
from crmresearch.run.request.grids import ONLY
from crmresearch.run.request.jobs import Job
from crmresearch.run.request.notebooks import Notebook
from crmresearch.run.request.parameters import Value, typed
from crmresearch.run.request.shelf import Shelf

_CHECKED_FIRST = 50_000_000  # bytes; larger data are read once, by the kernel
_DATA = ("data", "codebook")  # parameters that the request sets by options of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A job that can start.

    Parameters
    ----------
    values : the notebook's parameters that the request sets, as declared types
    published : the same as a reader sees them: paths reduced to names
    files : the dataset that the notebook will read, None where it reads none
    beside : what else it will read, by the name that a reader sees: see `inputs`
    workplace : the folder that its kernel starts in
    parts : everything the report is made from, by what it is: text or hashes
    provenance : label to text, for the end of the page
    """

    job: Job
    notebook: Notebook
    values: Mapping[str, Value]
    published: Mapping[str, Value]
    files: Files | None
    beside: Mapping[str, Path]
    workplace: Path
    parts: Mapping[str, object]
    provenance: Mapping[str, str]


def plan(root: Path, job: Job, *, base: Path, shelf: Shelf) -> Plan:
    """Check `job` and work out what its report will be made from.

    `base` is the folder that the job's relative paths are seen from.

    Raises
    ------
    RequestError
        An unknown study, parameter or path, or a value that does not fit.
    UserError
        A notebook that cannot be run; data that cannot be read, where a part of them is asked for.
    """
    notebook = shelf.notebook(notebook_path(root, job.study))
    clash = [name for name in _DATA if name in job.parameters]
    if clash:
        raise RequestError(
            f"'{clash[0]}' is not set among the parameters; write --{clash[0]}, "
            f"or {clash[0]} = in reports.toml."
        )
    if ONLY in job.parameters and "data" in notebook.parameters and ONLY not in notebook.parameters:
        raise RequestError(
            f"{notebook.name} cannot report on a part of the respondents, for which 'by' and "
            "'only' ask: add only: str = \"\" to its parameters, and only=only where it loads the "
            "data."
        )
    given = _given(root, job, notebook, base)
    values = given | typed(notebook.parameters, job.parameters, notebook.name)
    places = inputs.located(notebook, values, base)
    values |= {name: str(path) for name, path in places.items()}
    published = _published(values, given | places)
    files = _located(given, notebook)
    sources = _sources(files, str(values.get(ONLY, "")), shelf)
    beside = inputs.read(notebook, places)
    parts = _parts(root, job, notebook, published, sources, beside, shelf)
    return Plan(
        job=job,
        notebook=notebook,
        values=values,
        published=published,
        files=files,
        beside=beside,
        workplace=root / "notebooks",
        parts=parts,
        provenance=_provenance(notebook, published, files, parts),
    )


def files_of(root: Path, job: Job, *, base: Path, shelf: Shelf) -> Files | None:
    """The files of the dataset that `job` reads, None where its study reads none."""
    notebook = shelf.notebook(notebook_path(root, job.study))
    return _located(_given(root, job, notebook, base), notebook)


def check_data(plans: Sequence[Plan], shelf: Shelf) -> dict[str, UserError]:
    """Read each plan's data before any kernel starts: key of the report to what is wrong.

    Each dataset is read once. Data too large to be read twice are left to the kernel, which says
    the same.
    """
    from crmresearch.data.studies import all_needs, refusal

    failed: dict[str, UserError] = {}
    needs = all_needs()
    for item in plans:
        if item.files is None or is_large(item.files):
            continue
        try:
            known = shelf.known(item.files, str(item.values.get(ONLY, "")))
            wants = needs.get(item.job.study)
            if wants and (refused := refusal(known.dataset, wants, known.roles)):
                raise DataError(refused)
        except UserError as error:
            failed[item.job.key] = error
    return failed


def is_large(files: Files) -> bool:
    """Whether the data are not read before the kernel reads them."""
    return sum(path.stat().st_size for path in files_read(files)) > _CHECKED_FIRST


def _given(root: Path, job: Job, notebook: Notebook, base: Path) -> dict[str, str]:
    """The data and codebook that the request names, as the kernel can find them."""
    given = {name: getattr(job, name) for name in _DATA if getattr(job, name)}
    for name, text in given.items():
        if name not in notebook.parameters:
            raise RequestError(f"{notebook.name} takes no {name}: it has no such parameter.")
        if any(ord(sign) < 32 for sign in text):
            raise RequestError(f"the path of the {name} holds a control character: {shown(text)}.")
    return {name: _seen_from(root, base, text) for name, text in given.items()}


def _seen_from(root: Path, base: Path, text: str) -> str:
    """A relative path as a whole one; the name of a dataset or codebook stays a name."""
    shelves = (root / "data" / text, root / "data" / "codebooks" / text)
    is_word = not {"/", "\\"} & set(text) and text not in (".", "..")
    try:
        if is_word and any(shelf.is_dir() for shelf in shelves):
            return text
        path = (base / Path(text).expanduser()).resolve()
        return str(path) if path.exists() else text
    except (OSError, RuntimeError):  # a name that is too long, a home that is not known
        return text


def _located(given: Mapping[str, str], notebook: Notebook) -> Files | None:
    """The files that the notebook will read; None where it reads no dataset."""
    defaults = {name: notebook.parameters.get(name) for name in _DATA}
    if defaults["data"] is None:
        return None
    named = {name: str(item.default) for name, item in defaults.items() if item} | dict(given)
    return locate(named["data"], named.get("codebook", ""))


def _published(values: Mapping[str, Value], given: Mapping[str, str | Path]) -> dict[str, Value]:
    """The parameters as a reader sees them: of a path its last name alone."""
    return {**values, **{name: Path(text).name for name, text in given.items()}}


def _sources(files: Files | None, part: str, shelf: Shelf) -> dict[str, str]:
    """What is read of the dataset, by name, with its hash: every file, or the part alone.

    A report of one part does not change when the answers of others do.
    """
    if part:
        return {"this part": shelf.known(files, part).digest}
    return {} if files is None else shelf.hashes(files_read(files))


def _parts(
    root: Path,
    job: Job,
    notebook: Notebook,
    published: Mapping[str, Value],
    sources: Mapping[str, str],
    beside: Mapping[str, Path],
    shelf: Shelf,
) -> dict:
    lock = root / "requirements.lock"
    return {
        "study": job.study,
        "key": job.key,
        "title": job.title,
        "notebook": notebook.sha256,
        "package": manifest.package_digest(),
        "parameters": dict(published),
        "data": dict(sources),
        "beside": {name: shelf.hash(path) for name, path in beside.items()},
        "lock": shelf.hash(lock) if lock.is_file() else "",
        "versions": manifest.versions(),
    }


def _provenance(
    notebook: Notebook, published: Mapping[str, Value], files: Files | None, parts: Mapping
) -> dict[str, str]:
    values = {name: item.default for name, item in notebook.parameters.items()} | dict(published)
    found = {"Study": parts["study"], "Notebook": Path(notebook.name).name}
    if files is not None:
        found["Data"] = files.data.name
    if values.get(ONLY):
        found["Part of the data"] = str(values[ONLY])
    hashes = parts["data"] | parts["beside"]
    found |= {f"SHA-256 of {name}": known for name, known in hashes.items()}
    found["SHA-256 of the notebook"] = notebook.sha256
    found["SHA-256 of the package"] = parts["package"]
    if "seed" in values:
        found["Seed"] = str(values["seed"])
    return found | {"Versions": ", ".join(f"{k} {v}" for k, v in parts["versions"].items())}
