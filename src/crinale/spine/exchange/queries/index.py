"""Questions about the index of areas: public data, so nobody needs a permission."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.functions import Length

from crinale.kernel import clock
from crinale.kernel.digests import sha256
from crinale.spine.exchange.models import IndexedArea, IndexEdition, IndexedOffice, IndexState
from crinale.spine.exchange.rules.index import folded
from crinale.spine.tenancy.statements import every

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class AreaFound:
    """An area of the index, as a recipient is picked."""

    ipa_code: str
    body_name: str
    aoo_code: str
    aoo_name: str
    endpoint: str
    emails: tuple[str, ...]
    phone: str
    responsible: str
    as_of: datetime

    @property
    def reachable(self) -> bool:
        """Whether it has an endpoint."""
        return bool(self.endpoint)


@dataclass(frozen=True, slots=True)
class OfficeFound:
    """An office of an area of the index."""

    code: str
    name: str
    emails: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IndexAge:
    """How old the node's copy of the index is, per source; ``as_of`` is None when there never was one."""

    source: str
    as_of: datetime | None
    age: timedelta | None
    rows: int
    failing_since: datetime | None
    last_error: str


# Every message asks these two, so they do not go through the ORM.
_AREA_FIELDS = tuple(field.name for field in fields(AreaFound))
_AREAS = f"""
select {", ".join(_AREA_FIELDS)} from exchange_indexedarea where aoo_code = any(%s::varchar[]) and active
"""  # noqa: S608  our own names
_PEER_AREAS = (
    "select aoo_code from exchange_indexedarea where message_fingerprints @> %s::varchar[] and active"
)
_BY_EMAIL = f"""
select {", ".join(_AREA_FIELDS)} from exchange_indexedarea
where active and exists (select from unnest(emails) as email where split_part(lower(email), '@', 2) = %s)
order by exists (select from unnest(emails) as email where lower(email) = %s) desc, aoo_code limit %s
"""  # noqa: S608  our own names
_ALIKE = 50


def _found(row: IndexedArea) -> AreaFound:
    return AreaFound(
        ipa_code=row.ipa_code,
        body_name=row.body_name,
        aoo_code=row.aoo_code,
        aoo_name=row.aoo_name,
        endpoint=row.endpoint,
        emails=tuple(row.emails),
        phone=row.phone,
        responsible=row.responsible,
        as_of=row.as_of,
    )


def _read(row: Sequence[Any]) -> AreaFound:
    named = dict(zip(_AREA_FIELDS, row, strict=True))
    return AreaFound(**{**named, "emails": tuple(named["emails"])})


def search_index(text: str, limit: int = 10) -> list[AreaFound]:
    """Return the areas whose names and codes hold all words of the text, as it is typed.

    Reachable ones first.
    """
    words = folded(text).split()[:8]
    if not words:
        return []
    matching = Q(active=True)
    for word in words:
        matching &= Q(search_text__contains=word)
    whole = " ".join(words)
    rank = Case(
        When(search_text__startswith=whole, then=Value(0)),
        When(search_text__contains=f" {whole}", then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    unreachable = Case(When(endpoint="", then=Value(1)), default=Value(0), output_field=IntegerField())
    rows = IndexedArea.objects.filter(matching).order_by(unreachable, rank, Length("search_text"), "aoo_code")
    return [_found(row) for row in rows[: max(0, min(limit, 100))]]


def areas_by_code(codes: Iterable[str]) -> dict[str, AreaFound]:
    """Return the areas of the index with these unique codes."""
    return {area.aoo_code: area for area in map(_read, every(_AREAS, [list(codes)]))}


def areas_by_email(address: str) -> tuple[list[AreaFound], list[AreaFound]]:
    """Return the areas of the index that have a mail address, and others that have one in its domain.

    A domain that more bodies share is a provider's, and says nothing.
    """
    wanted = address.strip().lower()
    domain = wanted.rpartition("@")[2]
    if not domain:
        return [], []
    found = [_read(row) for row in every(_BY_EMAIL, [domain, wanted, _ALIKE])]
    exact = [one for one in found if wanted in {email.lower() for email in one.emails}]
    others = [one for one in found if one not in exact]
    return exact, others if len({one.ipa_code for one in found}) == 1 else []


def area_of_body(ipa_code: str) -> AreaFound | None:
    """Return the area of a body that has just one in the index, else None."""
    rows = list(IndexedArea.objects.filter(ipa_code__iexact=ipa_code, active=True)[:2])
    return _found(rows[0]) if len(rows) == 1 else None


def peer_areas(certificate: bytes) -> frozenset[str]:
    """Return the codes of the areas that the index lists this message certificate (DER) for."""
    return frozenset(code for (code,) in every(_PEER_AREAS, [[sha256(certificate).hex()]]))


def offices_of_area(aoo_code: str) -> list[OfficeFound]:
    """Return the offices that the index knows in an area, by name."""
    rows = IndexedOffice.objects.filter(aoo_code=aoo_code).order_by("name")
    return [OfficeFound(code=row.code, name=row.name, emails=tuple(row.emails)) for row in rows]


def index_rows() -> list[AreaFound]:
    """Return the whole index by name of body, for the command line and the directory."""
    return [_found(row) for row in IndexedArea.objects.filter(active=True).order_by("body_name", "aoo_code")]


def index_age() -> list[IndexAge]:
    """Return how old each source of the index is, the newest first."""
    now = clock.now()
    ages = [
        IndexAge(
            source=row.source,
            as_of=row.as_of,
            age=now - row.as_of if row.as_of else None,
            rows=row.rows,
            failing_since=row.failing_since,
            last_error=row.last_error,
        )
        for row in IndexState.objects.all()
    ]
    return sorted(ages, key=lambda one: (one.as_of is None, one.age))


def edition() -> tuple[str, bytes] | None:
    """Return the newest edition that this hub published, as (digest, JSON); None before the first."""
    newest = IndexEdition.objects.order_by("-published_at", "-id").first()
    return (newest.sha256, bytes(newest.content)) if newest else None
