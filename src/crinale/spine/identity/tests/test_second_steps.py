"""What the system promises of second factors: a code is good once, and guessing gets slower and slower."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pyotp
import pytest
from django.db import connection

from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.kernel.ids import new_id
from crinale.spine.identity import Forbidden, actions, queries, second_factors
from crinale.spine.identity.models import Authenticator, RecoveryCode, SignInAttempt
from crinale.spine.identity.tests.staff import NOW, PASSWORD, SYSTEM, actor, make_person, make_town

if TYPE_CHECKING:
    from datetime import datetime

    from crinale.config.testing.databases import TestDatabase
    from crinale.spine.identity.models import Person

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def anna(db: None) -> Person:
    return make_person("anna", make_town())


def enrol(person: Person, at: datetime = NOW) -> str:
    """Give a person an authenticator; return its secret."""
    with clock.frozen(at):
        prepared = actions.prepare_authenticator(actor=actor(person))
        code = pyotp.TOTP(prepared.secret).at(at)
        actions.add_authenticator(actor=actor(person), sealed=prepared.sealed, code=code, name="Telefono")
    return prepared.secret


def answer(person: Person, code: str, at: datetime = LATER) -> str:
    with clock.frozen(at):
        try:
            actions.second_step_by_code(person_id=person.id, code=code)
        except actions.SignInDelayed as delayed:
            return f"wait {delayed.wait.total_seconds():.0f}"
        except actions.WrongCode:
            return "wrong"
    return "in"


def test_the_right_code_is_good_once(anna: Person) -> None:
    code = pyotp.TOTP(enrol(anna)).at(LATER)
    assert [answer(anna, f" {code[:3]} {code[3:]}"), answer(anna, code)] == ["in", "wrong"]


def test_the_code_of_the_enrolment_does_not_sign_in(anna: Person) -> None:
    secret = enrol(anna)
    assert answer(anna, pyotp.TOTP(secret).at(NOW), NOW) == "wrong"


@pytest.mark.parametrize(("seconds", "said"), [(-60, "wrong"), (-30, "in"), (30, "in"), (60, "wrong")])
def test_a_clock_may_be_half_a_minute_wrong(anna: Person, seconds: int, said: str) -> None:
    secret = enrol(anna, NOW - timedelta(hours=1))
    assert answer(anna, pyotp.TOTP(secret).at(NOW + timedelta(seconds=seconds)), NOW) == said


def test_an_earlier_code_is_refused_after_a_later_one(anna: Person) -> None:
    maker = pyotp.TOTP(enrol(anna))
    assert answer(anna, maker.at(LATER + timedelta(seconds=30))) == "in"
    assert answer(anna, maker.at(LATER)) == "wrong"


def test_guessing_codes_gets_slower_and_the_password_does_not_help(anna: Person) -> None:
    secret = enrol(anna)
    said = []
    with clock.frozen(LATER):
        for _ in range(3):
            actions.sign_in(username="anna", password=PASSWORD)
            said.append(answer(anna, "000000"))
        with pytest.raises(actions.SignInDelayed):
            actions.sign_in(username="anna", password=PASSWORD)
    assert said == ["wrong"] * 3
    right = pyotp.TOTP(secret).at(LATER)
    assert answer(anna, right) == "wait 5"
    assert answer(anna, right, LATER + timedelta(seconds=5)) == "in"
    assert SignInAttempt.objects.filter(outcome="half").count() == 3


def test_a_recovery_code_is_good_once_and_kept_as_a_digest(anna: Person) -> None:
    enrol(anna)
    codes = actions.make_recovery_codes(actor=actor(anna))
    assert len(set(codes)) == 10
    assert not {row.digest for row in RecoveryCode.objects.all()} & set(codes)
    assert answer(anna, codes[0].upper().replace("-", " ")) == "in"
    assert answer(anna, codes[0]) == "wrong"
    assert queries.recovery_codes_left(anna.id) == 9
    fresh = actions.make_recovery_codes(actor=actor(anna))
    assert [answer(anna, codes[1]), answer(anna, fresh[1])] == ["wrong", "in"]


def test_a_recovery_code_is_its_owner_s(anna: Person) -> None:
    bruno = make_person("bruno")
    enrol(anna)
    enrol(bruno)
    codes = actions.make_recovery_codes(actor=actor(anna))
    assert answer(bruno, codes[0]) == "wrong"


def test_without_a_factor_there_is_nothing_to_recover(anna: Person) -> None:
    with pytest.raises(actions.NothingToRecover):
        actions.make_recovery_codes(actor=actor(anna))


def test_the_secret_is_kept_encrypted(anna: Person) -> None:
    secret = enrol(anna)
    with connection.cursor() as cursor:
        cursor.execute("select secret from identity_authenticator")
        (kept,) = cursor.fetchone()
    assert secret not in kept
    assert second_factors.unseal(kept) == secret


def test_another_key_opens_no_secret(anna: Person, settings: object) -> None:
    enrol(anna)
    settings.CRINALE_FACTOR_KEY = "another"  # type: ignore[attr-defined]
    with pytest.raises(second_factors.SecretUnreadable):
        second_factors.unseal(Authenticator.objects.get().secret)


def test_a_secret_is_entered_with_a_code_of_it(anna: Person) -> None:
    prepared = actions.prepare_authenticator(actor=actor(anna))
    again = actions.prepare_authenticator(actor=actor(anna), sealed=prepared.sealed)
    assert again == prepared
    assert prepared.address.startswith("otpauth://totp/Crinale:anna?")
    with pytest.raises(Invalid, match="code"):
        actions.add_authenticator(actor=actor(anna), sealed=prepared.sealed, code="12345", name="Telefono")
    with pytest.raises(Invalid, match="name"):
        actions.add_authenticator(actor=actor(anna), sealed=prepared.sealed, code="123456", name=" ")
    assert queries.factors(anna.id) == []


def test_the_last_factor_stays_where_a_body_asks_for_one(anna: Person) -> None:
    enrol(anna)
    (factor,) = queries.factors(anna.id)
    actions.make_recovery_codes(actor=actor(anna))
    body_id = actor(anna).grants[0].body_id
    actions.set_sign_in_policy(actor=SYSTEM, body_id=body_id, second_factor_from=clock.today())
    with pytest.raises(actions.LastFactor):
        actions.remove_factor(actor=actor(anna), factor_id=factor.id)
    tomorrow = clock.today() + timedelta(days=1)
    actions.set_sign_in_policy(actor=SYSTEM, body_id=body_id, second_factor_from=tomorrow)
    actions.remove_factor(actor=actor(anna), factor_id=factor.id)
    assert (queries.factors(anna.id), queries.recovery_codes_left(anna.id)) == ([], 0)


def test_a_factor_is_its_owner_s(anna: Person) -> None:
    enrol(anna)
    (factor,) = queries.factors(anna.id)
    for factor_id in (factor.id, new_id()):
        with pytest.raises(NotVisible):
            actions.remove_factor(actor=actor(make_person(f"b{factor_id}")), factor_id=factor_id)


def test_who_lost_his_factors_is_helped_by_who_manages_all_his_bodies(anna: Person) -> None:
    enrol(anna)
    body_id = actor(anna).grants[0].body_id
    ada = make_person("ada")
    actions.grant_role(actor=SYSTEM, person_id=ada.id, body_id=body_id, role="administrator")
    enrol(ada)
    with pytest.raises(Forbidden):
        actions.reset_second_factor(actor=actor(anna), person_id=ada.id)
    with pytest.raises(Invalid, match="somebody else"):
        actions.reset_second_factor(actor=actor(ada), person_id=ada.id)
    actions.reset_second_factor(actor=actor(ada), person_id=anna.id)
    assert queries.factors(anna.id) == []
    with pytest.raises(NotVisible):
        queries.actor_for_person(anna.id, series=0)


def test_a_code_sent_twice_at_once_is_good_once(fresh_database: TestDatabase) -> None:
    import threading

    person = make_person("anna", make_town())
    code = pyotp.TOTP(enrol(person)).at(LATER)
    said: list[str] = []
    start = threading.Barrier(2)

    def send() -> None:
        try:
            start.wait()
            actions.second_step_by_code(person_id=person.id, code=code)
            said.append("in")
        except actions.WrongCode:
            said.append("wrong")
        finally:
            connection.close()

    with clock.frozen(LATER):
        threads = [threading.Thread(target=send) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(said) == ["in", "wrong"]
