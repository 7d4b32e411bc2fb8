"""Files kept once each under the hash of their bytes, in a folder that nobody else can read.

Whatever is kept is written beside its place first and renamed, so that a process killed at any
moment leaves nothing but whole files and a remainder that the next `sweep` removes. Nothing is
flushed to the disk: what a power cut truncated no longer has its hash, and is told as damaged when
it is asked for.
"""

import os
import shutil
import stat
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from crmresearch.errors import UserError
from crmresearch.run.disk import try_lock
from crmresearch.run.manifest import file_hash

_PATIENCE = 60  # seconds; another process holds the lock for as long as it copies one dataset


class Damaged(UserError):
    """What is kept is not there, not what it was, or could have been altered by others."""


class Blobs:
    """The files kept in `folder`, which is made private when it is made."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._files = folder / "files"
        self._unfinished = folder / "unfinished"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other processes from adding or removing; a killed holder frees it.

        Raises
        ------
        Damaged
            If others can write to the folder, or another process does not let go of it.
        """
        for part in (self.folder, self._files, self._unfinished):
            part.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_private(self.folder)
        with (self.folder / ".lock").open("a") as handle:
            end = time.monotonic() + _PATIENCE
            while not try_lock(handle.fileno()):
                if time.monotonic() > end:
                    raise Damaged(f"{self.folder} has been in use by another process too long.")
                time.sleep(0.02)
            yield

    def keep_bytes(self, content: bytes) -> str:
        """Keep `content` and return its hash. Call it while the folder is held."""
        known = sha256(content).hexdigest()
        if not self.path(known).exists():
            self.path(known).parent.mkdir(mode=0o700, exist_ok=True)
            self.write(self.path(known), content)
        return known

    def write(self, target: Path, content: bytes) -> None:
        """Write a file of the folder in one step, for its owner alone."""
        with self._new() as (temporary, handle):
            handle.write(content)
        temporary.replace(target)

    def keep_file(self, path: Path) -> str:
        """Keep the file at `path` and return the hash of the bytes that were copied."""
        with path.open("rb") as source, self._new() as (temporary, handle):
            shutil.copyfileobj(source, handle)
        known = file_hash(temporary)
        self.path(known).parent.mkdir(mode=0o700, exist_ok=True)
        temporary.replace(self.path(known))
        return known

    def has(self, known: str) -> bool:
        """Whether a file of this hash is kept."""
        return self.path(known).is_file()

    def read(self, known: str) -> bytes:
        """The bytes of this hash; `Damaged` where they are gone or altered."""
        try:
            content = self.path(known).read_bytes()
        except OSError as error:
            raise Damaged(f"a file of this build is no longer kept ({error.strerror}).") from None
        if sha256(content).hexdigest() != known:
            raise self._damaged(known)
        return content

    def copy(self, known: str, target: Path) -> None:
        """Write the file of this hash to `target`, which only its owner may read."""
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with self.path(known).open("rb") as source, target.open("xb") as handle:
                shutil.copyfileobj(source, handle)
        except OSError as error:
            raise Damaged(f"a file of this build is no longer kept ({error.strerror}).") from None
        if file_hash(target) != known:
            target.unlink()
            raise self._damaged(known)

    def size(self, known: str) -> int:
        """The bytes of the file of this hash; 0 where there is none."""
        try:
            return self.path(known).stat().st_size
        except OSError:
            return 0

    def sweep(self, wanted: Collection[str]) -> None:
        """Remove every file that is not `wanted`, and what a killed process left."""
        for path in [*self._files.glob("*/*"), *self._unfinished.iterdir()]:
            if path.parent == self._unfinished or path.parent.name + path.name not in wanted:
                path.unlink(missing_ok=True)

    def path(self, known: str) -> Path:
        """Where the file of this hash stands, if it does."""
        return self._files / known[:2] / known[2:]

    def _damaged(self, known: str) -> Damaged:
        """What to raise for a file that is another; it goes, and a later build keeps it anew."""
        self.path(known).unlink(missing_ok=True)
        return Damaged(
            "a kept file is not what it was when it was kept, so that this build cannot be made "
            "again. Later builds are not affected."
        )

    @contextmanager
    def _new(self) -> Iterator[tuple[Path, object]]:
        temporary = self._unfinished / f"{os.getpid()}-{time.monotonic_ns()}"
        try:
            with open(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as new:
                yield temporary, new
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def check_private(folder: Path) -> None:
    """Refuse a folder that another user owns or may write to: what it holds is run later."""
    if sys.platform == "win32":  # the profile's own permissions hold there
        return
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise Damaged(
            f"{folder} must be a folder of your own that nobody else may write to, because the "
            f"sources kept in it are run. Remove it, or run: chmod 700 {folder}"
        )
    if found.st_mode & 0o077:
        folder.chmod(0o700)
