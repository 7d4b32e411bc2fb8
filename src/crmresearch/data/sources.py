"""Which files a dataset is read from: one file and its codebook, or one of each wave."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crmresearch.data.about_file import read_about
from crmresearch.data.codebook import About, Wave
from crmresearch.data.kept_part import FILES, is_kept
from crmresearch.data.locate import SUFFIXES, Files, data_files, responses
from crmresearch.data.problems import Problem, listed, meant, quoted
from crmresearch.errors import DataError


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file, its codebook, how it is read, and the wave it holds (empty where it is all)."""

    file: Path
    codebook: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    wave: str = ""


def has_waves(files: Files, about: About) -> bool:
    """Whether the dataset is read from the files that about.toml lists as waves.

    A codebook that is named itself describes one file, whatever stands beside it.
    """
    return bool(about.wave) and not files.codebook_named


def sources(files: Files, about: About) -> tuple[list[Source], list[Problem]]:
    """The files to read, in the order of the waves, and those that are not there.

    Where a single file is asked for that about.toml lists as a wave, only that wave is read.

    Raises
    ------
    DataError
        If no data file can be found at all.
    """
    if not has_waves(files, about):
        file = responses(files, about.file)
        return [Source(file=file, codebook=files.codebook, settings=about.file)], []
    folder = files.data if files.data.is_dir() else files.data.parent
    waves = about.wave
    if files.data.is_file():
        waves = [wave for wave in waves if wave.file == files.data.name]
        if not waves:
            names = [wave.file for wave in about.wave]
            raise DataError(
                f"about.toml lists the files {listed(names)} and not {files.data.name}."
                f"{meant(files.data.name, names)} Name one of them, the folder that holds them, "
                "or with --codebook the codebook of this file."
            )
    found = [_source(wave, folder, files.folder, about) for wave in waves]
    absent = [problem for source in found for problem in _absent(source)]
    return [source for source in found if not _absent(source)], absent


def _source(wave: Wave, folder: Path, described: Path, about: About) -> Source:
    return Source(
        file=folder / wave.file,
        codebook=described / wave.codebook,
        settings={**about.file, **wave.settings},
        wave=wave.label,
    )


def _absent(source: Source) -> list[Problem]:
    problems = []
    for path, what in ((source.file, "data file"), (source.codebook, "codebook")):
        if path.is_file():
            continue
        there = data_files(path.parent)
        if what == "codebook":
            there = sorted(x.name for x in path.parent.glob("*.csv"))
        holds = f"the folder {path.parent.resolve().name} holds {listed(there) or 'none'}"
        found = f"wave {quoted(source.wave)} names the {what} {quoted(path.name)}"
        fix = f"Correct the name or put the file there.{meant(path.name, there)}"
        problems.append(Problem(where="about.toml", found=found, rule=holds, fix=fix))
    return problems


def files_read(files: Files) -> list[Path]:
    """Every file that what is read depends on: data, codebooks and the description.

    Of a folder without waves that is all of its data files. What is no dataset has none.
    """
    if is_kept(files.data):
        return sorted((files.data / name).resolve() for name in FILES)
    about = read_about(files.about, title=files.title)[0]
    if has_waves(files, about):
        try:
            found = sources(files, about)[0]
        except DataError:
            found = []
        paths = [path for source in found for path in (source.file, source.codebook)]
        return sorted({path.resolve() for path in (*paths, files.about)})
    if files.codebook is None:
        return []
    inside = [files.data]
    if files.data.is_dir():
        inside = [x for x in files.data.iterdir() if x.suffix.casefold() in SUFFIXES]
    described = [path for path in (files.codebook, files.about) if path]
    return sorted({path.resolve() for path in (*inside, *described)})
