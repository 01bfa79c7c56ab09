"""Whom a mail may be from and what it may be about, from what is known here; the clerk decides."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crinale.services.protocol_office.queries.reading import may
from crinale.spine.exchange import queries as exchange
from crinale.spine.protocol.queries import PartyData, similar
from crinale.spine.protocol.queries import address_book as book

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.spine.exchange.queries import AreaFound
    from crinale.spine.identity import Actor
    from crinale.spine.tenancy.queries import AreaRef

_MOST: Final = 6
# What mail programs and certified mail write before a subject.
_PREFIX: Final = re.compile(
    r"\s*(?:(?:re|r|i|fw|fwd|inoltra|rif|posta certificata|anomalia messaggio|per conto di)"
    r"(?:\[\d+\])?\s*:|\[(?:spam|extern|esterno)\])\s*",
    re.IGNORECASE,
)
_THEIR_NUMBER: Final = re.compile(
    r"\bprot(?:ocollo|\.)?\s*(?:gen(?:erale|\.)?\s*)?(?:n(?:umero|um\.|r\.|\.)?\s*[°º]?\s*)?(\d{1,7}(?:/\d{2,4})?)\b",
    re.IGNORECASE,
)
_FIRM: Final = re.compile(
    r"\b(s\.?p\.?a|s\.?r\.?l|s\.?n\.?c|s\.?a\.?s|associazione|comune|provincia|regione|ministero|azienda|asl|"
    r"consorzio|cooperativa|studio|ufficio|protocollo|istituto|unione|fondazione|ordine|agenzia|ente)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class SenderSuggested:
    """Somebody who may have written a mail, and from where that is known; ``sure`` by the very address."""

    party: PartyData
    why: str
    in_index: bool = False
    sure: bool = False

    @property
    def name(self) -> str:
        """The name to show."""
        return self.party.display_name


def plain_subject(subject: str) -> str:
    """Take off what mail programs put before a subject."""
    text = subject
    while found := _PREFIX.match(text):
        text = text[found.end() :]
    return " ".join(text.split())


def their_number(subject: str) -> str:
    """Return the number that the sender gave to the document, when its subject tells one."""
    found = _THEIR_NUMBER.search(subject)
    return found[1] if found else ""


def senders_of(*, actor: Actor, area: AreaRef, address: str, name: str) -> list[SenderSuggested]:
    """Return who may have written from an address, the likeliest first; each name once.

    The address book speaks first, then the index of the administrations, earlier documents, and in the end
    the mail itself.
    """
    found: dict[str, SenderSuggested] = {}
    for one in _known(actor, area, address, name):
        found.setdefault(one.name.casefold(), one)
    return list(found.values())[:_MOST]


def _known(actor: Actor, area: AreaRef, address: str, name: str) -> Iterator[SenderSuggested]:
    sees = may(actor, "protocol.view", area)
    if sees and address:
        for kept in book.known_as(actor=actor, email=address):
            yield _suggested(kept.party, address, _("in your address book, by this address"), sure=True)
    exact, alike = exchange.areas_by_email(address)
    for one in exact:
        yield _indexed(one, address, _("in the index of the administrations, by this address"), sure=True)
    if sees and address:
        for earlier in similar.earlier_parties(actor=actor, area_id=area.id, email=address):
            words = ngettext(
                "in %(n)d earlier document, the last of %(day)s",
                "in %(n)d earlier documents, the last of %(day)s",
                earlier.times,
            )
            why = words % {"n": earlier.times, "day": f"{earlier.last_on:%d/%m/%Y}"}
            yield _suggested(earlier.party, address, why, sure=True)
    for one in alike:
        why = _("in the index of the administrations, which writes from the same domain")
        yield _indexed(one, address, why, sure=False)
    yield _suggested(written_by(name, address), address, _("as the mail itself says"), sure=False)


def _suggested(party: PartyData, address: str, why: str, *, sure: bool) -> SenderSuggested:
    # What matters of a sender is where he wrote from; confirmations are asked of recipients.
    known = replace(party, email=party.email or address, confirm=False, for_information=False)
    return SenderSuggested(party=known, why=why, sure=sure)


def _indexed(one: AreaFound, address: str, why: str, *, sure: bool) -> SenderSuggested:
    party = PartyData(
        kind="administration",
        name=one.body_name,
        ipa_code=one.ipa_code,
        aoo_code=one.aoo_code,
        aoo_name=one.aoo_name,
        email=address,
        confirm=False,
    )
    return SenderSuggested(party=party, why=why, in_index=True, sure=sure)


def written_by(name: str, address: str) -> PartyData:
    """Make a correspondent of what a mail says of its sender: a person when it looks like one."""
    shown = " ".join(name.replace('"', " ").split())
    words = shown.split()
    if 2 <= len(words) <= 4 and "@" not in shown and not _FIRM.search(shown):
        return PartyData(
            kind="natural_person",
            first_name=" ".join(words[:-1]),
            last_name=words[-1],
            email=address,
            confirm=False,
        )
    return PartyData(kind="legal_person", name=shown or address, email=address, confirm=False)
