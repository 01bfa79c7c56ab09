"""A small town to test with: a body, its area with registers, filing plan, office, document, seal key."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from crinale.kernel import clock
from crinale.spine.identity import Actor, GrantRef
from crinale.spine.protocol import actions
from crinale.spine.protocol.rules.parties import PartyData
from crinale.spine.protocol.views import EnclosureData, RegistrationView
from crinale.spine.records import actions as records
from crinale.spine.tenancy import actions as tenancy
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.records.signatures.keys import SigningAlgorithm

SYSTEM = Actor.system("tests")
SUBJECT = "Richiesta di parere sul piano comunale di protezione civile"


@dataclass(frozen=True)
class Key:
    """A seal key held in memory; ``remote`` makes it one that answers over a network."""

    certificate: x509.Certificate
    private: rsa.RSAPrivateKey
    remote: bool = False
    chain: tuple[x509.Certificate, ...] = ()

    def sign(self, data: bytes, *, algorithm: SigningAlgorithm) -> bytes:  # noqa: ARG002  there is only RSA here
        return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())


@dataclass(frozen=True)
class Keys:
    """The same key for every area."""

    key: Key

    def for_area(self, area_code: str) -> Key:  # noqa: ARG002
        return self.key


@cache
def seal_key(*, remote: bool = False) -> Key:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sigillo di prova")])
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=10_000))
        .sign(private, hashes.SHA256())
    )
    return Key(certificate, private, remote)


@dataclass(frozen=True)
class Town:
    """What a test needs of a town."""

    body_id: UUID
    area_id: UUID
    office_id: UUID
    register_id: UUID
    document_id: UUID
    code: str

    def clerk(self, *roles: str, person_id: UUID | None = None) -> Actor:
        """A member of the staff with these roles in the town's area."""
        since = clock.now() - timedelta(days=1000)
        grants = tuple(
            GrantRef(body_id=self.body_id, area_id=self.area_id, role=role, valid_from=since)
            for role in roles
        )
        return Actor(name="Paola Neri", kind="staff", person_id=person_id, grants=grants)

    def store(self, content: bytes, *, name: str = "documento.txt") -> UUID:
        return records.store_document(actor=SYSTEM, file_name=name, stream=io.BytesIO(content)).id

    def send(self, **changes: object) -> RegistrationView:
        """Register an outgoing document of the town, without a seal unless asked."""
        asked = {
            "actor": SYSTEM,
            "area_id": self.area_id,
            "subject": SUBJECT,
            "classification": "6.10",
            "recipients": [citizen()],
            "documents": [EnclosureData(self.document_id, "Parere")],
            "seal": False,
        }
        return actions.register_outgoing(**{**asked, **changes})  # type: ignore[arg-type]

    def receive(self, **changes: object) -> RegistrationView:
        """Register an incoming document of the town."""
        asked = {
            "actor": SYSTEM,
            "area_id": self.area_id,
            "subject": SUBJECT,
            "classification": "6.10",
            "sender": citizen(),
            "documents": [EnclosureData(self.document_id)],
            "channel": "hand",
        }
        return actions.register_incoming(**{**asked, **changes})  # type: ignore[arg-type]


def citizen(first_name: str = "Giulia", last_name: str = "Fabbrì") -> PartyData:
    return PartyData(kind="natural_person", first_name=first_name, last_name=last_name)


def build_town(
    *, code: str = "AAAA001", ipa_code: str = "c_f032", name: str = "Comune di Massa Marittima"
) -> Town:
    """Make a town in the database; its scope is not left open."""
    body = tenancy.create_body(ipa_code=ipa_code, name=name, kind="municipality", patron_day="10-10")
    area = tenancy.create_area(body_id=body.id, code=code, name="Protocollo generale")
    office = tenancy.create_office(area_id=area.id, code="UFF1", name="Ufficio tecnico")
    with scope(body.id):
        register_id = actions.open_register(actor=SYSTEM, area_id=area.id)
        records.import_filing_plan(actor=SYSTEM, name="Titolario", text=records.municipal_plan())
        document = records.store_document(
            actor=SYSTEM, file_name="parere.txt", stream=io.BytesIO(f"Parere {code}".encode())
        )
    return Town(body.id, area.id, office.id, register_id, document.id, code)
