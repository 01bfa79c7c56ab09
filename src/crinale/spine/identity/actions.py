"""Changes of people, passwords and grants, and the sign-in of staff with name and password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q

from crinale.kernel import clock
from crinale.kernel.codes import check_codice_fiscale
from crinale.kernel.errors import Conflict, CrinaleError, Invalid, NotVisible
from crinale.spine.identity import passwords, permissions, queries, rules
from crinale.spine.identity.models import AttemptOutcome, Credential, Grant, Person, SignInAttempt

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from uuid import UUID

    from crinale.spine.identity.actor import Actor


class UsernameTaken(Conflict):
    """Somebody already signs in with this user name."""


class WrongCredentials(CrinaleError):
    """The user name or the password is wrong."""


class SignInDelayed(CrinaleError):
    """Too many attempts: wait before trying again."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.wait = wait


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


def deactivate_person(*, actor: Actor, person_id: UUID) -> None:
    """Close an account; what the person did keeps the name.

    :raises Forbidden: when the person works for a body that the actor does not manage.
    """
    with transaction.atomic():
        person = Person.objects.select_for_update().filter(id=person_id).first()
        if person is None or not _manages_all_of(actor, person):
            raise permissions.Forbidden
        person.active = False
        person.save(update_fields=["active"])


def grant_role(
    *,
    actor: Actor,
    person_id: UUID,
    body_id: UUID,
    role: str,
    area_id: UUID | None = None,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> Grant:
    """Give a person a role in a body, from now unless said otherwise.

    :raises Forbidden: when the actor does not manage the people of that body.
    :raises Invalid: when the role is none, or the area is not one of the body.
    """
    permissions.require(actor, "admin.people", body_id=body_id)
    if role not in {known.code for known in permissions.roles()}:
        raise Invalid("role", "choose one of the roles of this node")
    if area_id is not None and not queries.area_belongs(area_id=area_id, body_id=body_id):
        raise Invalid("area", "choose an area of this body")
    if not Person.objects.filter(id=person_id).exists():
        raise NotVisible
    now = clock.now()
    start = valid_from or now
    if valid_to is not None and valid_to <= start:
        raise Invalid("valid_to", "a grant ends after it begins")
    grant = Grant(
        person_id=person_id,
        body_id=body_id,
        area_id=area_id,
        role=role,
        valid_from=start,
        valid_to=valid_to,
        granted_by_id=actor.person_id,
        created_at=now,
    )
    grant.save(force_insert=True)
    return grant


def revoke_grant(*, actor: Actor, grant_id: UUID) -> Grant:
    """End a grant now; it stays as history.

    :raises Forbidden: when the actor does not manage the people of that body.
    """
    with transaction.atomic():
        grant = Grant.objects.select_for_update().filter(id=grant_id).first()
        if grant is None:
            raise NotVisible
        permissions.require(actor, "admin.people", body_id=grant.body_id)
        now = clock.now()
        if grant.valid_to is None or grant.valid_to > now:
            grant.valid_to = max(now, grant.valid_from)
            grant.save(update_fields=["valid_to"])
    return grant


def sign_in(*, username: str, password: str) -> Person:
    """Check a name and a password. An unknown name gets the same answers after the same time as a known one.

    The attempt is written before the password is looked at, in a transaction of its own: attempts made at
    once see each other, and a caller that fails later does not make them forgotten.

    :raises SignInDelayed: when the name had too many failures; it says how long to wait.
    :raises WrongCredentials: otherwise.
    """
    name = rules.normal_username(username)
    attempt = _claim_attempt(name)
    if attempt.outcome == AttemptOutcome.DELAYED:
        passwords.matches("", None)
        raise SignInDelayed(queries.sign_in_delay(name))
    credential = Credential.objects.select_related("person").filter(person__username=name).first()
    encoded = credential.password if credential is not None and credential.person.active else None
    correct = passwords.matches(password, encoded)
    attempt.outcome = AttemptOutcome.SUCCEEDED if correct else AttemptOutcome.FAILED
    attempt.save(update_fields=["outcome"])
    if credential is None or not correct:
        raise WrongCredentials
    if passwords.is_outdated(credential.password):
        credential.password = passwords.renew(password)
        credential.save(update_fields=["password"])
    return credential.person


def forget_attempts(*, before: datetime) -> int:
    """Remove the log of sign-ins older than an instant; return how many."""
    return SignInAttempt.objects.filter(at__lt=before).delete()[0]


def _claim_attempt(name: str) -> SignInAttempt:
    with transaction.atomic(durable=True):
        attempt = SignInAttempt(username=name, at=clock.now())
        attempt.save(force_insert=True)
    if queries.sign_in_delay(name, apart_from=attempt.id):
        attempt.outcome = AttemptOutcome.DELAYED
        attempt.save(update_fields=["outcome"])
    return attempt


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
