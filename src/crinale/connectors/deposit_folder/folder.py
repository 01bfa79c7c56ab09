"""Deliver packages by a folder: ``versamenti/`` for what is delivered, ``rapporti/`` for what is reported."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crinale.connectors.deposit_folder.judging import judge
from crinale.connectors.deposit_folder.report import read_report, write_report
from crinale.kernel.errors import CrinaleError
from crinale.spine.protocol.ports import DepositRefused, DepositReport

if TYPE_CHECKING:
    from crinale.spine.protocol.ports import DepositPackage

_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
_LARGEST_REPORT: Final = 4 * 1024 * 1024


class FolderUnreachable(CrinaleError):
    """The folder of the preservation service cannot be read or written now."""


class FolderDeposit:
    """A preservation service behind a folder; with ``simulated`` the reports are made here, at once."""

    def __init__(self, root: Path, *, simulated: bool = False) -> None:
        self.packages, self.reports = root / "versamenti", root / "rapporti"
        self._simulated = simulated

    def submit(self, package: DepositPackage) -> str:
        """Put a package in the folder, whole or not at all; its receipt is its identifier.

        :raises DepositRefused: when its name cannot be used, or names other bytes already.
        :raises FolderUnreachable: when the folder cannot be written.
        """
        receipt = _checked(package.identifier)
        target = self.packages / f"{receipt}.zip"
        try:
            _write_once(target, package.data)
            kept = hashlib.sha256(target.read_bytes()).hexdigest()
            if kept != package.sha256:
                raise DepositRefused("Un altro pacchetto con lo stesso identificativo è già stato versato")
            if self._simulated:
                _write_once(self._report(receipt), write_report(judge(receipt, package.data)))
        except OSError as error:
            raise FolderUnreachable from error
        return receipt

    def status(self, receipt: str) -> DepositReport | None:
        """Return the report that the service left, or None.

        :raises FolderUnreachable: when the folder cannot be read.
        :raises UnreadableReport: when the file is not a report.
        """
        path = self._report(_checked(receipt))
        try:
            with path.open("rb") as stream:
                data = stream.read(_LARGEST_REPORT)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise FolderUnreachable from error
        report = read_report(data)
        return DepositReport(
            accepted=report.accepted,
            reasons=report.reasons,
            package_sha256=report.package_sha256,
            made_at=report.made_at,
            file_name=path.name,
            data=data,
        )

    def _report(self, receipt: str) -> Path:
        return self.reports / f"{receipt}-rdv.xml"


def _checked(identifier: str) -> str:
    if not _IDENTIFIER.fullmatch(identifier):
        raise DepositRefused("L'identificativo del pacchetto non può essere il nome di un file")
    return identifier


def _write_once(target: Path, data: bytes) -> None:
    """Write a file under its name only when it is complete; what is there already stays."""
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            # The service may run as another user of the same group.
            os.fchmod(file.fileno(), 0o640)
        with contextlib.suppress(FileExistsError):
            os.link(name, target)
        folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        Path(name).unlink(missing_ok=True)
