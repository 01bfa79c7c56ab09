"""What earlier registrations say about a new one.

Who writes from an address, where its like was classified, whether it is here already. Every answer leaves out
the registrations that the actor may not see.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from django.db import connection

from crinale.kernel import clock
from crinale.kernel.numbers import format_number
from crinale.spine.identity import permissions
from crinale.spine.protocol.queries.visibility import own_confidential, seen_by_sql, sees_all
from crinale.spine.protocol.rules.parties import PartyData
from crinale.spine.protocol.rules.similarity import distinctive_words, near_equal
from crinale.spine.search import queries as search

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from crinale.spine.identity import Actor

Why = Literal["digest", "number", "subject"]
_NEWEST: Final = 60
_LIKE: Final = 30
_MOST: Final = 10
_RECENT: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class EarlierParty:
    """Somebody who wrote, or was written to, before: as registered the last time, and how often."""

    party: PartyData
    times: int
    last_on: date


@dataclass(frozen=True, slots=True)
class ClassificationSuggestion:
    """A heading that documents like this one were given, and why it is suggested.

    ``times`` of ``among`` documents: those ``with_correspondent``, else those with similar words in the
    subject.
    """

    code: str
    title: str
    times: int
    among: int
    with_correspondent: bool


@dataclass(frozen=True, slots=True)
class PossibleDuplicate:
    """A registration that may be the same document, and what makes it look so."""

    registration_id: UUID
    year: int
    number: int
    registered_on: date
    subject: str
    why: Why

    @property
    def number_text(self) -> str:
        """The number as written, with at least seven digits."""
        return format_number(self.number)


_EARLIER = """
select party.data::text, registration.legal_date
from protocol_party as party
join protocol_registration as registration on registration.id = party.registration_id
where party.body_id = crinale_body() and registration.area_id = %s and registration.state <> 'being_sealed'
    and {key} and {seen}
order by party.registration_id desc
limit %s
"""
_OF_CORRESPONDENT = """
select heading.code, heading.title
from protocol_party as party
join protocol_registration as registration on registration.id = party.registration_id
join records_classificationentry as heading on heading.id = registration.current_classification_id
join records_filingplan as plan on plan.id = heading.plan_id
where party.body_id = crinale_body() and registration.area_id = %s and registration.annulled_at is null
    and registration.state <> 'being_sealed' and {key} and {seen}
    and plan.valid_from <= %s and (plan.valid_to is null or plan.valid_to > %s)
order by party.registration_id desc
limit %s
"""
_HEADINGS_OF = """
select heading.code, heading.title
from protocol_registration as registration
join records_classificationentry as heading on heading.id = registration.current_classification_id
join records_filingplan as plan on plan.id = heading.plan_id
where registration.id = any(%s::uuid[]) and registration.body_id = crinale_body()
    and registration.annulled_at is null and {seen}
    and plan.valid_from <= %s and (plan.valid_to is null or plan.valid_to > %s)
"""
_ROW = (
    "registration.id, registration.year, registration.number, registration.legal_date, registration.subject"
)
_SAME_FILES = f"""
select distinct {_ROW}
from records_document as document
join protocol_enclosure as enclosure on enclosure.document_id = document.id
join protocol_registration as registration on registration.id = enclosure.registration_id
where document.body_id = crinale_body() and document.sha256 = any(%s::varchar[])
    and registration.area_id = %s and registration.state <> 'being_sealed' and {{seen}}
order by registration.id desc limit %s
"""  # noqa: S608  our own column names
_SAME_NUMBER = f"""
select {_ROW}
from protocol_registration as registration
where registration.body_id = crinale_body() and registration.area_id = %s
    and registration.received_number = %s and registration.received_ipa_code = any(%s::varchar[])
    and (%s::date is null or registration.received_date is null or registration.received_date = %s)
    and registration.state <> 'being_sealed' and {{seen}}
order by registration.id desc limit %s
"""  # noqa: S608  as above
_RECENT_OF = f"""
select {_ROW}
from protocol_party as party
join protocol_registration as registration on registration.id = party.registration_id
where party.body_id = crinale_body() and registration.area_id = %s and registration.legal_date >= %s
    and registration.annulled_at is null and registration.state <> 'being_sealed' and {{key}} and {{seen}}
order by party.registration_id desc limit %s
"""  # noqa: S608  as above


def earlier_parties(
    *, actor: Actor, area_id: UUID, email: str = "", tax_code: str = ""
) -> list[EarlierParty]:
    """Return who wrote or was written to under an address or a code, the most frequent first.

    :raises NotVisible: when the actor may not see the area's registrations.
    """
    permissions.require(actor, "protocol.view", area_id=area_id)
    key, wanted = _key(email=email, tax_code=tax_code)
    if not key:
        return []
    seen, allowed = seen_by_sql(actor, area_id, registration="registration")
    rows = _ask(_EARLIER.format(key=key, seen=seen), [area_id, *wanted, *allowed, _NEWEST])
    found: dict[str, tuple[PartyData, date]] = {}
    times: Counter[str] = Counter()
    for data, day in rows:
        party = PartyData.from_json(_json(data))
        name = party.display_name.casefold()
        times[name] += 1
        found.setdefault(name, (party, day))
    return [EarlierParty(found[name][0], count, found[name][1]) for name, count in times.most_common(_MOST)]


def classification_suggestions(
    *, actor: Actor, area_id: UUID, subject: str = "", email: str = "", tax_code: str = ""
) -> list[ClassificationSuggestion]:
    """Suggest headings of the plan in force, the likeliest first; each says what it rests on.

    The newest documents with the same correspondent speak first, then those with the same words.

    :raises NotVisible: when the actor may not see the area's registrations.
    """
    permissions.require(actor, "protocol.view", area_id=area_id)
    seen, allowed = seen_by_sql(actor, area_id, registration="registration")
    today = clock.today()
    suggested: dict[str, ClassificationSuggestion] = {}
    key, wanted = _key(email=email, tax_code=tax_code)
    if key:
        sql = _OF_CORRESPONDENT.format(key=key, seen=seen)
        rows = _ask(sql, [area_id, *wanted, *allowed, today, today, _NEWEST])
        _count(suggested, rows, with_correspondent=True)
    ids = _similar(actor, area_id, subject)
    if ids:
        rows = _ask(_HEADINGS_OF.format(seen=seen), [ids, *allowed, today, today])
        _count(suggested, rows, with_correspondent=False)
    return list(suggested.values())[:3]


def possible_duplicates(
    *,
    actor: Actor,
    area_id: UUID,
    sha256: Sequence[str] = (),
    received_number: str = "",
    received_date: date | None = None,
    ipa_code: str = "",
    subject: str = "",
    email: str = "",
    tax_code: str = "",
) -> list[PossibleDuplicate]:
    """Return the registrations that may be this document already.

    They have the same file, the same number at the sender, or a nearly equal subject of the same
    correspondent within 60 days.

    :raises NotVisible: when the actor may not see the area's registrations.
    """
    permissions.require(actor, "protocol.view", area_id=area_id)
    seen, allowed = seen_by_sql(actor, area_id, registration="registration")
    found: dict[UUID, PossibleDuplicate] = {}

    def note(rows: list[tuple[Any, ...]], why: Why) -> None:
        for row in rows:
            identifier, year, number, day, text = row
            found.setdefault(identifier, PossibleDuplicate(identifier, year, number, day, text, why))

    if sha256:
        note(_ask(_SAME_FILES.format(seen=seen), [list(sha256), area_id, *allowed, _MOST]), "digest")
    if received_number:
        codes = list({ipa_code, ""})
        about = [area_id, received_number, codes, received_date, received_date, *allowed, _MOST]
        note(_ask(_SAME_NUMBER.format(seen=seen), about), "number")
    key, wanted = _key(email=email, tax_code=tax_code)
    if key and subject.strip():
        since = clock.today() - _RECENT
        rows = _ask(_RECENT_OF.format(key=key, seen=seen), [area_id, since, *wanted, *allowed, _NEWEST])
        note([row for row in rows if near_equal(row[4], subject)], "subject")
    return list(found.values())[:_MOST]


def _key(*, email: str, tax_code: str) -> tuple[str, list[str]]:
    """Return the condition that finds the parties of a correspondent by an index, the surest code first."""
    if tax_code:
        return "party.tax_key = %s", [tax_code.upper()]
    if email:
        return "party.email_key = %s", [email.lower()]
    return "", []


def _similar(actor: Actor, area_id: UUID, subject: str) -> list[UUID]:
    """Find the newest registrations whose subjects share the most distinctive words, fewer and fewer."""
    words = distinctive_words(subject)
    own = own_confidential(actor, area_id) if words else []
    for count in range(len(words), 0, -1):
        hits = search.find(
            area_ids=[area_id],
            text=" ".join(words[:count]),
            limit=_LIKE,
            include_restricted=sees_all(actor, area_id),
            own=own,
        )
        found = [hit.object_id for hit in hits if hit.kind == "registration"]
        if len(found) >= 3 or (found and count == 1):
            return found
    return []


def _count(
    suggested: dict[str, ClassificationSuggestion], rows: list[tuple[Any, ...]], *, with_correspondent: bool
) -> None:
    for (code, title), times in Counter((row[0], row[1]) for row in rows).most_common(_MOST):
        suggested.setdefault(
            code, ClassificationSuggestion(code, title, times, len(rows), with_correspondent)
        )


def _ask(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _json(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found
