"""Certified mail in the exchange: it is sent with its segnatura, its receipts find it, answers come back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.kernel.ids import new_id
from crinale.spine import tenancy
from crinale.spine.audit.verification import Section
from crinale.spine.exchange import actions, queries
from crinale.spine.exchange.actions.mail_course import follow
from crinale.spine.exchange.mail_ports import postman
from crinale.spine.exchange.models import IndexedArea, Mail, MailSighting, Message
from crinale.spine.exchange.rules.mail import message_id_for
from crinale.spine.exchange.tests import post
from crinale.spine.exchange.tests.post import CITIZEN, MASSA, SASSETTA, Crash, PostOffice, out_of_order
from crinale.spine.exchange.tests.test_retries import lose_all_jobs
from crinale.spine.exchange.verification import verify_messages
from crinale.spine.protocol import queries as protocol
from crinale.spine.protocol.rules.legacy_segnatura import parse_any_segnatura
from crinale.spine.protocol.tests.town import SYSTEM, citizen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from pytest_django import DjangoAssertNumQueries

    from crinale.spine.exchange.queries import MessageRow
    from crinale.spine.exchange.tests.pair import Pair
    from crinale.spine.protocol.rules.parties import PartyData
    from crinale.spine.protocol.tests.town import Town
    from crinale.spine.protocol.views import RegistrationView

pytestmark = pytest.mark.django_db


@dataclass
class Towns:
    """Two towns with a certified mailbox each; Sassetta has no endpoint, so it is written to by mail."""

    pair: Pair
    office: PostOffice
    massa_box: UUID
    sassetta_box: UUID

    def send(self, **changes: Any) -> RegistrationView:
        return self.pair.send(**changes)

    def fetch(self, *, twice: bool = True) -> None:
        """Send what is ready, then fetch both boxes, until nothing more comes of it."""
        for _ in range(3 if twice else 1):
            self.pair.run()
            for town, box in ((self.pair.massa, self.massa_box), (self.pair.sassetta, self.sassetta_box)):
                with tenancy.scope(town.body_id):
                    actions.fetch_mail(mailbox_id=box)
        self.pair.run()

    def sent(self, view: RegistrationView) -> MessageRow:
        return self.pair.sent(view.id)

    def kinds(self, message: MessageRow) -> list[str]:
        town = self.pair.massa if message.direction == "out" else self.pair.sassetta
        return [one.kind for one in self.pair.story(town, message.id)]


@pytest.fixture
def towns(pair: Pair) -> Iterator[Towns]:
    office = PostOffice()
    pair.list_area(pair.massa, emails=(MASSA,))
    pair.list_area(pair.sassetta, emails=(SASSETTA,))
    IndexedArea.objects.filter(aoo_code=pair.sassetta.code).update(endpoint="")  # an import keeps an address
    with postman.replaced(office):
        yield Towns(pair, office, post.open_box(pair.massa, MASSA), post.open_box(pair.sassetta, SASSETTA))


@pytest.mark.parametrize("writes", ["60/2013", "2001/2009", "appendix_c"])
def test_a_document_travels_by_mail_and_its_number_comes_back(towns: Towns, writes: str) -> None:
    with tenancy.scope(towns.pair.massa.body_id):
        actions.set_mail_habit(actor=SYSTEM, kind="domain", value="pec.sassetta.example.it", writes=writes)
    view = towns.send()
    assert towns.sent(view).channel == "pec"
    towns.fetch()
    sent, (received,) = towns.sent(view), towns.pair.received()
    assert (sent.state, received.state, received.channel) == ("registered", "registered", "pec")
    assert sent.recipient_identifier is not None
    assert received.recipient_identifier is not None
    assert sent.recipient_identifier.number == received.recipient_identifier.number
    name, xml = towns.office.sent[0].protocol_file or ("", b"")
    assert name == "Segnatura.xml"
    assert parse_any_segnatura(xml).identifier.number == view.identifier.number
    assert towns.kinds(sent)[:4] == ["sealed", "handed_over", "taken", "delivered"]
    assert towns.kinds(sent)[4:] == ["registered"]
    assert received.registration_id is not None
    with tenancy.scope(towns.pair.sassetta.body_id):
        there = protocol.registration(actor=SYSTEM, registration_id=received.registration_id)
    assert there.channel == "pec"
    assert [one.sha256 for one in there.documents] == [one.sha256 for one in view.documents]
    assert not any(towns.office.in_transaction)


def test_every_receipt_is_proven_by_its_mail_and_told_in_words(towns: Towns) -> None:
    view = towns.send()
    towns.fetch()
    story = towns.pair.story(towns.pair.massa, towns.sent(view).id)
    assert all(len(one.envelopes) == 1 for one in story if one.kind != "sealed")
    assert all(one.sentence and one.template != one.kind for one in story)
    with tenancy.scope(towns.pair.massa.body_id):
        taken = next(one for one in story if one.kind == "taken")
        kept = queries.envelope(actor=SYSTEM, envelope_id=taken.envelopes[0].id)
        assert kept.file_name.endswith(".eml")
        with kept.stream as stream:
            assert b"acceptance" in stream.read()
    section = Section(name="exchange")
    verify_messages(section)
    assert not section.findings


def test_receipts_before_the_sending_is_known_here_tie_and_it_is_sent_under_the_same_name(
    towns: Towns,
) -> None:
    towns.office.crash_after_sending = True
    view = towns.send()
    with pytest.raises(Crash):
        towns.pair.run()
    with tenancy.scope(towns.pair.massa.body_id):
        actions.fetch_mail(mailbox_id=towns.massa_box)
    assert towns.sent(view).state == "accepted"
    assert towns.sent(view).errand == ""
    towns.fetch()
    assert towns.sent(view).state == "registered"
    assert len(towns.office.sent) == 2  # the document once, and the confirmation of the other side


def test_what_is_sent_again_after_a_crash_is_the_same_mail_and_is_registered_once(towns: Towns) -> None:
    towns.office.crash_after_sending = True
    view = towns.send()
    with pytest.raises(Crash):
        towns.pair.run()
    lose_all_jobs()  # the one that broke waits for a second of the real clock
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        towns.pair.tick()
        names = [one.message_id for one in towns.office.sent]
        assert len(names) == 2
        assert names[0] == names[1]
        towns.fetch()
    assert len(towns.pair.received()) == 1
    assert towns.sent(view).state == "registered"


@pytest.mark.parametrize("order", [("non_delivery", "acceptance"), ("acceptance", "non_delivery")])
def test_a_delivery_that_is_refused_after_acceptance_stops_the_message_where_people_look(
    towns: Towns, order: tuple[str, ...]
) -> None:
    towns.office.says = order
    view = towns.send()
    towns.fetch()
    sent = towns.sent(view)
    assert (sent.state, sent.stuck, sent.can_retry) == ("failed", True, True)
    assert sent.reason == "casella inesistente"
    assert [(one.kind, one.blocking) for one in sent.incidents] == [("not_delivered", True)]
    towns.office.says = ("acceptance", "delivery")
    with tenancy.scope(towns.pair.massa.body_id):
        actions.retry_now(actor=SYSTEM, message_id=sent.id)
    towns.fetch()
    assert towns.sent(view).state == "registered"
    assert towns.sent(view).incidents[0].closed_at is not None


def test_a_mail_that_the_provider_does_not_take_is_refused_at_the_door(towns: Towns) -> None:
    towns.office.says = ("non_acceptance",)
    view = towns.send()
    towns.fetch()
    assert (towns.sent(view).state, towns.sent(view).can_retry) == ("refused", True)


def test_receipts_that_do_not_come_within_a_day_are_an_incident(towns: Towns) -> None:
    towns.office.says = ()
    view = towns.send()
    towns.fetch()
    assert towns.sent(view).state == "handed_over"
    day = clock.now() + timedelta(hours=24, minutes=1)
    with clock.frozen(day):
        towns.pair.tick()
        assert [one.kind for one in towns.sent(view).incidents] == ["acceptance_overdue"]
        towns.office.put(MASSA, post.receipt("acceptance", towns.office.sent[0].message_id))
        towns.fetch()
        sent = towns.sent(view)
        assert sent.state == "taken"
        assert sent.incidents[0].closed_at is not None
    with clock.frozen(day + timedelta(hours=25)):
        towns.pair.tick()
        assert [one.kind for one in towns.sent(view).incidents] == ["acceptance_overdue", "delivery_overdue"]
        assert towns.sent(view).can_retry


def test_an_ordinary_address_gives_no_proof_of_delivery_and_is_not_waited_for(towns: Towns) -> None:
    towns.office.says = ()
    view = towns.send(recipients=[citizen_at(CITIZEN)])
    towns.pair.run()
    name = towns.office.sent[0].message_id
    towns.office.put(MASSA, post.receipt("acceptance", name, to=CITIZEN, ordinary=True))
    towns.fetch()
    assert towns.sent(view).state == "sent"
    assert towns.office.sent[0].protocol_file is None  # no administration, no segnatura
    with tenancy.scope(towns.pair.massa.body_id):
        counts = queries.queue_counts(actor=SYSTEM, area_id=towns.pair.massa.area_id)
    assert counts["waiting_confirmation"] == 0


def citizen_at(address: str) -> PartyData:
    return replace(citizen(), email=address)


def test_a_citizen_is_delivered_to_and_nothing_more_is_awaited(towns: Towns) -> None:
    view = towns.send(recipients=[citizen_at(CITIZEN)])
    towns.fetch()
    assert towns.sent(view).state == "delivered"


def test_a_receipt_of_an_unknown_message_is_kept_and_tied_when_the_message_appears(towns: Towns) -> None:
    future = new_id()
    towns.office.put(MASSA, post.receipt("acceptance", message_id_for(future, "document", MASSA)))
    towns.fetch()
    (row,) = post.waiting(towns.pair.massa)
    assert (row.state, row.kind) == ("unmatched", "acceptance")
    with tenancy.scope(towns.pair.massa.body_id):
        counts = queries.mail_counts(actor=SYSTEM, area_id=towns.pair.massa.area_id)
        assert (counts.unmatched, counts.total) == (1, 1)
    towns.office.says = ()
    view = towns.send()
    with tenancy.scope(towns.pair.massa.body_id):
        assert actions.match_again() == 0
        kept = Message.objects.get(registration_id=view.id)
    copied = {field.attname: getattr(kept, field.attname) for field in Message._meta.concrete_fields}
    copied |= {"id": future, "mail_message_id": message_id_for(future, "document", MASSA)}
    with tenancy.scope(towns.pair.massa.body_id):
        Message(**{**copied, "address": "other@pec.example.it", "receipts_count": 0}).save(force_insert=True)
        assert actions.match_again() == 1
        assert Mail.objects.get(id=row.id).tied_to_id == future
        assert Message.objects.get(id=future).state == "taken"


def test_a_receipt_that_no_trusted_provider_signed_proves_nothing(towns: Towns) -> None:
    towns.office.says = ()
    view = towns.send()
    towns.pair.run()
    towns.office.put(MASSA, post.receipt("delivery", towns.office.sent[0].message_id, trusted=False))
    towns.fetch()
    assert towns.sent(view).state == "handed_over"
    (row,) = post.waiting(towns.pair.massa)
    assert row.reason
    assert row.state == "unmatched"


def test_a_confirmation_from_another_address_does_not_count(towns: Towns) -> None:
    view = towns.send()
    towns.pair.run()
    towns.pair.by_clerk()
    towns.fetch()
    (received,) = towns.pair.received()
    with tenancy.scope(towns.pair.sassetta.body_id):
        actions.register_waiting(actor=SYSTEM, message_id=received.id, classification="6.10")
    towns.pair.run()
    confirmation = towns.office.sent[-1]
    towns.office.boxes[MASSA] = [one for one in towns.office.boxes[MASSA] if b"Conferma.xml" not in one]
    towns.office.put(MASSA, post.arrived("impostor@pec.example.it", confirmation))
    towns.fetch()
    assert towns.sent(view).state == "accepted"
    (row,) = post.waiting(towns.pair.massa)
    assert (row.state, row.sender_address) == ("unmatched", "impostor@pec.example.it")


def test_a_refusal_by_the_clerk_goes_back_as_an_exception_with_its_reason(towns: Towns) -> None:
    towns.pair.by_clerk()
    view = towns.send(confirm=False)
    towns.fetch()
    (received,) = towns.pair.received()
    with tenancy.scope(towns.pair.sassetta.body_id):
        actions.refuse_waiting(actor=SYSTEM, message_id=received.id, reason="Non di competenza")
    towns.fetch()
    assert (towns.sent(view).state, towns.sent(view).reason) == ("refused", "Non di competenza")
    assert towns.office.sent[-1].protocol_file is not None
    assert towns.office.sent[-1].protocol_file[0] == "Eccezione.xml"


def test_an_annulment_is_told_by_mail(towns: Towns) -> None:
    view = towns.send()
    towns.fetch()
    with tenancy.scope(towns.pair.massa.body_id):
        actions.annul(actor=SYSTEM, registration_id=view.id, act="Determina 12", reason="Errore")
    towns.fetch()
    (received,) = towns.pair.received()
    assert received.annulment == "there"
    assert towns.sent(view).annulment == "notified"


def test_a_document_that_the_exchange_could_not_deliver_goes_by_mail(towns: Towns) -> None:
    towns.pair.list_area(towns.pair.sassetta, emails=(SASSETTA,))
    towns.pair.wire.fail(*["timeout"] * 4)
    view = towns.send()
    towns.pair.run()
    for hours in (2, 4, 8):
        with clock.frozen(clock.now() + timedelta(hours=hours, minutes=1)):
            towns.pair.tick()
    assert towns.sent(view).state == "failed"
    with tenancy.scope(towns.pair.massa.body_id):
        sent = actions.send_by_mail(actor=SYSTEM, registration_id=view.id, address=SASSETTA)
        with pytest.raises(Conflict):
            actions.send_by_mail(actor=SYSTEM, registration_id=view.id, address=SASSETTA)
    towns.fetch()
    with tenancy.scope(towns.pair.massa.body_id):
        rows = queries.messages_of_registration(actor=SYSTEM, registration_id=view.id)
    assert {one.id: one.state for one in rows}[sent] == "registered"
    assert {one.channel for one in rows} == {"aoo", "pec"}


def test_a_document_that_mail_could_not_deliver_goes_by_the_exchange(towns: Towns) -> None:
    towns.office.says = ("acceptance", "non_delivery")
    view = towns.send()
    towns.fetch()
    assert (towns.sent(view).channel, towns.sent(view).state) == ("pec", "failed")
    with tenancy.scope(towns.pair.massa.body_id):
        with pytest.raises(Invalid):  # the index has no address yet
            actions.send_by_exchange(actor=SYSTEM, registration_id=view.id, recipient=0)
        with pytest.raises(NotVisible):
            actions.send_by_exchange(actor=SYSTEM, registration_id=view.id, recipient=1)
    towns.pair.list_area(towns.pair.sassetta, emails=(SASSETTA,))
    with tenancy.scope(towns.pair.massa.body_id):
        sent = actions.send_by_exchange(actor=SYSTEM, registration_id=view.id, recipient=0)
        with pytest.raises(Conflict):
            actions.send_by_exchange(actor=SYSTEM, registration_id=view.id, recipient=0)
    towns.fetch()
    with tenancy.scope(towns.pair.massa.body_id):
        rows = queries.messages_of_registration(actor=SYSTEM, registration_id=view.id)
    assert {one.id: one.state for one in rows}[sent] == "registered"
    (received,) = towns.pair.received()
    assert received.channel == "aoo"


def test_what_came_through_the_exchange_and_again_by_mail_is_registered_once(towns: Towns) -> None:
    towns.pair.list_area(towns.pair.sassetta, emails=(SASSETTA,))
    view = towns.send()
    towns.pair.run()
    with tenancy.scope(towns.pair.massa.body_id):
        actions.send_by_mail(actor=SYSTEM, registration_id=view.id, address=SASSETTA)
    towns.fetch()
    (received,) = towns.pair.received()
    assert received.channel == "aoo"
    assert "repeated" in towns.kinds(received)


def test_the_way_may_be_chosen_per_recipient(towns: Towns) -> None:
    with pytest.raises(Invalid):
        towns.send(recipients=[citizen()], ways={0: "mail"})
    with pytest.raises(Invalid):
        towns.send(ways={0: "aoo"})
    none = towns.send(ways={0: "none"})
    with tenancy.scope(towns.pair.massa.body_id):
        assert queries.messages_of_registration(actor=SYSTEM, registration_id=none.id) == []
        assert actions.send_registration(actor=SYSTEM, registration_id=none.id) == 1
        assert actions.send_registration(actor=SYSTEM, registration_id=none.id) == 0


def test_a_segnatura_of_a_stranger_waits_for_the_clerk_and_keeps_nobody_out(towns: Towns) -> None:
    view = towns.send(ways={0: "none"})
    with tenancy.scope(towns.pair.massa.body_id):
        actions.send_registration(actor=SYSTEM, registration_id=view.id)
    towns.office.says = ()
    towns.pair.run()
    draft = towns.office.sent[0]
    towns.office.put(SASSETTA, post.arrived("impostor@pec.example.it", replace(draft, message_id="forged@x")))
    towns.fetch()
    (forged,) = towns.pair.received()
    assert (forged.state, forged.address) == ("to_register", "impostor@pec.example.it")
    towns.office.put(SASSETTA, post.arrived(MASSA, draft))
    towns.fetch()
    assert sorted(one.state for one in towns.pair.received()) == ["registered", "to_register"]


def test_a_segnatura_whose_files_are_missing_is_refused_and_judged_afresh_when_it_comes_whole(
    towns: Towns,
) -> None:
    towns.office.says = ()
    towns.send()
    towns.pair.run()
    draft = towns.office.sent[0]
    towns.office.says = ("acceptance", "delivery")
    towns.office.put(SASSETTA, post.arrived(MASSA, replace(draft, files=(), message_id="torn@x")))
    towns.fetch()
    (received,) = towns.pair.received()
    assert (received.state, received.anomaly) == ("refused", "003")
    assert received.notified
    assert towns.office.sent[-1].protocol_file is not None
    assert towns.office.sent[-1].protocol_file[0] == "Eccezione.xml"
    towns.office.put(SASSETTA, post.arrived(MASSA, draft))
    towns.fetch()
    (received,) = towns.pair.received()
    assert (received.state, received.notified) == ("registered", True)


def test_a_mail_server_that_fails_is_tried_again_and_one_that_refuses_is_not(towns: Towns) -> None:
    towns.office.failures = [out_of_order()]
    view = towns.send()
    towns.pair.run()
    assert (towns.sent(view).state, towns.sent(view).failure) == ("sending", "connection")
    refused = out_of_order()
    refused.permanent = True
    towns.office.failures = [refused]
    with tenancy.scope(towns.pair.massa.body_id):
        actions.retry_now(actor=SYSTEM, message_id=towns.sent(view).id)
    towns.pair.run()
    assert towns.sent(view).state == "failed"


class TestArrivals:
    """Mails without a segnatura wait for a clerk."""

    def arrive(self, towns: Towns, *emls: bytes, address: str = SASSETTA) -> None:
        for one in emls:
            towns.office.put(address, one)
        towns.fetch(twice=False)

    def clerk(self, town: Town) -> Any:
        return town.clerk("protocol_clerk", person_id=new_id())

    def test_a_mail_without_a_segnatura_waits_and_is_registered_by_a_clerk(self, towns: Towns) -> None:
        town = towns.pair.sassetta
        files = (post.file("domanda.txt", b"Domanda"), post.file("foto.txt", b"Foto"))
        self.arrive(towns, post.certified(files=files))
        (row,) = post.waiting(town)
        assert (row.sender_address, row.files, row.state) == (CITIZEN, 2, "to_register")
        with tenancy.scope(town.body_id):
            view = actions.register_mail(
                actor=SYSTEM,
                mail_id=row.id,
                subject=row.subject,
                classification="6.10",
                sender=citizen_at(CITIZEN),
                documents=["postacert.eml/domanda.txt"],
                whole_mail="attached",
                office_id=town.office_id,
            )
            assert [one.file_name for one in view.documents] == ["domanda.txt", "messaggio.eml"]
            assert (view.channel, view.arrived_at) == ("pec", row.stored_at)
            with pytest.raises(Conflict):
                actions.set_mail_aside(actor=SYSTEM, mail_id=row.id, reason="doppio")
        assert post.waiting(town) == []
        assert post.seen(town, row.id).row.registration_id == view.id

    def test_a_mail_may_be_set_aside_with_a_reason_and_come_back(self, towns: Towns) -> None:
        town = towns.pair.sassetta
        self.arrive(towns, post.mail())
        (row,) = post.waiting(town)
        with tenancy.scope(town.body_id):
            with pytest.raises(Invalid):
                actions.set_mail_aside(actor=SYSTEM, mail_id=row.id, reason=" ")
            actions.set_mail_aside(actor=SYSTEM, mail_id=row.id, reason="Pubblicità")
        assert post.waiting(town) == []
        assert post.seen(town, row.id).row.reason == "Pubblicità"
        with tenancy.scope(town.body_id):
            actions.return_mail_to_queue(actor=SYSTEM, mail_id=row.id)
        assert [one.id for one in post.waiting(town)] == [row.id]

    def test_the_same_mail_in_two_boxes_is_one_mail(self, towns: Towns) -> None:
        town = towns.pair.sassetta
        other = post.open_box(town, "suap@pec.sassetta.example.it")
        self.arrive(towns, post.certified(text="con un percorso"))
        towns.office.put("suap@pec.sassetta.example.it", post.certified(text="con un altro percorso"))
        with tenancy.scope(town.body_id):
            actions.fetch_mail(mailbox_id=other)
        (row,) = post.waiting(town)
        assert post.seen(town, row.id).boxes == (SASSETTA, "suap@pec.sassetta.example.it")

    def test_a_mail_that_names_the_number_of_another_is_not_taken_for_it(self, towns: Towns) -> None:
        self.arrive(towns, post.certified(), post.certified(trusted=False), post.mail(text="altro"))
        assert len(post.waiting(towns.pair.sassetta)) == 3

    def test_after_a_crash_before_settling_the_server_is_told_the_next_time(self, towns: Towns) -> None:
        town = towns.pair.sassetta
        towns.office.settling = [Crash()]
        towns.office.put(SASSETTA, post.mail())
        with tenancy.scope(town.body_id), pytest.raises(Crash):
            actions.fetch_mail(mailbox_id=towns.sassetta_box)
        assert towns.office.settled.get(SASSETTA) is None
        towns.fetch(twice=False)
        assert towns.office.settled[SASSETTA] == [1]
        assert len(post.waiting(town)) == 1

    def test_a_box_that_was_made_anew_is_read_again_without_doubles(self, towns: Towns) -> None:
        self.arrive(towns, post.mail())
        towns.office.uid_validity = 8
        towns.fetch(twice=False)
        assert len(post.waiting(towns.pair.sassetta)) == 1
        with tenancy.scope(towns.pair.sassetta.body_id):
            assert MailSighting.objects.count() == 2

    def test_a_connection_that_breaks_half_way_loses_nothing_and_is_told(self, towns: Towns) -> None:
        town = towns.pair.sassetta
        towns.office.put(SASSETTA, post.mail())
        towns.office.failures = [out_of_order()]
        towns.fetch(twice=False)
        with tenancy.scope(town.body_id):
            box = queries.mailbox(actor=SYSTEM, address=SASSETTA)
        assert box.failing_since is not None
        assert "connection" in box.last_error
        towns.fetch(twice=False)
        assert len(post.waiting(town)) == 1
        with tenancy.scope(town.body_id):
            assert queries.mailbox(actor=SYSTEM, address=SASSETTA).failing_since is None

    def test_one_mail_that_cannot_be_read_or_examined_does_not_keep_the_others_out(
        self, towns: Towns, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        town = towns.pair.sassetta

        def stumble(mail: Any, read: Any) -> None:
            if read.subject == "trouble":
                raise RuntimeError
            follow(mail, read)

        monkeypatch.setattr("crinale.spine.exchange.actions.collecting.follow", stumble)
        towns.office.broken = {"unreadable"}
        self.arrive(
            towns,
            post.mail(subject="unreadable"),
            post.mail(subject="trouble"),
            post.mail(subject="sound"),
        )
        assert [(one.kind, one.state) for one in reversed(post.waiting(town))] == [
            ("unreadable", "to_register"),
            ("ordinary", "troubled"),
            ("ordinary", "to_register"),
        ]
        monkeypatch.undo()
        troubled = post.waiting(town)[1]
        with tenancy.scope(town.body_id):
            actions.return_mail_to_queue(actor=SYSTEM, mail_id=troubled.id)
        assert {one.state for one in post.waiting(town)} == {"to_register"}

    def test_a_clerk_of_another_body_gets_nothing(self, towns: Towns) -> None:
        town = towns.pair.sassetta
        self.arrive(towns, post.mail(files=(post.file("a.txt", b"A"),)))
        (row,) = post.waiting(town)
        strangers = [towns.pair.massa.clerk("records_manager"), town.clerk("reader")]
        for stranger in strangers:
            for ask in (
                lambda who: queries.mail(actor=who, mail_id=row.id),
                lambda who: queries.open_mail(actor=who, mail_id=row.id),
                lambda who: queries.open_mailed_file(actor=who, mail_id=row.id, path="postacert.eml/a.txt"),
                lambda who: queries.waiting_mails(actor=who, area_id=town.area_id),
                lambda who: queries.mail_counts(actor=who, area_id=town.area_id),
                lambda who: actions.set_mail_aside(actor=who, mail_id=row.id, reason="x"),
                lambda who: actions.return_mail_to_queue(actor=who, mail_id=row.id),
            ):
                with tenancy.scope(town.body_id), pytest.raises(NotVisible):
                    ask(stranger)

    def test_the_list_costs_the_same_however_long_it_is(
        self, towns: Towns, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        town = towns.pair.sassetta
        self.arrive(towns, *(post.mail(message_id=f"{n}@x", outer_message_id=f"{n}@x") for n in range(3)))
        with tenancy.scope(town.body_id), django_assert_num_queries(3):
            rows, more = queries.waiting_mails(actor=SYSTEM, area_id=town.area_id, limit=2)
        assert (len(rows), more) == (2, rows[-1].id)
        with tenancy.scope(town.body_id), django_assert_num_queries(3):
            rest, more = queries.waiting_mails(actor=SYSTEM, area_id=town.area_id, limit=2, before=more)
        assert (len(rest), more) == (1, None)

    def test_counting_stops_where_nobody_counts_any_more(
        self, towns: Towns, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        monkeypatch.setattr(import_module("crinale.spine.exchange.queries.mails"), "MOST_COUNTED", 1)
        town = towns.pair.sassetta
        self.arrive(towns, *(post.mail(message_id=f"{n}@x", outer_message_id=f"{n}@x") for n in range(3)))
        with tenancy.scope(town.body_id), django_assert_num_queries(1):
            counts = queries.mail_counts(actor=SYSTEM, area_id=town.area_id)
        assert (counts.to_register, counts.unmatched) == (2, 0)
        assert counts.oldest == counts.since["to_register"]

    def test_the_longest_waiting_may_come_first(self, towns: Towns) -> None:
        town = towns.pair.sassetta
        self.arrive(towns, *(post.mail(message_id=f"{n}@x", outer_message_id=f"{n}@x") for n in range(3)))
        with tenancy.scope(town.body_id):
            first, more = queries.mails(
                actor=SYSTEM, area_id=town.area_id, state="to_register", limit=2, oldest_first=True
            )
            rest, end = queries.mails(
                actor=SYSTEM, area_id=town.area_id, state="to_register", before=more, oldest_first=True
            )
        ids = [one.id for one in (*first, *rest)]
        assert (ids, len(ids), end) == (sorted(ids), 3, None)


def test_a_mailbox_is_checked_before_it_is_made_and_closed_for_good(towns: Towns) -> None:
    town = towns.pair.massa
    for wrong in ({"imap_port": 0}, {"smtp_security": "maybe"}, {"writes": "4.0"}, {"folder": ""}):
        with pytest.raises(Invalid):
            post.open_box(town, "x@pec.massa.example.it", **wrong)
    with pytest.raises(Conflict):
        post.open_box(town, MASSA.upper())
    clerk = town.clerk("protocol_clerk")
    with tenancy.scope(town.body_id):
        with pytest.raises(NotVisible):
            actions.close_mailbox(actor=clerk, mailbox_id=towns.massa_box)
        actions.close_mailbox(actor=SYSTEM, mailbox_id=towns.massa_box)
        assert not actions.fetch_mail(mailbox_id=towns.massa_box)
        assert actions.fetch_due() == 0
