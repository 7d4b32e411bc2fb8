"""From the entries of a listing to jobs: a report for each study, dataset, part and setting.

The key of a report is the entry's key followed by what tells it from its siblings: the study where
the entry names several, the dataset likewise, the part of the respondents, the parameters that
vary. It does not depend on which other parts the data hold, unless two would have the same key;
those then end in a hash of what they are.
"""

import glob
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import product
from pathlib import Path

from crmresearch.data import only
from crmresearch.data.locate import Files
from crmresearch.errors import RequestError, UserError
from crmresearch.run.project import listed, shown
from crmresearch.run.request.jobs import LONGEST, Job
from crmresearch.run.request.listing import Entry, is_pattern
from crmresearch.run.request.shelf import Shelf

FilesOf = Callable[[Job], Files | None]
_TOLD = 20  # lines of an entry that name who gets no report
ONLY = "only"  # the parameter of a notebook that names a part of the respondents


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """The jobs of an entry, and what it does not come to.

    `left_out` is one line for each part or people without a report; `failed` has what is wrong
    with data whose parts are not known, by what the keys of their reports begin with.
    """

    jobs: list[Job]
    left_out: list[str]
    failed: dict[str, UserError]


def expand(entry: Entry, *, base: Path, files_of: FilesOf, shelf: Shelf) -> Expanded:
    """Every report that `entry` asks for.

    Parameters
    ----------
    base : the folder that the entry's relative paths are seen from
    files_of : a job to the files of its dataset, as ``plans.files_of`` finds them
    shelf : where the datasets are read, to see which parts they hold

    Raises
    ------
    RequestError
        Where a pattern of paths matches nothing, or the data have no such role or answer.
    """
    named, left_out, failed = [], _LeftOut(entry.key), {}
    for study, data in product(entry.studies, _datasets(entry, base)):
        job = Job(key=entry.key, study=study, data=data, codebook=entry.codebook, title=entry.title)
        beginning = [
            *([study] if len(entry.studies) > 1 else []),
            *([Path(data).stem] if entry.names_datasets else []),
        ]
        for given in _settings(entry):
            varying = [_words(entry, given)] if entry.varies else []
            job = replace(job, parameters=given)
            try:
                parts, unanswered = _parts(entry, job, files_of, shelf)
            except RequestError:
                raise
            except UserError as error:  # the other datasets of the entry still get their reports
                failed[_key(entry.key, beginning)] = error
                continue
            left_out.add(unanswered, beginning, _key(entry.key, beginning))
            for part, too_small in parts:
                words = [*beginning, *part.values(), *varying]
                if too_small:
                    left_out.add(too_small, [*beginning, *part.values()], _key(entry.key, words))
                else:
                    named.append((words, replace(job, parameters=_with_part(given, part))))
    return Expanded(jobs=_keyed(entry.key, named), left_out=left_out.lines(), failed=failed)


class _LeftOut:
    """Who gets no report, a line each: a part is told once however many settings it is left out of.

    Parameters
    ----------
    key : of the entry
    """

    def __init__(self, key: str):
        self._key = key
        self._keys: dict[tuple[str, ...], list[str]] = {}  # reason and part to keys of reports

    def add(self, why: str, part: Sequence[str], key: str) -> None:
        """The report `key` of a `part` is left out for a reason, if there is one."""
        if why:
            self._keys.setdefault((why, *part), []).append(key)

    def lines(self) -> list[str]:
        """What to tell of them; of very many their number."""
        told = [
            f"{listed(list(dict.fromkeys(keys)), 1)}: left out, {why}"
            for (why, *_), keys in self._keys.items()
        ]
        if len(told) > _TOLD:
            told[_TOLD:] = [f"{self._key}: left out, {len(told) - _TOLD:,} more for such reasons"]
        return told


def _datasets(entry: Entry, base: Path) -> list[str]:
    """The datasets that an entry names; a pattern such as ``waves/*.csv`` names what it matches."""
    found: list[str] = []
    for text in entry.data:
        if not is_pattern(text):
            found.append(text)
            continue
        matching = sorted(glob.glob(text, root_dir=base))
        if not matching:
            raise RequestError(
                f"no dataset matches {shown(text)}, which is seen from {base.name}/. "
                "Correct the pattern."
            )
        found += matching
    return list(dict.fromkeys(found))


def _settings(entry: Entry) -> Iterator[dict[str, object]]:
    for given in entry.parameters:
        for values in product(*entry.grid.values()):
            yield dict(given) | dict(zip(entry.grid, values, strict=True))


def _words(entry: Entry, given: Mapping[str, object]) -> str:
    """The parameters that vary within the entry, as a part of a key."""
    names = dict.fromkeys(name for item in entry.parameters for name in item)
    if len(entry.parameters) == 1:
        names = {}
    names = {name: None for name in (*names, *entry.grid) if name in given}
    return " ".join(f"{name} {given[name]}" for name in names) or "defaults"


def _parts(
    entry: Entry, job: Job, files_of: FilesOf, shelf: Shelf
) -> tuple[list[tuple[dict[str, str], str]], str]:
    """Each part that the data hold, with why it gets no report, or nothing; and who is in none."""
    if not entry.by:
        return [({}, "")], ""
    files: Files | None = files_of(job)
    if files is None:
        raise RequestError(f"'by' needs a dataset, and the study {job.study} reads none.")
    within = only.parse(str(job.parameters.get(ONLY, "")))
    if twice := [name for name in entry.by if name in within]:
        raise RequestError(
            f"{shown(twice[0])} stands in both 'by' and the parameter 'only', which names one of "
            "its answers. Keep one."
        )
    survey = only.choose(shelf.survey(files), within)
    least = survey.about.min_cell
    found = only.combinations(survey, entry.by)
    few = f"people, fewer than {least} could be identified"
    parts = [(part, f"{n} {few}" if n < least else "") for part, n in found]
    everybody, names = len(survey.answers), " or ".join(shown(name) for name in entry.by)
    missing = everybody - sum(n for _, n in found)
    nobody = f"{missing:,} of {everybody:,} people, who did not answer {names}"
    return parts, nobody if missing else ""


def _with_part(given: Mapping[str, object], part: Mapping[str, str]) -> dict[str, object]:
    if not part:
        return dict(given)
    within = only.parse(str(given.get(ONLY, "")))
    return {**given, ONLY: only.written(within | part)}


def _keyed(key: str, named: Sequence[tuple[list[str], Job]]) -> list[Job]:
    """The jobs with their keys; those that would share one end in a hash of their words."""
    keys = [_key(key, words) for words, _ in named]
    times = Counter(keys)
    return [
        replace(job, key=own if times[own] == 1 else _cut(own, words, always=True))
        for own, (words, job) in zip(keys, named, strict=True)
    ]


def _key(key: str, words: Sequence[str]) -> str:
    return _cut("-".join(filter(None, [key, *map(_slug, words)])), words)


def _slug(text: str) -> str:
    """Small letters, digits and hyphens; a text of other letters becomes a hash of itself."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    slug = "-".join(re.findall(r"[a-z0-9]+", plain))
    return slug or (_hash([text]) if text else "")


def _cut(key: str, words: Iterable[str], *, always: bool = False) -> str:
    """`key` within its length; what is cut off, or shared, is told by a hash."""
    if len(key) <= LONGEST and not always:
        return key
    return f"{key[: LONGEST - 9].strip('-')}-{_hash(words)}"


def _hash(words: Iterable[str]) -> str:
    return sha256("\0".join(words).encode()).hexdigest()[:8]
