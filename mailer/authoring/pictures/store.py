"""Where pictures lie: files named by the hash of their content, behind one port."""

import hashlib
import os
import re
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

_UNFINISHED: Final = ".new-"
NAME: Final = re.compile(r"[0-9a-f]{40}\.(?:jpg|png)")


class PictureStore(Protocol):
    """Keeps pictures by names that their content gives them, so none is ever changed."""

    def put(self, content: bytes, extension: str) -> str:
        """Keep a picture; gives its name. What is there already stays."""
        ...

    def read(self, name: str) -> bytes | None:
        """The picture of that name, None for none."""
        ...


class PictureFolder:
    """Pictures as files of a folder, in sub-folders by the beginning of their names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes, extension: str) -> str:
        """Keep a picture, on the disk for good before this returns."""
        name = f"{hashlib.sha256(content).hexdigest()[:40]}.{extension}"
        path = self._path(name)
        if _renewed(path):
            return name
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, written = tempfile.mkstemp(dir=path.parent, prefix=_UNFINISHED)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(written).replace(path)
        except BaseException:
            Path(written).unlink(missing_ok=True)
            raise
        return name

    def read(self, name: str) -> bytes | None:
        """The picture of that name; names of another form are nobody's."""
        if NAME.fullmatch(name) is None:
            return None
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def older_than(self, moment: datetime) -> list[str]:
        """The names of pictures that were put here before, and not again since."""
        found = (path for path in self._folder.glob("??/*") if NAME.fullmatch(path.name))
        return [path.name for path in found if _is_older(path, moment)]

    def remove(self, name: str, before: datetime) -> bool:
        """Take a picture away, unless it was put here again in the meantime.

        It is set aside first: whoever puts it from then on finds none and writes it anew.
        """
        path = self._path(name)
        aside = path.with_name(f"{_UNFINISHED}{name}")
        try:
            path.replace(aside)
        except FileNotFoundError:
            return False
        if not _is_older(aside, before):
            aside.replace(path)
            return False
        aside.unlink(missing_ok=True)
        return True

    def remove_unfinished(self, before: datetime) -> int:
        """Take away what was being written by a process that did not come to an end."""
        left = [each for each in self._folder.glob(f"??/{_UNFINISHED}*") if _is_older(each, before)]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name


def _renewed(path: Path) -> bool:
    """Whether it is there; if so, it counts as put there just now."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _is_older(path: Path, moment: datetime) -> bool:
    try:
        return path.stat().st_mtime < moment.timestamp()
    except FileNotFoundError:
        return False
