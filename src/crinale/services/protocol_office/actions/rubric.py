"""Keep the address book and its groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from crinale.spine.protocol.actions import address_book

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import PartyData


def add_correspondent(*, actor: Actor, party: PartyData, reason: str, another: bool) -> UUID:
    """Put somebody into the address book; return it."""
    with transaction.atomic(durable=True):
        return address_book.add_correspondent(actor=actor, party=party, reason=reason, another=another).id


def change_correspondent(
    *, actor: Actor, correspondent_id: UUID, party: PartyData, seen_version: int, reason: str
) -> None:
    """Change what is known of a correspondent; what was known before stays."""
    with transaction.atomic(durable=True):
        address_book.change_correspondent(
            actor=actor,
            correspondent_id=correspondent_id,
            party=party,
            seen_version=seen_version,
            reason=reason,
        )


def close_correspondent(*, actor: Actor, correspondent_id: UUID, reason: str) -> None:
    """Take a correspondent out of use."""
    with transaction.atomic(durable=True):
        address_book.close_correspondent(actor=actor, correspondent_id=correspondent_id, reason=reason)


def merge_correspondents(*, actor: Actor, keep_id: UUID, absorbed_id: UUID, reason: str) -> None:
    """Say that two correspondents are one; what was known of both stays."""
    with transaction.atomic(durable=True):
        address_book.merge_correspondents(
            actor=actor, keep_id=keep_id, absorbed_id=absorbed_id, reason=reason
        )


def open_group(*, actor: Actor, area_id: UUID, name: str) -> UUID:
    """Make a group of correspondents; return it."""
    with transaction.atomic(durable=True):
        return address_book.open_group(actor=actor, area_id=area_id, name=name)


def rename_group(*, actor: Actor, group_id: UUID, name: str) -> None:
    """Give a group another name."""
    with transaction.atomic(durable=True):
        address_book.rename_group(actor=actor, group_id=group_id, name=name)


def close_group(*, actor: Actor, group_id: UUID) -> None:
    """Take a group out of use."""
    with transaction.atomic(durable=True):
        address_book.close_group(actor=actor, group_id=group_id)


def change_members(*, actor: Actor, group_id: UUID, add: Sequence[UUID], remove: Sequence[UUID]) -> None:
    """Put correspondents into a group and take others out of it."""
    with transaction.atomic(durable=True):
        address_book.change_members(actor=actor, group_id=group_id, add=add, remove=remove)
