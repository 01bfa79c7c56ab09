"""A preservation service in memory, that answers as a test wants."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crinale.connectors.deposit_folder.judging import judge
from crinale.connectors.deposit_folder.report import write_report
from crinale.kernel.errors import CrinaleError
from crinale.spine.protocol.ports import DepositRefused, DepositReport

if TYPE_CHECKING:
    from crinale.spine.protocol.ports import DepositPackage


class ServiceAway(CrinaleError):
    """The preservation service does not answer."""


@dataclass
class FakeDeposit:
    """``away``: nothing is reached. ``refuses``: the reasons of every refusal. ``silent``: no report yet."""

    away: bool = False
    silent: bool = False
    refuses: tuple[str, ...] = ()
    packages: dict[str, DepositPackage] = field(default_factory=dict)

    def submit(self, package: DepositPackage) -> str:
        """Take a package."""
        if self.away:
            raise ServiceAway
        if self.refuses:
            raise DepositRefused(*self.refuses)
        known = self.packages.setdefault(package.identifier, package)
        if known.sha256 != package.sha256:
            raise DepositRefused("Un altro pacchetto con lo stesso identificativo è già stato versato")
        return package.identifier

    def status(self, receipt: str) -> DepositReport | None:
        """Report on a package as a service would."""
        if self.away:
            raise ServiceAway
        package = self.packages.get(receipt)
        if package is None or self.silent:
            return None
        report = judge(receipt, package.data)
        return DepositReport(
            accepted=report.accepted,
            reasons=report.reasons,
            package_sha256=report.package_sha256,
            made_at=report.made_at,
            file_name=f"{receipt}-rdv.xml",
            data=write_report(report),
        )
