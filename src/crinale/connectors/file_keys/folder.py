"""The keys of all areas of a node in one folder: `<AOO>.pem` with `<AOO>.key` beside it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from crinale.connectors.file_keys.keys import FileSealKey, KeyFilesRefused

if TYPE_CHECKING:
    from pathlib import Path


class FolderKeys:
    """Finds the key of an area by its code; each is read once, and again when its certificate is replaced."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys: dict[str, tuple[int, FileSealKey]] = {}
        self._lock = threading.Lock()

    def for_area(self, area_code: str) -> FileSealKey:
        """Return the key of the area.

        :raises KeyFilesRefused: when it has none here, or the files do not fit together.
        """
        certificate = self._folder / f"{area_code.upper()}.pem"
        if certificate.parent != self._folder:  # no code leads out of the folder
            raise KeyFilesRefused(f"The area {area_code} has no key here.")
        try:
            changed = certificate.stat().st_mtime_ns
        except FileNotFoundError:
            raise KeyFilesRefused(f"The area {area_code} has no key here.") from None
        with self._lock:
            known = self._keys.get(area_code)
            if known is None or known[0] != changed:
                known = (
                    changed,
                    FileSealKey.load(key=certificate.with_suffix(".key"), certificate=certificate),
                )
                self._keys[area_code] = known
            return known[1]
