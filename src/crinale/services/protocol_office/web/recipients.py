"""The correspondents of a document being composed, as the page carries them from one request to the next.

Each one that was chosen travels in the form as a signed token, so that nothing is lost when the page is drawn
again, with or without scripts, and nothing of what came from the index can be changed on the way.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, cast

from django.core import signing
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crinale.services.protocol_office import queries
from crinale.services.protocol_office.web.forms import HandRecipientForm
from crinale.spine.protocol.queries import PartyData

if TYPE_CHECKING:
    from django.http import QueryDict

    from crinale.spine.exchange.actions import Way
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries.address_book import GroupView
    from crinale.spine.tenancy.queries import AreaRef
    from crinale.ui.session import StaffRequest

_SALT = "protocol_office.recipient"
_LIMIT = 100
_WAYS: Final = {
    "auto": gettext_noop("as the system finds"),
    "aoo": gettext_noop("exchange between areas"),
    "mail": gettext_noop("mail"),
    "none": gettext_noop("not from here"),
}


@dataclass(frozen=True)
class ChosenRecipient:
    """One recipient on the page."""

    party: PartyData
    in_index: bool
    way: str = "auto"  # how it is sent; the page asks it again each time

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
    """The part of the page where recipients are chosen, one by one or a group of the address book at once."""

    actor: Actor
    area: AreaRef
    chosen: list[ChosenRecipient] = field(default_factory=list)
    groups: list[GroupView] = field(default_factory=list)
    query: str = ""
    results: list[Any] = field(default_factory=list)
    known: list[queries.Found] = field(default_factory=list)
    hand: HandRecipientForm = field(default_factory=lambda: HandRecipientForm(prefix="hand"))
    announcement: str = ""
    focus_search: bool = False

    @classmethod
    def read(cls, request: StaffRequest) -> RecipientDesk:
        """Read the page as it came back; a token that was changed is left out."""
        data = request.POST
        confirm, copies, ways = set(data.getlist("confirm")), set(data.getlist("cc")), data.getlist("way")
        desk = cls(actor=request.actor, area=request.area, query=data.get("q", "").strip()[:100])
        for place, token in enumerate(data.getlist("recipient")[:_LIMIT]):
            one = ChosenRecipient.of_token(token)
            if one is None:
                continue
            asked = not one.in_index or one.key in confirm
            way = ways[place] if place < len(ways) and ways[place] in _WAYS else "auto"
            party = replace(one.party, confirm=asked, for_information=one.key in copies)
            desk.chosen.append(replace(one, party=party, way=way))
        wanted = data.getlist("group")[:_LIMIT]
        desk.groups = [one for one in desk.offered if str(one.id) in wanted] if wanted else []
        return desk

    @cached_property
    def offered(self) -> list[GroupView]:
        """The groups of the area, those that have members."""
        return [one for one in queries.groups(actor=self.actor, area=self.area) if one.members]

    def do(self, action: str, data: QueryDict) -> None:
        """Perform what a button of this part asked.

        ``add:AOO``, ``pick:ID``, ``drop:KEY``, ``hand``, ``search``, ``group``, ``drop-group:ID``.
        """
        verb, _colon, argument = action.partition(":")
        if verb in {"add", "pick"}:
            self._add(verb, argument)
        elif verb == "drop":
            self.chosen = [one for one in self.chosen if one.key != argument]
            self.announcement, self.focus_search = _("Recipient removed"), True
        elif verb == "hand":
            self._add_by_hand(data)
        elif verb == "search":
            self.results = queries.search_index(self.query)
            self.known = queries.who_is_known(actor=self.actor, area=self.area, text=self.query)
        elif verb == "group":
            self._add_group(data.get("add_group", ""))
        elif verb == "drop-group":
            self.groups = [one for one in self.groups if str(one.id) != argument]
            self.announcement, self.focus_search = _("Group removed"), True

    def add_party(self, party: PartyData, *, in_index: bool) -> None:
        """Choose a recipient, unless it is chosen already."""
        one = ChosenRecipient(party=party, in_index=in_index)
        if one.key not in {other.key for other in self.chosen}:
            self.chosen.append(one)
        self.announcement = _("Added: %(name)s") % {"name": one.name}

    def _add(self, verb: str, argument: str) -> None:
        if verb == "add":
            party = queries.indexed_party(argument)
        else:
            party = queries.kept_party(actor=self.actor, correspondent_id=argument)
        if party is not None:
            self.add_party(party, in_index=bool(party.aoo_code))
        self.query, self.results, self.focus_search = "", [], True

    def _add_group(self, group_id: str) -> None:
        found = next((one for one in self.offered if str(one.id) == group_id), None)
        if found is not None and found not in self.groups:
            self.groups.append(found)
            self.announcement = _("Added: %(name)s") % {"name": found.name}
        self.focus_search = True

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
        """Return what is registered: who was chosen, then who is in the groups and was not."""
        parties = [one.party for one in self.chosen]
        seen = {one.key for one in self.chosen}
        ids = [one.id for one in self.groups]
        for party in queries.members_of(actor=self.actor, group_ids=ids) if ids else ():
            key = ChosenRecipient(party=party, in_index=False).key
            if key not in seen:
                seen.add(key)
                parties.append(party)
        return parties

    def ways(self) -> dict[int, Way]:
        """Return how the recipients are sent to where somebody chose it, by their places."""
        return {place: cast("Way", one.way) for place, one in enumerate(self.chosen) if one.way != "auto"}

    def context(self) -> dict[str, Any]:
        """Return what the template draws."""
        chosen = {one.id for one in self.groups}
        return {
            "recipients": self.chosen,
            "groups": self.groups,
            "offered_groups": [one for one in self.offered if one.id not in chosen],
            "ways": [(code, _(words)) for code, words in _WAYS.items()],
            "query": self.query,
            "results": self.results,
            "known": self.known,
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
