"""A town's ordinary day, and the confidential registrations of every kind that are then laid over it."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from crinale.kernel import clock
from crinale.services.protocol_office.tests.desks import Desks
from crinale.spine.exchange import actions as exchange
from crinale.spine.exchange.tests import post
from crinale.spine.protocol import actions as protocol
from crinale.spine.protocol.actions import address_book, archive
from crinale.spine.protocol.rules.parties import PartyData
from crinale.spine.protocol.tests.town import SYSTEM
from crinale.spine.protocol.views import EnclosureData, LinkData, ReceivedReference
from crinale.spine.records import actions as records
from crinale.spine.tenancy import actions as tenancy
from crinale.spine.tenancy import scope
from crinale.spine.tenancy.models import Area

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.exchange.tests.pair import Pair
    from crinale.spine.exchange.tests.post import PostOffice
    from crinale.spine.protocol.tests.town import Town
    from crinale.spine.protocol.views import RegistrationView

# The ordinary day and the confidential documents share a correspondent, a file and words of their subjects.
FIRM = PartyData(
    kind="legal_person",
    name="Frantoio Niccioleta srl",
    tax_code="01234567897",
    email="info@frantoio.example.it",
)
PERSON = PartyData(
    kind="natural_person", first_name="Assunta", last_name="Melograni", email="assunta@pec.example.it"
)
SHARED = b"Modulo uguale per tutti"
SECRET_FILE = b"Relazione che pochi leggono"
SUBJECT = "Provvedimento disciplinare melograno sulla strada di Niccioleta"
THEIR_NUMBER = "77/RIS"
ORDINARY_WORD = "strada"
WORDS = ("melograno", "disciplinare", "Melograni", "Assunta", "Niccioleta", "frantoio", ORDINARY_WORD, "RIS")


@dataclass
class Story:
    """Both towns; ``more`` is what is confidential."""

    pair: Pair
    office: PostOffice
    boxes: dict[str, UUID] = field(default_factory=dict)
    first: RegistrationView | None = None
    answer: RegistrationView | None = None
    dossier: UUID | None = None

    @property
    def massa(self) -> Town:
        return self.pair.massa

    def __post_init__(self) -> None:
        self.boxes = {town.code: post.open_box(town, address) for town, address in self._addresses()}

    def _addresses(self) -> list[tuple[Town, str]]:
        return [(self.pair.massa, post.MASSA), (self.pair.sassetta, post.SASSETTA)]

    def ordinary(self) -> None:
        """What everybody sees."""
        town = self.massa
        tenancy.create_office(area_id=town.area_id, code="UFF2", name="Ragioneria")
        with scope(town.body_id):
            self.shared = town.store(SHARED, name="modulo.txt")
            self.dossier = records.open_dossier(
                actor=SYSTEM, area_id=town.area_id, title="Strada di Niccioleta", classification_code="6.10"
            ).id
            self.first = self._arrives(
                subject="Lavori sulla strada di Niccioleta", received_identifier=_reference("70/A")
            )
            second = self._arrives(subject="Scarichi del frantoio", dossier_id=self.dossier)
            self.answer = town.send(
                subject="Risposta sulla strada",
                recipients=[FIRM],
                reply_to=self.first.id,
                links=[LinkData(second.id, "related")],
                dossier_id=self.dossier,
            )
            protocol.register_internal(**self._internal(subject="Nota interna sulla strada"))
            protocol.annul(
                actor=SYSTEM, registration_id=second.id, act="Decreto 1", reason="Presentata due volte"
            )
            protocol.assign(actor=SYSTEM, registration_id=self.first.id, office_id=town.office_id)
            kept = [address_book.add_correspondent(actor=SYSTEM, party=one) for one in (FIRM, PERSON)]
            group = address_book.open_group(actor=SYSTEM, area_id=town.area_id, name="Frantoi")
            address_book.change_members(actor=SYSTEM, group_id=group, add=[kept[0].id])
        self._travels(confidential=False, subject="Parere sulla strada")
        self._mailed(confidential=False, subject="Segnalazione di una buca", number="one")
        self._archived(confidential=False, number=7)
        self._waits()

    def confidential(self) -> None:
        """One of each kind, every one near to something ordinary."""
        town, first = self.massa, self.first
        assert first is not None
        hidden: dict[str, Any] = {"confidential": True, "subject": SUBJECT}
        with scope(town.body_id):
            assigned = self._arrives(**hidden, received_identifier=_reference(THEIR_NUMBER))
            protocol.assign(actor=SYSTEM, registration_id=assigned.id, office_id=town.office_id)
            self._arrives(
                **hidden, received_identifier=_reference("70/A"), sender=PERSON, dossier_id=self.dossier
            )
            secret = town.store(SECRET_FILE, name="relazione-melograno.txt")
            answer = town.send(**hidden, recipients=[PERSON], reply_to=first.id, dossier_id=self.dossier)
            onward = self._arrives(
                **hidden,
                documents=[EnclosureData(secret, "Relazione")],
                links=[LinkData(first.id, "previous")],
                reply_to=answer.id,
            )
            protocol.link_registration(
                actor=SYSTEM,
                registration_id=first.id,
                other_id=onward.id,
                relation="related",
                reason="Simili",
            )
            protocol.register_internal(**self._internal(**hidden))
            moved = self._arrives(**hidden, dossier_id=self.dossier)
            protocol.annul(actor=SYSTEM, registration_id=moved.id, act="Decreto 2", reason="melograno")
        self._travels(**hidden)
        self._mailed(**hidden, number="two")
        self._archived(confidential=True, number=8)

    def freeze_day(self) -> None:
        """Let the day of both towns end and be frozen."""
        day = clock.today() - timedelta(days=1)
        for town in (self.pair.massa, self.pair.sassetta):
            with scope(town.body_id):
                protocol.freeze_daily_register(area_id=town.area_id, day=day)

    def _arrives(self, **changes: Any) -> RegistrationView:
        asked = {"sender": FIRM, "documents": [EnclosureData(self.shared, "Modulo")]}
        return self.massa.receive(**{**asked, **changes})

    def _internal(self, **changes: Any) -> dict[str, Any]:
        return {
            "actor": SYSTEM,
            "area_id": self.massa.area_id,
            "classification": "6.10",
            "sender": PERSON,
            "recipients": [FIRM],
            "documents": [EnclosureData(self.shared)],
            **changes,
        }

    def _travels(self, **changes: Any) -> None:
        """There and back by the exchange: registered, refused, never answered."""
        pair = self.pair
        pair.send(**changes)
        with scope(pair.sassetta.body_id):
            exchange.register_and_send(
                actor=SYSTEM,
                area_id=pair.sassetta.area_id,
                classification="6.10",
                recipients=[pair.party(pair.massa)],
                documents=[EnclosureData(pair.sassetta.document_id)],
                **changes,
            )
        pair.run()
        pair.wire.retouch = lambda xml: xml.replace(b"parere.txt", b"paRere.txt")
        pair.send(**changes)
        pair.run()
        pair.wire.retouch = bytes
        pair.send(**changes)
        Desks(pair).unanswered()

    def _waits(self) -> None:
        """A message and a mail that a clerk of the other town has to decide on."""
        pair = self.pair
        Area.objects.filter(id=pair.sassetta.area_id).update(registers_incoming="by_clerk")
        pair.send(subject="Richiesta di parere")
        pair.run()
        Area.objects.filter(id=pair.sassetta.area_id).update(registers_incoming="automatic")
        self._comes("three", subject="Domanda di contributo", to=pair.sassetta, address=post.SASSETTA)

    def _comes(self, number: str, *, subject: str, to: Town, address: str) -> None:
        eml = post.certified(
            f"opec.{number}",
            message_id=f"{number}@example.it",
            outer_message_id=f"{number}@example.it",
            subject=subject,
            recipients=(address,),
            files=(post.file("modulo.txt", SHARED),),
        )
        self.office.put(address, eml)
        with scope(to.body_id):
            exchange.fetch_mail(mailbox_id=self.boxes[to.code])

    def _mailed(self, *, number: str, subject: str, confidential: bool) -> None:
        self._comes(number, subject=subject, to=self.massa, address=post.MASSA)
        with scope(self.massa.body_id):
            (waiting,) = post.waiting(self.massa)
            exchange.register_mail(
                actor=SYSTEM,
                mail_id=waiting.id,
                subject=subject,
                classification="6.10",
                sender=PERSON,
                confidential=confidential,
            )

    def _archived(self, *, number: int, confidential: bool) -> None:
        town = self.massa
        with scope(town.body_id):
            opened = archive.open_archive(
                actor=SYSTEM,
                area_id=town.area_id,
                register_code="PG2019",
                name="Vecchio protocollo",
                file_name="registro.csv",
                file_sha256=f"{number:064x}",
            )
            line = archive.ArchivedRegistration(
                line=number,
                number=number,
                registered_at=clock.now() - timedelta(days=700),
                direction="incoming",
                subject=SUBJECT if confidential else "Vecchia pratica della strada",
                classification="6.10",
                senders=(FIRM,),
                recipients=(),
                files=(archive.ArchivedFile("modulo.txt", "", 0),),
                confidential=confidential,
            )

            def stored(_file: archive.ArchivedFile) -> Any:
                return records.store_document(
                    actor=SYSTEM, file_name="modulo.txt", stream=io.BytesIO(SHARED), acquired=True
                )

            archive.take_over(actor=SYSTEM, archive=opened, batch=[line], store=stored)


def _reference(number: str) -> ReceivedReference:
    return ReceivedReference(number=number)
