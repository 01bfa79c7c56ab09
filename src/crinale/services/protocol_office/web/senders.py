"""The senders of a document that arrived: found by typing, chosen one by one, or written by hand.

Who was chosen travels in the form as a signed token (see :mod:`~.recipients`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from crinale.services.protocol_office import queries
from crinale.services.protocol_office.web.recipients import ChosenRecipient

if TYPE_CHECKING:
    from django.http import QueryDict

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import PartyData
    from crinale.spine.tenancy.queries import AreaRef

_MOST = 100


@dataclass
class SenderDesk:
    """The part of the page where senders are chosen."""

    actor: Actor
    area: AreaRef
    chosen: list[ChosenRecipient] = field(default_factory=list)
    query: str = ""
    results: list[queries.Found] = field(default_factory=list)
    announcement: str = ""
    just_chosen: bool = False
    nobody: bool = False

    @classmethod
    def read(cls, actor: Actor, area: AreaRef, data: QueryDict) -> SenderDesk:
        """Read the page as it came back; a token that was changed is left out."""
        found = map(ChosenRecipient.of_token, data.getlist("correspondent")[:_MOST])
        chosen = [one for one in found if one is not None]
        return cls(actor=actor, area=area, chosen=chosen, query=data.get("q", "").strip()[:100])

    def do(self, action: str) -> None:
        """Perform what a button asked: ``pick:ID``, ``add:AOO``, ``drop:KEY``, ``search``."""
        verb, _colon, argument = action.partition(":")
        if verb in {"pick", "add"}:
            self._choose(verb, argument)
        elif verb == "drop":
            self.chosen = [one for one in self.chosen if one.key != argument]
            self.announcement = _("Sender removed")
        elif verb == "search":
            self.look()

    def look(self) -> None:
        """Look for who was typed; the only one who answers is chosen at once."""
        self.results = queries.who(actor=self.actor, area=self.area, text=self.query)
        if len(self.results) == 1:
            verb, _colon, argument = self.results[0].do.partition(":")
            self._choose(verb, argument)
        self.nobody = bool(self.query) and not self.results and not self.just_chosen

    def add(self, party: PartyData, *, in_index: bool = False) -> None:
        """Choose somebody, unless he is chosen already."""
        # A document on paper carries no request for a confirmation.
        one = ChosenRecipient(party=replace(party, confirm=False), in_index=in_index)
        if one.key not in {other.key for other in self.chosen}:
            self.chosen.append(one)
        self.announcement = _("Added: %(name)s") % {"name": one.name}
        self.query, self.results, self.just_chosen = "", [], True

    def _choose(self, verb: str, argument: str) -> None:
        if verb == "add":
            party = queries.indexed_party(argument)
        else:
            party = queries.kept_party(actor=self.actor, correspondent_id=argument)
        if party is not None:
            self.add(party, in_index=verb == "add")

    @property
    def parties(self) -> list[PartyData]:
        """Return who was chosen."""
        return [one.party for one in self.chosen]

    def context(self) -> dict[str, Any]:
        """Return what the template draws."""
        return {
            "senders": self.chosen,
            "query": self.query,
            "results": self.results,
            "nobody": self.nobody,
            "just_chosen": self.just_chosen,
        }
