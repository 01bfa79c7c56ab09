"""The sign-in of staff: with name and password, or through the OpenID provider of a body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from crinale.kernel import clock
from crinale.kernel.errors import CrinaleError, NotVisible
from crinale.spine.identity import facts, passwords, queries, rules
from crinale.spine.identity.actions.people import managed
from crinale.spine.identity.models import AttemptOutcome, Credential, Grant, Person, SignInAttempt
from crinale.spine.identity.ports import single_sign_on
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from uuid import UUID

    from crinale.spine.identity.actor import Actor
    from crinale.spine.identity.ports import Departure
    from crinale.spine.tenancy.queries import BodyRef


class WrongCredentials(CrinaleError):
    """The user name or the password is wrong."""


class UnknownHere(CrinaleError):
    """Your body confirmed who you are, but you hold no role here: ask whoever manages its people."""


class SignInDelayed(CrinaleError):
    """Too many attempts: wait before trying again."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.wait = wait


def sign_in(*, username: str, password: str) -> Person:
    """Check a name and a password. An unknown name gets the same answers after the same time as a known one.

    The attempt is written before the password is looked at, in a transaction of its own: attempts made at
    once see each other, and a caller that fails later does not make them forgotten. Who has a second
    factor is not signed in yet: see :mod:`crinale.spine.identity.actions.second_steps`.

    :raises SignInDelayed: when the name had too many failures; it says how long to wait.
    :raises WrongCredentials: otherwise.
    """
    name = rules.normal_username(username)
    attempt = claim_attempt(name)
    if attempt.outcome == AttemptOutcome.DELAYED:
        passwords.matches("", None)
        raise SignInDelayed(queries.sign_in_delay(name))
    credential = Credential.objects.select_related("person").filter(person__username=name).first()
    encoded = credential.password if credential is not None and credential.person.active else None
    correct = passwords.matches(password, encoded)
    if credential is not None and credential.person.left_on is not None:
        correct = correct and credential.person.left_on > clock.today()
    attempt.outcome = _outcome(credential) if correct else AttemptOutcome.FAILED
    attempt.save(update_fields=["outcome"])
    if credential is None or not correct:
        raise WrongCredentials
    if passwords.is_outdated(credential.password):
        credential.password = passwords.renew(password)
        credential.save(update_fields=["password"])
    return credential.person


def prove_again(*, actor: Actor, password: str) -> None:
    """Check the password of who is signed in, before he changes what protects him.

    :raises SignInDelayed: as in :func:`sign_in`, whose failures these count with.
    :raises WrongCredentials: otherwise.
    """
    person = Person.objects.filter(id=actor.person_id).first() if actor.person_id else None
    if person is None:
        raise WrongCredentials
    sign_in(username=person.username, password=password)


def sign_in_by_provider(
    *, code: str, departure: Departure, answer: str, redirect_uri: str
) -> tuple[Person, BodyRef, bool]:
    """Sign in whom the OpenID provider of a body confirmed: the person, for which body only, how surely.

    A provider vouches for people in its own body, and never gives a role: the person must hold one there.

    :raises ProviderRefused: when it confirmed nobody.
    :raises UnknownHere: when it confirmed somebody who holds no role in the body.
    """
    provider = next((one for one in single_sign_on.get().providers() if one.code == code), None)
    body = tenancy.body_by_ipa_code(code)
    if provider is None or body is None:
        raise NotVisible
    confirmed = single_sign_on.get().arrive(code, departure, answer=answer, redirect_uri=redirect_uri)
    matching = Q(**{f"{provider.matches}__iexact": confirmed.value.strip()})
    working = Grant.objects.filter(queries.in_force(clock.now()), body_id=body.id).values("person_id")
    known = (
        list(Person.objects.filter(matching, queries.present(clock.today()), id__in=working)[:2])
        if confirmed.value.strip()
        else []
    )
    if len(known) != 1:
        raise UnknownHere
    SignInAttempt(username=known[0].username, at=clock.now(), outcome=AttemptOutcome.HALF).save(
        force_insert=True
    )
    return known[0], body, confirmed.strong


def end_sessions(*, actor: Actor, person_id: UUID) -> int:
    """End every session of a person, one's own or of whom the actor manages; return the new series."""
    with transaction.atomic():
        if actor.person_id == person_id:
            person = Person.objects.select_for_update().get(id=person_id)
        else:
            person = managed(actor, person_id)
        person.session_series += 1
        person.save(update_fields=["session_series"])
        facts.tell(facts.SessionsEnded(subject_id=person_id, username=person.username), actor=actor)
    return person.session_series


def forget_attempts(*, before: datetime) -> int:
    """Remove the log of sign-ins older than an instant; return how many."""
    return SignInAttempt.objects.filter(at__lt=before).delete()[0]


def claim_attempt(name: str) -> SignInAttempt:
    with transaction.atomic(durable=True):
        attempt = SignInAttempt(username=name, at=clock.now())
        attempt.save(force_insert=True)
    if queries.sign_in_delay(name, apart_from=attempt.id):
        attempt.outcome = AttemptOutcome.DELAYED
        attempt.save(update_fields=["outcome"])
    return attempt


def _outcome(credential: Credential | None) -> AttemptOutcome:
    """A right password is half a sign-in for who has a second factor."""
    if credential is not None and queries.factors(credential.person_id):
        return AttemptOutcome.HALF
    return AttemptOutcome.SUCCEEDED
