"""Second factors: added and removed by their owner, asked at sign-in, taken away when lost (CAD art. 64).

A wrong code counts as a failed sign-in of the same name, so guessing codes gets slower as guessing passwords
does; and a right password alone does not make failures forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from webauthn.helpers import bytes_to_base64url

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine.identity import facts, passkeys, queries, rules, second_factors
from crinale.spine.identity.actions.people import managed
from crinale.spine.identity.actions.signing_in import SignInDelayed, WrongCredentials, claim_attempt
from crinale.spine.identity.models import (
    AttemptOutcome,
    Authenticator,
    Passkey,
    Person,
    RecoveryCode,
)
from crinale.spine.identity.passkeys import Site

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from crinale.spine.identity.actor import Actor

__all__ = ["Site"]


class NothingToRecover(Conflict):
    """Add a second factor first: recovery codes are for who loses one."""


class LastFactor(Conflict):
    """A body for which you work asks for a second factor: add another one before you remove this."""


class WrongCode(WrongCredentials):
    """The code is wrong, was used already or is too old: wait for the next one."""


@dataclass(frozen=True)
class Enrolment:
    """A secret to be entered in an application: as text, as an address for a QR code, sealed to be kept."""

    secret: str
    address: str
    sealed: str


@dataclass(frozen=True)
class Challenge:
    """What the browser is asked, as JSON, and the challenge as text, to be kept in the session."""

    options: str
    challenge: str


def prepare_authenticator(*, actor: Actor, sealed: str = "", node: str = "Crinale") -> Enrolment:
    """Return a new secret, or the one sealed before: the page may be loaded twice."""
    person = _self(actor)
    secret = second_factors.unseal(sealed) if sealed else second_factors.new_secret()
    return Enrolment(
        secret=secret,
        address=second_factors.address(secret, username=person.username, node=node),
        sealed=sealed or second_factors.seal(secret),
    )


def add_authenticator(*, actor: Actor, sealed: str, code: str, name: str) -> Authenticator:
    """Add an application that has proved, by a code, to know the secret.

    :raises Invalid: when the code is not of this secret and this moment.
    """
    secret = second_factors.unseal(sealed)
    label = rules.check_label(name)
    now = clock.now()
    step = second_factors.step_of(code, secret, at=now, after=0)
    if step is None:
        raise Invalid("code", "write the six digits that the application shows now")
    with transaction.atomic():
        person = _locked(actor)
        made = Authenticator(
            person=person, name=label, secret=second_factors.seal(secret), last_step=step, created_at=now
        )
        made.save(force_insert=True)
        _tell_added(actor, person, "authenticator", label)
    return made


def ask_new_passkey(*, actor: Actor, site: Site) -> Challenge:
    """Return what the browser is asked to make a passkey."""
    person = _self(actor)
    return _kept(passkeys.ask_new(site, person, Passkey.objects.filter(person=person)))


def add_passkey(*, actor: Actor, site: Site, challenge: str, answer: str, name: str) -> Passkey:
    """Add the passkey that the browser made.

    :raises Invalid: when the answer is not one to the challenge, or the passkey is somebody's already.
    """
    label = rules.check_label(name)
    identifier, key, count = passkeys.check_new(site, answer, passkeys.challenge_from(challenge))
    with transaction.atomic():
        person = _locked(actor)
        made = Passkey(
            person=person,
            name=label,
            credential_id=identifier,
            public_key=key,
            sign_count=count,
            created_at=clock.now(),
        )
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError as error:
            raise Invalid("passkey", "this passkey is known already: use another device") from error
        _tell_added(actor, person, "passkey", label)
    return made


def remove_factor(*, actor: Actor, factor_id: UUID) -> None:
    """Take away one of one's own second factors; with the last one the recovery codes go too.

    :raises NotVisible: when it is not the actor's.
    :raises LastFactor: when it is the last, and a body of the actor's asks for one.
    """
    with transaction.atomic():
        person = _locked(actor)
        held = queries.factors(person.id)
        factor = next((one for one in held if one.id == factor_id), None)
        if factor is None:
            raise NotVisible
        if len(held) == 1:
            if queries.bodies_asking_second_factor(queries.actor_for_person(person.id)):
                raise LastFactor
            RecoveryCode.objects.filter(person=person).delete()
        model = Authenticator if factor.what == "authenticator" else Passkey
        model.objects.filter(id=factor_id).delete()
        fact = facts.FactorRemoved(
            subject_id=person.id, username=person.username, what=factor.what, name=factor.name
        )
        facts.tell(fact, actor=actor)


def reset_second_factor(*, actor: Actor, person_id: UUID, reason: str = "") -> None:
    """Take away every second factor of a person who lost them, and end his sessions.

    :param reason: how it was made sure who asked; it stands in the fact.

    :raises Forbidden: when the actor does not manage all bodies of the person, who may not be himself.
    """
    with transaction.atomic():
        person = managed(actor, person_id)
        if actor.person_id == person_id:
            raise Invalid("person", "somebody else has to reset your second factor")
        for model in (Authenticator, Passkey, RecoveryCode):
            model.objects.filter(person=person).delete()
        person.session_series += 1
        person.save(update_fields=["session_series"])
        fact = facts.FactorsReset(subject_id=person.id, username=person.username, reason=reason)
        facts.tell(fact, actor=actor)


def make_recovery_codes(*, actor: Actor) -> list[str]:
    """Make ten recovery codes in the place of those before; they are returned this once, and kept as digests.

    :raises NothingToRecover: when there is no second factor to recover.
    """
    with transaction.atomic():
        person = _locked(actor)
        if not queries.factors(person.id):
            raise NothingToRecover
        codes = second_factors.new_recovery_codes()
        RecoveryCode.objects.filter(person=person).delete()
        now = clock.now()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(
                person=person,
                digest=second_factors.recovery_digest(code, person_id=person.id),
                created_at=now,
            )
            for code in codes
        )
        facts.tell(facts.RecoveryCodesMade(subject_id=person.id, username=person.username), actor=actor)
    return codes


def second_step_by_code(*, person_id: UUID, code: str) -> None:
    """End a sign-in with the code of an application, good once, or with a recovery code.

    :raises SignInDelayed: after too many failures.
    :raises WrongCode: otherwise.
    """
    _second_step(person_id, lambda person: _takes_code(person, code) or _takes_recovery(person, code))


def ask_passkey(*, person_id: UUID, site: Site) -> Challenge | None:
    """Return what the browser is asked at sign-in; nothing for who has no passkey."""
    held = list(Passkey.objects.filter(person_id=person_id))
    return _kept(passkeys.ask_held(site, held)) if held else None


def second_step_by_passkey(*, person_id: UUID, site: Site, challenge: str, answer: str) -> None:
    """End a sign-in with a passkey of the person.

    :raises SignInDelayed: after too many failures.
    :raises WrongCode: otherwise.
    """
    _second_step(person_id, lambda person: _takes_passkey(person, site, challenge, answer))


def _second_step(person_id: UUID, accepts: Callable[[Person], bool]) -> None:
    person = Person.objects.filter(queries.present(clock.today()), id=person_id).first()
    if person is None:
        raise NotVisible
    attempt = claim_attempt(person.username)
    if attempt.outcome == AttemptOutcome.DELAYED:
        raise SignInDelayed(queries.sign_in_delay(person.username))
    with transaction.atomic():
        # One at a time for a person: the same code sent twice at once is good once.
        Person.objects.select_for_update().get(id=person_id)
        accepted = accepts(person)
        attempt.outcome = AttemptOutcome.SUCCEEDED if accepted else AttemptOutcome.FAILED
        attempt.save(update_fields=["outcome"])
    if not accepted:
        raise WrongCode


def _takes_code(person: Person, code: str) -> bool:
    for held in Authenticator.objects.filter(person=person):
        now = clock.now()
        step = second_factors.step_of(code, second_factors.unseal(held.secret), at=now, after=held.last_step)
        if step is not None:
            held.last_step, held.used_at = step, now
            held.save(update_fields=["last_step", "used_at"])
            return True
    return False


def _takes_recovery(person: Person, code: str) -> bool:
    digest = second_factors.recovery_digest(code, person_id=person.id)
    left = RecoveryCode.objects.filter(person=person, used_at=None)
    if not left.filter(digest=digest).update(used_at=clock.now()):
        return False
    fact = facts.RecoveryCodeUsed(subject_id=person.id, username=person.username, left=left.count())
    facts.tell(fact, actor=queries.actor_for_person(person.id))
    return True


def _takes_passkey(person: Person, site: Site, challenge: str, answer: str) -> bool:
    identifier = passkeys.credential_of(answer)
    held = Passkey.objects.filter(person=person, credential_id=identifier).first() if identifier else None
    if held is None:
        return False
    count = passkeys.check_held(site, held, answer, passkeys.challenge_from(challenge))
    if count is None:
        return False
    held.sign_count, held.used_at = count, clock.now()
    held.save(update_fields=["sign_count", "used_at"])
    return True


def _self(actor: Actor) -> Person:
    person = Person.objects.filter(id=actor.person_id).first() if actor.person_id else None
    if person is None:
        raise NotVisible
    return person


def _locked(actor: Actor) -> Person:
    """Return who acts, locked: two of his pages change his factors one after the other."""
    person = _self(actor)
    return Person.objects.select_for_update().get(id=person.id)


def _tell_added(actor: Actor, person: Person, what: str, name: str) -> None:
    fact = facts.FactorAdded(subject_id=person.id, username=person.username, what=what, name=name)
    facts.tell(fact, actor=actor)


def _kept(question: passkeys.Question) -> Challenge:
    return Challenge(options=question.options, challenge=bytes_to_base64url(question.challenge))
