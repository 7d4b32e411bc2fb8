"""Archives kept at a URL that the client and its workers can both reach.

Any place that fsspec knows will do: ``s3://bucket/folder``, ``gs://…``, ``file:///shared/folder``.
An archive is named by the hash of all that its report is made from, so that a build which was
stopped takes what its workers have already finished. Who can write to the place decides what is
published: keep it as closely as the reports themselves.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crmresearch.errors import RequestError, UserError
from crmresearch.run.cluster.archives import LARGEST

_SECRET = re.compile(r"(?<=://)[^/@]*@")


class Results:
    """The place at `url`; what is no URL is a folder, seen from here. It can cross the wire."""

    def __init__(self, url: str):
        self._url = url if "://" in url else str(Path(url).expanduser().resolve())

    def __str__(self) -> str:
        """The URL without the password that it may hold."""
        return _SECRET.sub("", self._url)

    def found(self, name: str) -> bytes | None:
        """The bytes kept under `name`, None where there are none, or more than can be."""
        with self._opened("read") as (system, folder):
            system.invalidate_cache()
            try:
                if system.info(f"{folder}/{name}")["size"] > LARGEST:
                    return None
                return system.cat_file(f"{folder}/{name}")
            except FileNotFoundError:
                return None

    def keep(self, name: str, content: bytes) -> None:
        """Put `content` there. A writer that is killed may leave only the first part of it."""
        with self._opened("written to") as (system, folder):
            if Path(folder).is_absolute():  # a bucket has no folders, and is not ours to create
                system.makedirs(folder, exist_ok=True)
            system.pipe_file(f"{folder}/{name}", content)

    def remove(self, name: str) -> None:
        """Remove what is kept under `name`."""
        with self._opened("written to") as (system, folder):
            system.rm_file(f"{folder}/{name}")

    @contextmanager
    def _opened(self, use: str) -> Iterator[tuple]:
        """Its file system and folder; every error of theirs is told as the user's."""
        import fsspec

        try:
            system, folder = fsspec.url_to_fs(self._url)
            folder = folder.rstrip("/")
            if not folder:
                raise ValueError("it names no bucket or folder")
            yield system, folder
        except (ImportError, ValueError) as error:
            raise RequestError(f"{self} cannot be {use}: {_text(error)}.") from None
        except Exception as error:  # every kind of place has its own
            raise UserError(f"{self} cannot be {use}: {_text(error)}.") from None


def _text(error: Exception) -> str:
    if isinstance(error, NotImplementedError):
        return "places of this kind take no files"
    return str(getattr(error, "strerror", None) or error).rstrip(".") or type(error).__name__
