"""Administrators in front of their pages, in two towns of one node."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from crinale.kernel import clock
from crinale.services.protocol_office.tests.desks import ROOT
from crinale.spine.exchange import actions as exchange
from crinale.spine.identity import actions as identity
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.services.console.ports import Finding
    from crinale.services.protocol_office.tests.desks import Desks
    from crinale.spine.protocol.tests.town import Town


@dataclass
class Halls:
    """Two towns, and who administers them."""

    desks: Desks

    @property
    def massa(self) -> Town:
        return self.desks.massa

    @property
    def sassetta(self) -> Town:
        return self.desks.sassetta

    def administrator(self, *towns: Town) -> Any:
        """A person who administers these towns, in all of their areas."""
        person = self.desks.person()
        for town in towns:
            identity.grant_role(actor=ROOT, person_id=person.id, body_id=town.body_id, role="administrator")
        return person

    def at(self, town: Town) -> Any:
        """A browser in which the administrator of a town works for it."""
        return self.desks.sits(self.administrator(town), town)

    def mailbox(self, town: Town) -> UUID:
        """Give a town a mailbox."""
        with scope(town.body_id):
            return exchange.create_mailbox(
                actor=ROOT,
                area_id=town.area_id,
                certified=True,
                address=f"protocollo.{town.code.lower()}@pec.example",
                imap_host="imap.example",
                smtp_host="smtp.example",
            )

    def everything_of(self, town: Town) -> dict[str, Any]:
        """One identifier of each kind that the addresses of the console take, of a town."""
        today = clock.today()
        person, colleague = self.desks.person(town, role="reader"), self.desks.person(town, role="reader")
        (grant,) = person.grants.all()
        post = identity.open_post(actor=ROOT, body_id=town.body_id, kind="head", office_id=town.office_id)
        held = identity.appoint(actor=ROOT, post_id=post.id, person_id=person.id, valid_from=today)
        away = identity.enter_absence(
            actor=ROOT,
            person_id=person.id,
            substitute_id=colleague.id,
            valid_from=today,
            valid_to=today + timedelta(days=5),
        )
        return {
            "office_id": town.office_id,
            "post_id": post.id,
            "incumbency_id": held.id,
            "person_id": person.id,
            "grant_id": grant.id,
            "absence_id": away.id,
            "mailbox_id": self.mailbox(town),
        }


@dataclass
class NodeAsSaid:
    """A checkup that finds what a test says, and counts how often it looked."""

    said: list[Finding] = field(default_factory=list)
    looked: int = 0

    def findings(self, *, body_id: UUID) -> list[Finding]:  # noqa: ARG002  what the test says, of any body
        self.looked += 1
        return self.said

    def vital(self) -> list[Finding]:
        self.looked += 1
        return self.said
