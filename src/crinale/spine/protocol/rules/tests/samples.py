"""Segnature of every shape, for tests; and the official schemas of Allegato 6 when they are at hand."""

from __future__ import annotations

import hashlib
import itertools
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from crinale.spine.protocol.rules.digests import Digest
from crinale.spine.protocol.rules.identifier import Identifier
from crinale.spine.protocol.rules.parties import PartyData
from crinale.spine.protocol.rules.segnatura import (
    Classification,
    DetachedFile,
    DocumentData,
    Dossier,
    Mark,
    OnlineLocation,
    RepliedMessage,
    SegnaturaData,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_REPOSITORY = next(
    parent for parent in Path(__file__).resolve().parents if (parent / "pyproject.toml").exists()
)
OFFICIAL = _REPOSITORY.parent / "shared" / "specs" / "exchange"
ALLEGATO_6 = OFFICIAL / "protocollo-comunicazione-aoo"
needs_official = pytest.mark.skipif(
    not ALLEGATO_6.is_dir(), reason="the official schemas of Allegato 6 are not beside the repository"
)

IDENTIFIER = Identifier("c_f032", "A1B2C3D", "PG", 123, date(2026, 11, 23), time(10, 2, 3))
FIRST = Identifier("c_g687", "AZZ0001", "PROT_1.A-", 7, date(2025, 1, 1))
HARD = 'Perché «5 < 6» & "7 > 3" \' \t fine\nàèìòù €'
TOWN = PartyData(
    kind="administration",
    name="Comune di Massa Marittima",
    ipa_code="c_f032",
    aoo_code="A1B2C3D",
    aoo_name="Protocollo",
)
PARTIES = (
    TOWN,
    PartyData(
        kind="administration",
        name="Comune di Sassetta",
        ipa_code="c_i454",
        email="protocollo@sassetta.example.it",
    ),
    PartyData(
        kind="administration",
        name="Unione & Montana",
        tax_code="00117110536",
        ipa_code="ucm_x",
        aoo_code="AXYZ123",
        office_code="UFF001",
        office_name='Ufficio "Suap"',
        first_name="Ada",
        last_name="Rossi",
        title="Dott.ssa",
        email="suap@unione.example.it",
        phone="+39 0566 000000",
    ),
    PartyData(
        kind="legal_person", name="Miniere <Sud> srl", tax_code="00488410010", email="pec@miniere.example.it"
    ),
    PartyData(kind="legal_person", name="Associazione Pro Loco", first_name="Ugo", last_name="Bianchi"),
    PartyData(kind="natural_person", first_name="Mario", last_name="Rossi", tax_code="RSSMRA80A01F032O"),
    PartyData(kind="natural_person", first_name="Zoë", last_name="D'Angiò", title="Ing.", phone="0566 1"),
    PartyData(
        kind="foreign_administration",
        name="Ville de Digne",
        office_name="État civil",
        email="m@digne.example.fr",
    ),
    PartyData(kind="foreign_administration", name="Gemeinde"),
)
MARKS = (
    None,
    Mark(),
    Mark((DetachedFile("firma.p7s", "application/pkcs7-signature", 1),)),
    Mark((DetachedFile("a & b.tsr", "", 1), DetachedFile("seconda.tsr", "application/timestamp-reply", 2))),
)


def document(name: str, number: int = 0) -> DocumentData:
    """Give a document whose marks run through all combinations with ``number``."""
    signed, sealed, stamped = MARKS[number % 4], MARKS[number // 4 % 4], MARKS[number // 16 % 4]
    location = (
        OnlineLocation("https://files.example.it", f"/{number}", 60_000, "u", "p&w")
        if number % 5 == 4
        else None
    )
    return DocumentData(
        file_name=name,
        mime_type="application/pdf",
        digest=Digest(hashlib.sha256(name.encode()).digest()),
        description=HARD.replace("\t", " ") if number % 2 else "",
        signed=signed,
        sealed=sealed,
        time_stamped=stamped,
        location=location,
        carrier="online" if location else "file",
    )


def sample(**changes: object) -> SegnaturaData:
    values: dict[str, object] = {
        "identifier": IDENTIFIER,
        "subject": "Trasmissione della delibera sulla gestione associata",
        "classification": Classification("2.3", "Gestioni associate"),
        "sender": TOWN,
        "recipients": (PARTIES[1],),
        "primary": document("delibera.pdf"),
    }
    return SegnaturaData(**{**values, **changes})  # type: ignore[arg-type]


def every_shape() -> Iterator[SegnaturaData]:
    """Run through all kinds of party in both roles, all marks, all options of the heading."""
    for sender, recipient in itertools.product(PARTIES, PARTIES):
        yield sample(sender=sender, recipients=(recipient,))
    for confirm, copy in itertools.product((True, False), repeat=2):
        flagged = PartyData(kind="legal_person", name="Ditta", confirm=confirm, for_information=copy)
        yield sample(recipients=(flagged, *PARTIES))
    for number in range(64):
        yield sample(
            primary=document("primario.pdf", number),
            attachments=tuple(document(f"allegato {n} & co.pdf", number + n) for n in range(number % 4)),
        )
    path = Classification("I.2.c", HARD, (("I", "Titolo"), ("2", ""), ("c", "Classe & sotto")))
    dossier = Dossier("2026/1", HARD)
    options: tuple[tuple[str, tuple[object, ...]], ...] = (
        ("classification", (path, Classification(HARD, HARD))),
        ("dossier", (None, dossier)),
        ("confidential_note", ("", HARD)),
        ("first_registration", (None, FIRST)),
        (
            "reply",
            (
                None,
                RepliedMessage(identifier=FIRST, subject=HARD, classification=path),
                RepliedMessage(
                    identifier=IDENTIFIER,
                    subject="x",
                    classification=Classification("1", "t"),
                    first_registration=FIRST,
                    dossier=dossier,
                ),
            ),
        ),
    )
    for values in itertools.product(*(choices for _, choices in options)):
        chosen = dict(zip((name for name, _ in options), values, strict=True))
        yield sample(subject=HARD, confidential=True, **chosen)


@cache
def official_segnatura() -> etree.XMLSchema:
    """Compile the official schema; its copy of the W3C schema needs its own small DTD."""
    parser = etree.XMLParser(load_dtd=False, no_network=True, resolve_entities=True)
    return etree.XMLSchema(etree.parse(ALLEGATO_6 / "segnatura_protocollo.xsd", parser))
