"""What `crmresearch check` says of a dataset, and what `crmresearch codebook` writes."""

from collections.abc import Set
from pathlib import Path

from crmresearch.data.checks import headings
from crmresearch.data.codebook_file import write_codebook
from crmresearch.data.draft import about_text, decimal_sign, draft
from crmresearch.data.inspection import Inspection, inspect
from crmresearch.data.locate import locate
from crmresearch.data.only import choose, parse
from crmresearch.data.problems import counted, listed
from crmresearch.data.studies import all_needs, wanted, why_not
from crmresearch.data.tables import Table
from crmresearch.errors import RequestError


def check(data: str | Path, *, codebook: str | Path = "", only: str = "") -> tuple[str, bool]:
    """The full report on a dataset, and whether it can be read.

    The whole of it is checked; where `only` names a part, see `data.only`, the studies are those
    that the part can carry.

    Raises
    ------
    RequestError, DataError
        If there is no such dataset or part, or nothing can be read at all.
    """
    mapping = parse(only)
    inspection = inspect(data, codebook=codebook)
    lines, roles = _problems(inspection), inspection.roles
    if mapping and inspection.survey:
        part = choose(inspection.survey, mapping)
        lines += ["", f"{part.about.title}: {counted(len(part.answers), 'respondent')}"]
        roles = part.roles
    return "\n".join([*lines, "", *_studies(roles)]), not inspection.blocking


def _problems(inspection: Inspection) -> list[str]:
    name = f"{inspection.title}: {inspection.file}"
    size = f"{counted(inspection.rows, 'row')}, {counted(inspection.variables, 'variable')}"
    lines = [f"{name} ({size})"]
    for title, problems in (
        ("data problem(s)", inspection.blocking),
        ("note(s), which do not stop a study", inspection.notes),
    ):
        if problems:
            lines += ["", f"{len(problems)} {title}:"]
            lines += [f"  {i}. {problem}" for i, problem in enumerate(problems, start=1)]
    if not inspection.blocking:
        lines += ["", "No problem found."]
    if inspection.survey is not None and inspection.survey.changes:
        lines += ["", "Reading changes:", *(f"  {text}" for text in inspection.survey.changes)]
    return lines


def _studies(roles: Set[str]) -> list[str]:
    lines = [f"Roles: {listed(sorted(roles), most=40) or 'none'}", "", "Studies:"]
    for name, needs in all_needs().items():
        missing = needs.missing(set(roles))
        if missing:
            wants = "; ".join(wanted(options) for options in missing)
            lines.append(f"  {name}: no. It needs {wants}{why_not(missing, roles)}.")
            continue
        unused = [role for role in needs.optional if role not in roles]
        without = f" Not in these data: {listed(unused, most=20)}." if unused else ""
        lines.append(f"  {name}: yes.{without}")
    return lines if len(lines) > 3 else [*lines, "  none is installed."]


def draft_codebook(file: Path, *, output: Path | None = None) -> str:
    """A drafted codebook as text; with `output` it is written there, and the paths are returned.

    `output` is a file, or a folder that receives ``codebook.csv``. An ``about.toml`` is written
    beside it unless there is one. Existing codebooks are never overwritten.

    Raises
    ------
    RequestError
        If there is no such file, or `output` exists already.
    DataError
        If the file cannot be read.
    """
    files = locate(file)
    if files.data.is_dir():
        raise RequestError(f"{files.data.name} is a folder; name the survey file itself.")
    target = _target(output)
    described = target.parent / "about.toml" if target else files.about
    described = described if described and described.is_file() else files.about
    variables, table = draft(files.data, about=described)
    text = write_codebook(variables)
    if target is None:
        return text
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        written = [str(target)]
        about = target.parent / "about.toml"
        if not about.exists():
            decimal = decimal_sign(table)
            about.write_text(about_text(table, title=file.stem, decimal=decimal), "utf-8")
            written.append(str(about))
    except OSError as error:
        raise RequestError(f"{target} cannot be written: {error.strerror}.") from None
    written += _left_out(table)
    guesses = sum(item.guess for item in variables)
    if guesses:
        written.append(
            f"{counted(guesses, 'role')} guessed and marked with '?': remove the mark where the "
            "guess is right, clear the cell where it is not, then run `crmresearch check`."
        )
    return "\n".join(written) + "\n"


def _target(output: Path | None) -> Path | None:
    """The codebook to write: `output` itself where it is a CSV file, else one in that folder."""
    if output is None:
        return None
    is_file = output.suffix.casefold() == ".csv" and not output.is_dir()
    target = output if is_file else output / "codebook.csv"
    if target.exists():
        raise RequestError(f"{target} exists already; remove it or choose another name.")
    return target


def _left_out(table: Table) -> list[str]:
    """What the drafted codebook cannot describe, a line each."""
    lines = [f"Note: {problem}" for problem in (*table.problems, *headings(table))]
    twice = sorted({name for name in table.names if name.strip() and table.names.count(name) > 1})
    if twice:
        lines.append(
            f"Note: more than one column is named {listed(twice, quote=True)}: the first is "
            "described. Rename the others in the file."
        )
    return lines
