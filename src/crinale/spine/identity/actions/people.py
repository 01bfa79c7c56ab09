"""Changes of people and their passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q

from crinale.kernel import clock
from crinale.kernel.codes import check_codice_fiscale
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine.identity import facts, passwords, permissions, queries, rules
from crinale.spine.identity.models import Credential, Grant, Person

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.identity.actor import Actor


class UsernameTaken(Conflict):
    """Somebody already signs in with this user name."""


def create_person(
    *,
    actor: Actor,
    username: str,
    name: str,
    password: str | None = None,
    tax_code: str = "",
    email: str = "",
) -> Person:
    """Add a person to the node, with a password if one is given; grants come apart.

    :raises Forbidden: when the actor manages people in no body.
    :raises UsernameTaken: when the user name is somebody's.
    """
    if not queries.manages_people_somewhere(actor):
        raise permissions.Forbidden
    person = Person(
        username=rules.check_username(username),
        name=" ".join(name.split()),
        tax_code=check_codice_fiscale(tax_code, field="tax_code") if tax_code else "",
        email=email.strip(),
        created_at=clock.now(),
    )
    if not person.name:
        raise Invalid("name", "write the person's name")
    with transaction.atomic():
        try:
            with transaction.atomic():
                person.save(force_insert=True)
        except IntegrityError as error:
            raise UsernameTaken from error
        if password is not None:
            _write_password(person, password)
        facts.tell(
            facts.PersonCreated(subject_id=person.id, username=person.username, name=person.name), actor=actor
        )
    return person


def set_password(*, actor: Actor, person_id: UUID, password: str) -> None:
    """Change a password: one's own, or that of a person whose every body the actor manages.

    :raises Forbidden: also when the person works for a body that the actor does not manage: the password of a
        colleague of another body would open that body.
    """
    with transaction.atomic():
        person = Person.objects.select_for_update().filter(id=person_id).first()
        if person is None:
            raise NotVisible
        if actor.person_id != person_id and not _manages_all_of(actor, person):
            raise permissions.Forbidden
        _write_password(person, password)
        facts.tell(facts.PasswordSet(subject_id=person_id, username=person.username), actor=actor)


def deactivate_person(*, actor: Actor, person_id: UUID) -> None:
    """Close an account; what the person did keeps the name.

    :raises Forbidden: when the person works for a body that the actor does not manage.
    """
    with transaction.atomic():
        person = managed(actor, person_id)
        person.active = False
        person.session_series += 1
        person.save(update_fields=["active", "session_series"])
        facts.tell(facts.PersonDeactivated(subject_id=person_id, username=person.username), actor=actor)


def reactivate_person(*, actor: Actor, person_id: UUID) -> Person:
    """Open a closed account again, without the roles that ended with it.

    :raises Forbidden: when the actor manages people in no body, or not in all for which the person works.
    """
    with transaction.atomic():
        person = managed(actor, person_id)
        person.active, person.left_on = True, None
        person.session_series += 1
        person.save(update_fields=["active", "left_on", "session_series"])
        facts.tell(facts.PersonReactivated(subject_id=person_id, username=person.username), actor=actor)
    return person


def managed(actor: Actor, person_id: UUID) -> Person:
    """Return a person, locked, whose every body the actor manages.

    :raises Forbidden: when there is none, or another body's administrator answers for him too.
    """
    person = Person.objects.select_for_update().filter(id=person_id).first()
    if person is None or not _manages_all_of(actor, person):
        raise permissions.Forbidden
    return person


def _write_password(person: Person, password: str) -> None:
    encoded = passwords.make(password, username=person.username, name=person.name)
    Credential.objects.update_or_create(
        person=person, defaults={"password": encoded, "changed_at": clock.now()}
    )


def _manages_all_of(actor: Actor, person: Person) -> bool:
    # Grants not yet begun count too: the password set today would open that body on their first day.
    not_over = Q(valid_to=None) | Q(valid_to__gt=clock.now())
    bodies = set(Grant.objects.filter(not_over, person=person).values_list("body_id", flat=True))
    if not bodies:
        return queries.manages_people_somewhere(actor)
    return all(permissions.allows(actor, "admin.people", body_id=body_id) for body_id in bodies)
