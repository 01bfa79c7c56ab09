"""People are told that something waits, once and without a word of what it is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from crinale.connectors.notice_mail.fake import KeptMail
from crinale.kernel import clock
from crinale.kernel.errors import Invalid
from crinale.spine import jobs
from crinale.spine.identity import Actor
from crinale.spine.identity.models import Absence, Grant, Person
from crinale.spine.notify import actions, queries
from crinale.spine.notify.jobs import send_due
from crinale.spine.notify.models import Notice
from crinale.spine.notify.ports import mailer
from crinale.spine.tenancy import actions as tenancy
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


@pytest.fixture
def mail() -> Iterator[KeptMail]:
    kept = KeptMail()
    with mailer.replaced(kept):
        yield kept


@pytest.fixture
def body_id(db: None) -> Iterator[UUID]:
    made = tenancy.create_body(ipa_code="c_f032", name="Comune di Massa Marittima", kind="municipality")
    with scope(made.id):
        yield made.id


def person(name: str, *, email: str = "") -> UUID:
    made = Person.objects.create(
        username=name, name=name, email=email or f"{name}@example.org", created_at=clock.now()
    )
    return made.id


def tell(*people: UUID, reference: str = "0000123/2026", **more: object) -> None:
    actions.tell(kind="assignment", object_id=uuid4(), reference=reference, people=people, **more)  # type: ignore[arg-type]


def send(body_id: UUID, *, after: timedelta = timedelta(minutes=5), since: datetime | None = None) -> None:
    with clock.frozen((since or clock.now()) + after), scope(body_id):
        send_due()
        jobs.drain(queues=["notices"])


def test_a_notice_holds_a_number_and_nothing_else(body_id: UUID, mail: KeptMail) -> None:
    tell(person("luca"))
    send(body_id)
    [sent] = mail.sent
    assert sent["To"] == "luca@example.org"
    assert sent["Subject"] == "Hai un documento assegnato"
    assert sent.get_content().splitlines() == [
        "Hai un documento assegnato in Crinale: protocollo 0000123/2026 (Comune di Massa Marittima).",
        "",
        "Entra per leggerlo.",
    ]
    send(body_id)
    assert len(mail.sent) == 1


def test_several_within_five_minutes_are_one_mail(body_id: UUID, mail: KeptMail) -> None:
    luca, start = person("luca"), clock.now()
    for minute, number in enumerate(("0000001/2026", "0000002/2026", "0000003/2026")):
        with clock.frozen(start + timedelta(minutes=minute)):
            tell(luca, reference=number)
    send(body_id, after=timedelta(minutes=4), since=start)
    assert not mail.sent
    send(body_id, since=start)
    [sent] = mail.sent
    assert sent["Subject"] == "Hai 3 documenti assegnati"
    assert sent.get_content().count("protocollo 000000") == 3


def test_the_same_thing_is_not_told_twice_while_it_waits(body_id: UUID, mail: KeptMail) -> None:
    luca, thing = person("luca"), uuid4()
    for _turn in range(2):
        actions.tell(kind="assignment", object_id=thing, reference="0000001/2026", people=[luca])
    assert Notice.objects.count() == 1


def test_offices_substitutes_and_not_who_did_it_are_told(body_id: UUID, mail: KeptMail) -> None:
    area = tenancy.create_area(body_id=body_id, code="AAAA001", name="Protocollo")
    office = tenancy.create_office(area_id=area.id, code="UFF1", name="Ufficio tecnico")
    luca, anna, ugo = person("luca"), person("anna"), person("ugo")
    now = clock.now()
    for one in (luca, anna):
        Grant.objects.create(
            person_id=one,
            body_id=body_id,
            area_id=area.id,
            office_id=office.id,
            role="reader",
            valid_from=now,
            created_at=now,
        )
    Absence.objects.create(
        person_id=luca,
        substitute_id=ugo,
        valid_from=clock.today(),
        valid_to=clock.today() + timedelta(days=1),
        created_at=now,
    )
    tell(offices=[office.id], but=anna)
    assert set(Notice.objects.values_list("person", flat=True)) == {luca, ugo}


def test_each_chooses_how_and_in_which_language(body_id: UUID, mail: KeptMail) -> None:
    never, daily = person("never"), person("daily")
    for one, delivery in ((never, "never"), (daily, "daily")):
        actor = Actor(name="", kind="staff", person_id=one)
        actions.prefer(actor=actor, delivery=delivery, language="en")
        assert queries.preference(actor) == (delivery, "en")
        with pytest.raises(Invalid):
            actions.prefer(actor=actor, delivery="by pigeon")
    evening = clock.now().astimezone(clock.ROME).replace(hour=20, minute=0)
    with clock.frozen(evening):
        tell(never, daily)
    send(body_id, after=timedelta(hours=2), since=evening)
    assert not mail.sent
    send(body_id, after=timedelta(hours=12), since=evening)
    [sent] = mail.sent
    assert sent["To"] == "daily@example.org"
    assert "You have a document assigned in Crinale: protocol 0000123/2026" in sent.get_content()


def test_a_failure_is_kept_tried_again_and_seen(body_id: UUID, mail: KeptMail) -> None:
    start = clock.now()
    with clock.frozen(start):
        tell(person("luca"))
    mail.broken = True
    send(body_id, since=start)
    assert queries.unsent().count == 1
    assert "cannot be reached" in queries.unsent().error
    send(body_id, after=timedelta(minutes=6), since=start)
    assert Notice.objects.get().attempts == 1
    mail.broken = False
    send(body_id, after=timedelta(minutes=8), since=start)
    assert len(mail.sent) == 1
    assert queries.unsent().count == 0


def test_what_is_old_is_neither_sent_nor_kept(body_id: UUID, mail: KeptMail) -> None:
    tell(person("luca"))
    send(body_id, after=timedelta(days=4))
    assert not mail.sent
    with clock.frozen(clock.now() + timedelta(days=91)):
        actions.forget()
    assert not Notice.objects.exists()


def test_without_a_mail_server_nothing_is_tried(body_id: UUID) -> None:
    tell(person("luca"))
    with clock.frozen(clock.now() + timedelta(minutes=6)):
        assert queries.due_people() == []
