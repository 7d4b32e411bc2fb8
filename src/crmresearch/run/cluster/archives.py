"""A finished report as one archive: the same report always gives the same bytes.

Archives come from other machines. Nothing is written that the manifest of the expected report does
not name: no path that leaves the folder, no link, no more files or bytes than a report may have.
"""

import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from crmresearch.run import manifest
from crmresearch.run.history.workspaces import is_place

LARGEST = 2_000_000_000  # bytes of a report, unpacked
MOST = 10_000  # files of a report
_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
_CHUNK = 1 << 20
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError,
)  # fmt: skip


class Unfit(Exception):
    """The archive is damaged, or not the report that was asked for; its text says how."""


def packed(folder: Path) -> bytes:
    """The report in `folder` as the bytes of a zip."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = zipfile.ZipInfo(path.relative_to(folder).as_posix(), date_time=_TIME)
            name.compress_type = zipfile.ZIP_DEFLATED
            name.external_attr = 0o600 << 16
            archive.writestr(name, path.read_bytes())
    return content.getvalue()


def unpack(content: bytes, folder: Path, parts: Mapping[str, object]) -> None:
    """Write the report that was made from `parts` into the empty `folder`.

    Raises
    ------
    Unfit
        If the archive holds anything but that report, whole and unaltered; `folder` is then to be
        thrown away.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = _names(archive)
            for entry in archive.infolist():
                _write(archive, entry, folder / entry.filename)
    except (*_DAMAGED, FileExistsError, NotADirectoryError) as error:
        raise Unfit(f"it is no whole archive ({type(error).__name__})") from None
    if names != {manifest.NAME, *manifest.listed(folder)} or not manifest.is_fresh(folder, parts):
        raise Unfit("it is not the report that was asked for, or was altered")


def _names(archive: zipfile.ZipFile) -> set[str]:
    """The names in the archive, refused where they could not be those of a report's files."""
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if len(entries) > MOST or len({name.casefold() for name in names}) < len(entries):
        raise Unfit("it holds too many files, or one name twice")
    for entry in entries:
        kind = entry.external_attr >> 28  # the type bits of a Unix mode: 0, or 8 of a plain file
        if not is_place(entry.filename) or entry.is_dir() or kind not in (0, 8):
            raise Unfit(f"{entry.filename[:80]!r} is no name of a report's file")
    if sum(entry.file_size for entry in entries) > LARGEST:
        raise Unfit("it is too large for a report")
    return names


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """Write one file, of no more bytes than the archive's own list says."""
    target.parent.mkdir(parents=True, exist_ok=True)
    left = entry.file_size
    with archive.open(entry) as source, target.open("xb") as handle:
        while chunk := source.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise Unfit("it holds more than it says")
            handle.write(chunk)
