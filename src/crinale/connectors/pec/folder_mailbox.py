"""Mailboxes that are folders: what the demonstration and the tests have in the place of mail servers.

One file for one mail, named by its UID; a mail that was seen carries an S. Several processes may use them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FILE: Final = re.compile(r"(\d{10})(\.S)?\.eml")
_ADDRESS: Final = re.compile(r"[a-z0-9._%+\-]{1,64}@[a-z0-9.\-]{1,200}")


class FolderMailbox:
    """The mailbox of one address, under ``root``."""

    def __init__(self, root: Path, address: str) -> None:
        if not _ADDRESS.fullmatch(address.lower()) or ".." in address:
            message = f"not an address for a folder: {address!r}"
            raise ValueError(message)
        self.root = root / address.lower()

    def exists(self) -> bool:
        """Say whether there is one."""
        return (self.root / "INBOX").is_dir()

    def open(self) -> None:
        """Make it, unless it is there."""
        self._folder("INBOX")

    def deliver(self, content: bytes, *, folder: str = "INBOX") -> int:
        """Put a mail in and return its UID; it appears whole or not at all."""
        place = self._folder(folder)
        with _locked(place):
            counter = place / "uidnext"
            uid = int(counter.read_text(encoding="ascii")) if counter.exists() else 1
            _replace(counter, str(uid + 1).encode("ascii"))
            _replace(place / f"{uid:010}.eml", content)
        return uid

    def validity(self, folder: str = "INBOX") -> int:
        """Give the number that says that UIDs still mean the same."""
        place = self._folder(folder)
        return int((place / "uidvalidity").read_text(encoding="ascii"))

    def renumber(self, folder: str = "INBOX") -> None:
        """Make the UIDs mean something else, as servers do after a restore."""
        place = self._folder(folder)
        with _locked(place):
            _replace(place / "uidvalidity", str(self.validity(folder) + 1).encode("ascii"))

    def mails(self, folder: str = "INBOX") -> dict[int, Path]:
        """Give the files of the mails by UID, oldest first."""
        place = self._folder(folder)
        found = {int(match[1]): file for file in place.iterdir() if (match := _FILE.fullmatch(file.name))}
        return dict(sorted(found.items()))

    def seen(self, folder: str = "INBOX") -> set[int]:
        """Give the UIDs of the mails that are marked as seen."""
        return {uid for uid, file in self.mails(folder).items() if file.name.endswith(".S.eml")}

    def mark_seen(self, uid: int, folder: str = "INBOX") -> None:
        """Mark a mail as seen."""
        file = self.mails(folder).get(uid)
        if file is not None:
            file.rename(file.with_name(f"{uid:010}.S.eml"))

    def move(self, uid: int, *, folder: str, to: str) -> None:
        """Move a mail into another folder."""
        file = self.mails(folder).get(uid)
        if file is not None:
            self.deliver(file.read_bytes(), folder=to)
            file.unlink(missing_ok=True)

    def remove(self, uid: int, folder: str = "INBOX") -> None:
        """Delete a mail."""
        file = self.mails(folder).get(uid)
        if file is not None:
            file.unlink(missing_ok=True)

    def _folder(self, name: str) -> Path:
        place = self.root / re.sub(r"[^\w\-]", "_", name)
        if not (place / "uidvalidity").exists():
            place.mkdir(parents=True, exist_ok=True)
            with _locked(place):
                if not (place / "uidvalidity").exists():
                    _replace(place / "uidvalidity", str(int(time.time())).encode("ascii"))
        return place


@contextlib.contextmanager
def _locked(place: Path) -> Iterator[None]:
    descriptor = os.open(place / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(content)
    fresh.replace(path)
