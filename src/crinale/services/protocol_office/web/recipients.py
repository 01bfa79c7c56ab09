"""The correspondents of a document being composed, as the page carries them from one request to the next.

Each one that was chosen travels in the form as a signed token, so that nothing is lost when the page is drawn
again, with or without scripts, and nothing of what came from the index can be changed on the way.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.utils.translation import gettext as _

from crinale.services.protocol_office import queries
from crinale.services.protocol_office.web.forms import HandRecipientForm
from crinale.spine.protocol.queries import PartyData

if TYPE_CHECKING:
    from django.http import QueryDict

_SALT = "protocol_office.recipient"
_LIMIT = 100


@dataclass(frozen=True)
class ChosenRecipient:
    """One recipient on the page."""

    party: PartyData
    in_index: bool

    @property
    def token(self) -> str:
        """What the page carries."""
        return signing.dumps(
            {"party": self.party.as_json(), "index": self.in_index}, salt=_SALT, compress=True
        )

    @classmethod
    def of_token(cls, token: str) -> ChosenRecipient | None:
        """Read what the page carried; a token that was changed is nothing."""
        try:
            kept = signing.loads(token, salt=_SALT)
        except signing.BadSignature:
            return None
        return cls(party=PartyData.from_json(kept["party"]), in_index=kept["index"])

    @property
    def key(self) -> str:
        """What tells this recipient from the others on the page."""
        one = self.party
        return "|".join((one.kind, one.aoo_code or one.tax_code, one.display_name, one.email))[:120]

    @property
    def name(self) -> str:
        """The name to show."""
        return self.party.name or self.party.display_name

    @property
    def detail(self) -> str:
        """The second line: what identifies the recipient."""
        one = self.party
        parts = (one.aoo_name, one.ipa_code, one.aoo_code, one.tax_code, one.email, one.postal_address)
        return " · ".join(part for part in parts if part)

    @property
    def confirm(self) -> bool:
        """Whether a confirmation is asked for."""
        return self.party.confirm

    @property
    def for_information(self) -> bool:
        """Whether the recipient gets it for information only."""
        return self.party.for_information


@dataclass
class RecipientDesk:
    """The part of the page where recipients are chosen."""

    chosen: list[ChosenRecipient] = field(default_factory=list)
    query: str = ""
    results: list[Any] = field(default_factory=list)
    hand: HandRecipientForm = field(default_factory=lambda: HandRecipientForm(prefix="hand"))
    announcement: str = ""
    focus_search: bool = False

    @classmethod
    def read(cls, data: QueryDict) -> RecipientDesk:
        """Read the page as it came back; a token that was changed is left out."""
        confirm, copies = set(data.getlist("confirm")), set(data.getlist("cc"))
        desk = cls(query=data.get("q", "").strip()[:100])
        for token in data.getlist("recipient")[:_LIMIT]:
            one = ChosenRecipient.of_token(token)
            if one is None:
                continue
            asked = not one.in_index or one.key in confirm
            desk.chosen.append(
                replace(one, party=replace(one.party, confirm=asked, for_information=one.key in copies))
            )
        return desk

    def do(self, action: str, data: QueryDict) -> None:
        """Perform what a button of this part asked: ``add:AOO``, ``drop:KEY``, ``hand``, ``search``."""
        verb, _colon, argument = action.partition(":")
        if verb == "add":
            self._add(argument)
        elif verb == "drop":
            self.chosen = [one for one in self.chosen if one.key != argument]
            self.announcement, self.focus_search = _("Recipient removed"), True
        elif verb == "hand":
            self._add_by_hand(data)
        elif verb == "search":
            self.results = queries.search_index(self.query)

    def add_party(self, party: PartyData, *, in_index: bool) -> None:
        """Choose a recipient, unless it is chosen already."""
        one = ChosenRecipient(party=party, in_index=in_index)
        if one.key not in {other.key for other in self.chosen}:
            self.chosen.append(one)
        self.announcement = _("Added: %(name)s") % {"name": one.name}

    def _add(self, aoo_code: str) -> None:
        party = queries.indexed_party(aoo_code)
        if party is not None:
            self.add_party(party, in_index=True)
        self.query, self.results, self.focus_search = "", [], True

    def _add_by_hand(self, data: QueryDict) -> None:
        form = HandRecipientForm(data, prefix="hand")
        if form.is_valid():
            self.add_party(form.party(), in_index=False)
            self.focus_search = True
        else:
            self.hand = form
            self.announcement = " ".join(
                f"{form[name].label}: {error}" if name in form.fields else str(error)
                for name, errors in form.errors.items()
                for error in errors
            )

    def parties(self) -> list[PartyData]:
        """Return what is registered."""
        return [one.party for one in self.chosen]

    def context(self) -> dict[str, Any]:
        """Return what the template draws."""
        return {
            "recipients": self.chosen,
            "query": self.query,
            "results": self.results,
            "hand": self.hand,
            "announcement": self.announcement,
            "focus_search": self.focus_search,
            "index_age": queries.index_age_words(),
        }


@dataclass
class CorrespondentDesk:
    """The part of the page where the one correspondent of a document on paper may be taken from the index."""

    chosen: ChosenRecipient | None = None
    query: str = ""
    results: list[Any] = field(default_factory=list)
    announcement: str = ""
    focus_search: bool = False

    @classmethod
    def read(cls, data: QueryDict) -> CorrespondentDesk:
        """Read the page as it came back."""
        chosen = ChosenRecipient.of_token(data.get("correspondent", ""))
        return cls(chosen=chosen, query=data.get("q", "").strip()[:100])

    def do(self, action: str) -> None:
        """Perform what a button of this part asked: ``add:AOO``, ``drop:KEY``, ``search``."""
        verb, _colon, argument = action.partition(":")
        if verb == "add" and (party := queries.indexed_party(argument)):
            # A document on paper carries no request for a confirmation.
            self.chosen = ChosenRecipient(party=replace(party, confirm=False), in_index=True)
            self.announcement = _("Added: %(name)s") % {"name": self.chosen.name}
            self.query = ""
        elif verb == "drop":
            self.chosen, self.focus_search = None, True
            self.announcement = _("The body chosen from the index was removed")
        elif verb == "search":
            self.results = queries.search_index(self.query)

    @property
    def party(self) -> PartyData | None:
        """Return what is registered, unless it is written by hand."""
        return self.chosen.party if self.chosen else None

    def context(self) -> dict[str, Any]:
        """Return what the template draws."""
        return {
            "correspondent": self.chosen,
            "query": self.query,
            "results": self.results,
            "focus_search": self.focus_search,
        }
