"""The doctor's checks for the pages of the console: those of the node, and of one body what is its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.config.administration.checkup import machine
from crinale.config.administration.checkup.examination import at_work
from crinale.config.administration.mailboxes import known
from crinale.config.administration.operators import Operator
from crinale.services.console.ports import Finding
from crinale.spine.tenancy import no_scope
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from crinale.config.administration.checkup import findings
    from crinale.config.node import NodeHome


@dataclass(frozen=True)
class NodeCheckup:
    """The checks of the node of this process."""

    home: NodeHome

    def findings(self, *, body_id: UUID) -> list[Finding]:
        """Run every check; what names another body, an area or a mailbox of one is left out."""
        quick = (machine.home_folder, machine.documents_folder, machine.disk, machine.clock_of_machine)
        with no_scope():
            foreign = _names_of_others(body_id)
            found = [one for check in quick for one in check(self.home)] + list(at_work(self.home))
        return [one for one in _for_pages(found) if not foreign.search(one.subject)]

    def vital(self) -> list[Finding]:
        """Say whether documents can be written, and whether there is room."""
        return _for_pages([*machine.documents_folder(self.home), *machine.disk(self.home)])


def _names_of_others(body_id: UUID) -> re.Pattern[str]:
    others = [area for area in tenancy.areas() if area.body_id != body_id]
    ids = {area.id for area in others}
    names = {area.code for area in others} | {area.body_ipa for area in others}
    names |= {one.view.address for one in known(Operator.at_console()) if one.area.id in ids}
    if not names:
        return re.compile(r"(?!)")
    return re.compile("|".join(rf"(?<![\w.@-]){re.escape(name)}(?![\w@-])" for name in sorted(names)))


def _for_pages(found: Iterable[findings.Finding]) -> list[Finding]:
    return [
        Finding(level=one.level.value, subject=one.subject, seen=one.seen, remedy=one.remedy) for one in found
    ]
