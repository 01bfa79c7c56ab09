"""What the system promises of passkeys: only the right device, for this site, this question, and once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from crinale.kernel.errors import Invalid
from crinale.spine.identity import actions, queries
from crinale.spine.identity.models import Passkey
from crinale.spine.identity.tests.device import Device
from crinale.spine.identity.tests.staff import actor, make_person, make_town

if TYPE_CHECKING:
    from crinale.spine.identity.models import Person

SITE = actions.Site("https://protocollo.example")


@pytest.fixture
def anna(db: None) -> Person:
    return make_person("anna", make_town())


def enrol(person: Person, device: Device) -> None:
    asked = actions.ask_new_passkey(actor=actor(person), site=SITE)
    actions.add_passkey(
        actor=actor(person),
        site=SITE,
        challenge=asked.challenge,
        answer=device.make(asked.options),
        name="Chiave",
    )


def sign_in(person: Person, device: Device, *, site: actions.Site = SITE) -> bool:
    asked = actions.ask_passkey(person_id=person.id, site=SITE)
    assert asked is not None
    try:
        actions.second_step_by_passkey(
            person_id=person.id, site=site, challenge=asked.challenge, answer=device.show(asked.options)
        )
    except actions.WrongCode:
        return False
    return True


def test_a_passkey_signs_in_and_its_counter_is_kept(anna: Person) -> None:
    device = Device()
    enrol(anna, device)
    device.count = 7
    assert sign_in(anna, device)
    held = Passkey.objects.get()
    assert held.sign_count == 7
    assert held.used_at is not None


def test_a_counter_that_does_not_grow_tells_of_a_copy(anna: Person) -> None:
    device = Device(count=5)
    enrol(anna, device)
    assert not sign_in(anna, device)
    device.count = 6
    assert sign_in(anna, device)
    assert not sign_in(anna, device)


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://protocollo.example.evil.example"},
        {"origin": "http://protocollo.example"},
        {"host": "evil.example"},
    ],
    ids=str,
)
def test_a_passkey_of_another_site_is_none_here(anna: Person, wrong: dict[str, str]) -> None:
    device = Device()
    with pytest.raises(Invalid, match="passkey"):
        enrol(
            anna,
            replace(device, origin=wrong.get("origin", device.origin), host=wrong.get("host", device.host)),
        )
    enrol(anna, device)
    elsewhere = replace(
        device, count=9, origin=wrong.get("origin", device.origin), host=wrong.get("host", device.host)
    )
    assert not sign_in(anna, elsewhere)


def test_an_answer_to_another_question_is_refused(anna: Person) -> None:
    device = Device()
    enrol(anna, device)
    device.count = 2
    first, second = (actions.ask_passkey(person_id=anna.id, site=SITE) for _ in range(2))
    assert first is not None
    assert second is not None
    with pytest.raises(actions.WrongCode):
        actions.second_step_by_passkey(
            person_id=anna.id, site=SITE, challenge=second.challenge, answer=device.show(first.options)
        )


def test_a_passkey_of_a_colleague_or_another_key_is_refused(anna: Person) -> None:
    device, bruno = Device(), make_person("bruno")
    enrol(anna, device)
    enrol(bruno, Device())
    device.count = 2
    assert not sign_in(bruno, device)
    assert not sign_in(anna, replace(device, key=Device().key))


def test_a_passkey_is_one_person_s(anna: Person) -> None:
    device, bruno = Device(), make_person("bruno")
    enrol(anna, device)
    with pytest.raises(Invalid, match="known already"):
        enrol(bruno, device)
    assert queries.factors(bruno.id) == []


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", '{"id": "x"}', '{"rawId": 5, "id": 5}', "\x00"])
def test_what_no_browser_says_is_refused(anna: Person, answer: str) -> None:
    enrol(anna, Device())
    asked = actions.ask_passkey(person_id=anna.id, site=SITE)
    assert asked is not None
    with pytest.raises(actions.WrongCode):
        actions.second_step_by_passkey(person_id=anna.id, site=SITE, challenge=asked.challenge, answer=answer)
    with pytest.raises(Invalid):
        actions.add_passkey(
            actor=actor(anna), site=SITE, challenge=asked.challenge, answer=answer, name="Chiave"
        )
