"""Keep the address book: add, change, close and merge correspondents; keep groups of them.

Nothing is overwritten: each change leaves the version before it, and registrations keep their parties as they
were. Changing it is asked of whoever may register (``protocol.register``) somewhere in the body.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine import audit
from crinale.spine.identity import permissions
from crinale.spine.protocol import facts
from crinale.spine.protocol.models import (
    Correspondent,
    CorrespondentGroup,
    CorrespondentVersion,
    GroupMember,
)
from crinale.spine.protocol.queries.address_book import (
    CorrespondentView,
    correspondent_view,
    require_book,
    same_as,
)
from crinale.spine.protocol.rules.address_book import as_kept, search_text
from crinale.spine.protocol.rules.parties import PartyData, check_party

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from crinale.spine.identity import Actor

LONGEST_REASON = 500
LONGEST_NAME = 200
MOST_MEMBERS = 5000


class AlreadyKnown(Conflict):
    """The address book has this correspondent already: open that one, or say that this is another."""


class ChangedMeanwhile(Conflict):
    """Somebody else changed this correspondent meanwhile: look at it again before you change it."""


def add_correspondent(
    *, actor: Actor, party: PartyData, reason: str = "", another: bool = False
) -> CorrespondentView:
    """Put a correspondent into the address book, checked (codice fiscale and partita IVA included).

    :param another: it is not the one with the same code, office or name that is there already.
    :raises Invalid: naming the field to correct.
    :raises AlreadyKnown: when it seems to be there already and ``another`` was not said.
    :raises NotVisible: when the actor may not change the address book.
    """
    require_book(actor, change=True)
    kept, told = as_kept(check_party(party, field="party")), _reason(reason)
    with transaction.atomic():
        if not another and same_as(kept):
            raise AlreadyKnown
        row = Correspondent(created_at=clock.now())
        _write(row, kept)
        row.save(force_insert=True)
        _version(row, kept, told, actor)
        audit.write(facts.CorrespondentAdded(subject_id=row.id), actor=actor)
        return correspondent_view(row)


def change_correspondent(
    *, actor: Actor, correspondent_id: UUID, party: PartyData, seen_version: int, reason: str = ""
) -> CorrespondentView:
    """Change what is known of a correspondent; what was known before stays as a version.

    :raises ChangedMeanwhile: when ``seen_version`` is not the last one.
    :raises Invalid: naming the field to correct.
    :raises NotVisible: when there is no such open correspondent, or the actor may not change it.
    """
    require_book(actor, change=True)
    kept, told = as_kept(check_party(party, field="party")), _reason(reason)
    with transaction.atomic():
        row = _open(correspondent_id)
        if row.version != seen_version:
            raise ChangedMeanwhile
        if row.data == kept.as_json():
            return correspondent_view(row)
        row.version += 1
        _write(row, kept)
        row.save(update_fields=["name", "data", "tax_code", "email", "ipa_code", "search_text", "version"])
        _version(row, kept, told, actor)
        audit.write(
            facts.CorrespondentChanged(subject_id=row.id, version=row.version, reason=told), actor=actor
        )
        return correspondent_view(row)


def close_correspondent(*, actor: Actor, correspondent_id: UUID, reason: str) -> None:
    """Take a correspondent out of use; it stays readable and leaves its groups.

    :raises NotVisible: when there is no such open correspondent, or the actor may not change it.
    """
    require_book(actor, change=True)
    told = _reason(reason, needed=True)
    with transaction.atomic():
        row = _open(correspondent_id)
        row.closed_at = clock.now()
        row.save(update_fields=["closed_at"])
        _leave_groups(row)
        audit.write(facts.CorrespondentClosed(subject_id=row.id, reason=told), actor=actor)


def merge_correspondents(*, actor: Actor, keep_id: UUID, absorbed_id: UUID, reason: str) -> CorrespondentView:
    """Say that two correspondents are one: ``keep_id`` stays, the other points at it and is closed.

    Its versions, and the registrations that name it, stay as they are; groups now hold the one that stays.

    :raises Invalid: when both are the same row, or no reason is given.
    :raises NotVisible: when one of them is not there any more, or the actor may not change them.
    """
    require_book(actor, change=True)
    told = _reason(reason, needed=True)
    if keep_id == absorbed_id:
        raise Invalid("absorbed", "choose another correspondent")
    with transaction.atomic():
        # locked in one order, so that two merges of the same pair wait for each other
        rows = {one: _open(one) for one in sorted((keep_id, absorbed_id))}
        kept, absorbed = rows[keep_id], rows[absorbed_id]
        absorbed.merged_into, absorbed.closed_at = kept, clock.now()
        absorbed.save(update_fields=["merged_into", "closed_at"])
        for group_id in _leave_groups(absorbed):
            GroupMember.objects.get_or_create(
                group_id=group_id, correspondent=kept, removed_at=None, defaults={"added_at": clock.now()}
            )
        audit.write(
            facts.CorrespondentsMerged(subject_id=kept.id, absorbed=absorbed.id, reason=told), actor=actor
        )
        return correspondent_view(kept)


def open_group(*, actor: Actor, area_id: UUID, name: str) -> UUID:
    """Make a group of correspondents of an area; return it.

    :raises Invalid: when the name is missing, too long or taken.
    :raises NotVisible: when the actor may not register in the area.
    """
    permissions.require(actor, "protocol.register", area_id=area_id)
    called = _group_name(area_id, name)
    with transaction.atomic():
        group = CorrespondentGroup(area_id=area_id, name=called, created_at=clock.now())
        group.save(force_insert=True)
        _tell(actor, group, "opened")
        return group.id


def rename_group(*, actor: Actor, group_id: UUID, name: str) -> None:
    """Give a group another name.

    :raises Invalid: when the name is missing, too long or taken.
    :raises NotVisible: when there is no such open group for the actor.
    """
    with transaction.atomic():
        group = _group(actor, group_id)
        group.name = _group_name(group.area_id, name, apart_from=group.id)
        group.save(update_fields=["name"])
        _tell(actor, group, "renamed")


def close_group(*, actor: Actor, group_id: UUID) -> None:
    """Take a group out of use.

    :raises NotVisible: when there is no such open group for the actor.
    """
    with transaction.atomic():
        group = _group(actor, group_id)
        group.closed_at = clock.now()
        group.save(update_fields=["closed_at"])
        _tell(actor, group, "closed")


def change_members(
    *, actor: Actor, group_id: UUID, add: Iterable[UUID] = (), remove: Iterable[UUID] = ()
) -> None:
    """Put correspondents into a group and take others out of it; who was in it, and when, stays known.

    :raises Invalid: when the group would grow too large.
    :raises NotVisible: when the group, or a correspondent to add, is not there.
    """
    now, wanted = clock.now(), set(add)
    with transaction.atomic():
        group = _group(actor, group_id)
        present = set(
            GroupMember.objects.filter(group=group, removed_at=None).values_list(
                "correspondent_id", flat=True
            )
        )
        fresh = wanted - present
        if Correspondent.objects.filter(id__in=fresh, closed_at=None).count() != len(fresh):
            raise NotVisible
        gone = (present & set(remove)) - wanted
        if len(present) + len(fresh) - len(gone) > MOST_MEMBERS:
            raise Invalid("add", f"a group has at most {MOST_MEMBERS} correspondents: make another one")
        GroupMember.objects.filter(group=group, removed_at=None, correspondent_id__in=gone).update(
            removed_at=now
        )
        members = [GroupMember(group=group, correspondent_id=one, added_at=now) for one in sorted(fresh)]
        for member in members:
            member.save(force_insert=True)
        _tell(actor, group, "members", added=len(fresh), removed=len(gone))


def _open(correspondent_id: UUID) -> Correspondent:
    row = Correspondent.objects.select_for_update().filter(id=correspondent_id, closed_at=None).first()
    if row is None:
        raise NotVisible
    return row


def _write(row: Correspondent, party: PartyData) -> None:
    row.name, row.data = party.display_name[:500], party.as_json()
    row.tax_code, row.email, row.ipa_code = party.tax_code, party.email[:254], party.ipa_code[:50]
    row.search_text = search_text(party)


def _version(row: Correspondent, party: PartyData, reason: str, actor: Actor) -> None:
    CorrespondentVersion(
        correspondent=row,
        sequence=row.version,
        name=row.name,
        data=party.as_json(),
        reason=reason,
        at=clock.now(),
        by=actor.person_id,
        by_name=actor.name[:200],
    ).save(force_insert=True)


def _leave_groups(row: Correspondent) -> list[UUID]:
    memberships = GroupMember.objects.filter(correspondent=row, removed_at=None)
    groups = list(memberships.values_list("group_id", flat=True))
    memberships.update(removed_at=clock.now())
    return groups


def _group(actor: Actor, group_id: UUID) -> CorrespondentGroup:
    group = CorrespondentGroup.objects.select_for_update().filter(id=group_id, closed_at=None).first()
    if group is None:
        raise NotVisible
    permissions.require(actor, "protocol.register", area_id=group.area_id)
    return group


def _group_name(area_id: UUID, name: str, *, apart_from: UUID | None = None) -> str:
    called = " ".join(name.split())
    if not called or len(called) > LONGEST_NAME:
        raise Invalid("name", f"give the group a name of at most {LONGEST_NAME} characters")
    taken = CorrespondentGroup.objects.filter(area_id=area_id, name=called, closed_at=None)
    if apart_from is not None:
        taken = taken.exclude(id=apart_from)
    if taken.exists():
        raise Invalid("name", "another group has this name: choose a different one")
    return called


def _tell(actor: Actor, group: CorrespondentGroup, what: str, *, added: int = 0, removed: int = 0) -> None:
    audit.write(facts.GroupChanged(subject_id=group.id, what=what, added=added, removed=removed), actor=actor)


def _reason(reason: str, *, needed: bool = False) -> str:
    told = reason.strip()
    if len(told) > LONGEST_REASON:
        raise Invalid("reason", f"shorten it to {LONGEST_REASON} characters")
    if needed and not told:
        raise Invalid("reason", "say why")
    return told
