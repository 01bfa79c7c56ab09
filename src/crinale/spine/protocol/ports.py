"""The keys with which areas seal, and the service that preserves the daily registers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from crinale.kernel.errors import CrinaleError
from crinale.kernel.ports import Port

if TYPE_CHECKING:
    from datetime import datetime

    from crinale.spine.records.signatures.keys import SealKey


class SealKeys(Protocol):
    """Finds the seal key of an area: a file, a token, or a remote service.

    A key with an attribute ``remote`` that is true answers over a network: it is never asked while a
    register's counter is held, and the registration waits for it as "being sealed".
    """

    def for_area(self, area_code: str) -> SealKey:
        """Return the key of the area; raises a ``CrinaleError`` when there is none."""


seal_keys: Port[SealKeys] = Port("protocol.seal_keys")


def is_remote(key: SealKey) -> bool:
    """Say whether a seal by this key takes a network call."""
    return bool(getattr(key, "remote", False))


@dataclass(frozen=True, slots=True)
class DepositPackage:
    """A package for preservation; the identifier and the bytes are the same when it is submitted again."""

    identifier: str
    data: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class DepositReport:
    """What preservation says of a package (rapporto di versamento); ``data`` are the bytes of the report."""

    accepted: bool
    reasons: tuple[str, ...]
    package_sha256: str
    made_at: datetime
    file_name: str
    data: bytes


class DepositRefused(CrinaleError):
    """The preservation service did not take the package."""

    def __init__(self, *reasons: str) -> None:
        """Say why."""
        super().__init__("; ".join(reasons) or self.__doc__)
        self.reasons = reasons


class Deposit(Protocol):
    """A preservation service: it takes packages and answers later with a report."""

    def submit(self, package: DepositPackage) -> str:
        """Deliver a package and return its receipt; the same package twice gives the same receipt.

        Raises :class:`DepositRefused` when it will not be taken as it is, another ``CrinaleError`` when the
        service cannot be reached now.
        """

    def status(self, receipt: str) -> DepositReport | None:
        """Return the report of a delivered package, or None while there is none."""


deposit: Port[Deposit] = Port("protocol.deposit")
