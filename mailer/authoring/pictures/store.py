"""Where pictures lie: files named by the hash of their content, behind one port."""

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Final, Protocol

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
        if path.exists():
            return name
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, written = tempfile.mkstemp(dir=path.parent, prefix=".new-")
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

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name
