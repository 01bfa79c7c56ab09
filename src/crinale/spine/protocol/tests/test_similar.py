"""What earlier registrations say about a new one, and that the confidential ones say nothing to strangers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.spine.protocol import actions
from crinale.spine.protocol.queries import similar
from crinale.spine.protocol.rules.parties import PartyData
from crinale.spine.protocol.rules.similarity import distinctive_words, near_equal, without_prefixes
from crinale.spine.protocol.tests.town import SYSTEM
from crinale.spine.protocol.views import EnclosureData, ReceivedReference, RegistrationView

if TYPE_CHECKING:
    from crinale.spine.protocol.tests.town import Town

MAIL = "studio.rossi@pec.example.it"
SENDER = PartyData(kind="legal_person", name="Studio Rossi", email=MAIL, tax_code="01533300537")


def arrive(town: Town, *, content: bytes = b"", subject: str, **changes: Any) -> RegistrationView:
    document = town.store(content or subject.encode())
    asked: dict[str, Any] = {
        "actor": SYSTEM,
        "area_id": town.area_id,
        "subject": subject,
        "classification": "6.3",
        "sender": SENDER,
        "documents": [EnclosureData(document)],
        "channel": "pec",
    }
    return actions.register_incoming(**{**asked, **changes})


def test_a_sender_is_suggested_from_earlier_correspondence(town: Town) -> None:
    for turn in range(3):
        arrive(town, subject=f"Variante numero {turn} al piano attuativo")
    arrive(
        town,
        subject="Altra lettera dallo stesso indirizzo",
        sender=PartyData(kind="legal_person", name="Rossi e Bianchi", email=MAIL),
    )
    clerk = town.clerk("protocol_clerk")
    found = similar.earlier_parties(actor=clerk, area_id=town.area_id, email=MAIL.upper())
    assert [(one.party.name, one.times) for one in found] == [("Studio Rossi", 3), ("Rossi e Bianchi", 1)]
    assert found[0].last_on == clock.today()
    assert similar.earlier_parties(actor=clerk, area_id=town.area_id, email="nessuno@example.it") == []


def test_a_heading_is_suggested_with_what_it_rests_on(town: Town) -> None:
    for turn in range(3):
        arrive(town, subject=f"Variante numero {turn} al piano attuativo")
    arrive(town, subject="Richiesta di patrocinio per la sagra", classification="7.6")
    clerk = town.clerk("protocol_clerk")
    first, second = similar.classification_suggestions(
        actor=clerk, area_id=town.area_id, subject="Varie", email=MAIL
    )
    assert (first.code, first.times, first.among, first.with_correspondent) == ("6.3", 3, 4, True)
    assert (second.code, second.times) == ("7.6", 1)
    (by_words,) = similar.classification_suggestions(
        actor=clerk, area_id=town.area_id, subject="Patrocinio della sagra del marrone"
    )
    assert (by_words.code, by_words.with_correspondent) == ("7.6", False)


def test_what_is_here_already_is_told_with_the_reason(town: Town) -> None:
    known = arrive(
        town,
        content=b"lo stesso file",
        subject="Osservazioni al piano strutturale 2026",
        received_identifier=ReceivedReference(number="77/2026", date=clock.today()),
    )
    clerk = town.clerk("protocol_clerk")

    def ask(**what: Any) -> list[tuple[Any, str]]:
        found = similar.possible_duplicates(actor=clerk, area_id=town.area_id, **what)
        return [(one.registration_id, one.why) for one in found]

    assert ask(sha256=[known.documents[0].sha256, "0" * 64]) == [(known.id, "digest")]
    assert ask(received_number="77/2026", received_date=clock.today()) == [(known.id, "number")]
    assert ask(subject="osservazioni al piano  strutturale 2026.", email=MAIL) == [(known.id, "subject")]
    assert ask(subject="Osservazioni al piano strutturale 2025", email=MAIL) == []
    assert ask(subject="Osservazioni al piano strutturale 2026", email="altri@example.it") == []
    assert ask(received_number="78/2026") == []


def test_a_confidential_registration_says_nothing_to_who_may_not_see_it(town: Town) -> None:
    secret = arrive(
        town,
        content=b"segreto",
        subject="Segnalazione riservata sul piano attuativo",
        confidential=True,
        received_identifier=ReceivedReference(number="1/R"),
    )
    what: dict[str, Any] = {"area_id": town.area_id, "email": MAIL}
    also: dict[str, Any] = {
        "subject": secret.subject,
        "sha256": [secret.documents[0].sha256],
        "received_number": "1/R",
    }
    stranger, manager = town.clerk("protocol_clerk"), town.clerk("records_manager")
    for actor, sees in ((stranger, False), (manager, True)):
        assert bool(similar.earlier_parties(actor=actor, **what)) is sees
        assert bool(similar.possible_duplicates(actor=actor, **what, **also)) is sees
        suggested = similar.classification_suggestions(actor=actor, subject=secret.subject, **what)
        assert bool(suggested) is sees
    with pytest.raises(NotVisible):
        similar.earlier_parties(actor=town.clerk(), **what)


@pytest.mark.parametrize(
    ("subject", "without"),
    [
        ("POSTA CERTIFICATA: Re: I: Domanda", "Domanda"),
        ("Fwd: R: rif: domanda", "domanda"),
        ("Regolamento: domanda", "Regolamento: domanda"),
    ],
)
def test_prefixes_of_mails_are_no_part_of_the_subject(subject: str, without: str) -> None:
    assert without_prefixes(subject) == without


def test_words_of_every_letter_tell_nothing_apart() -> None:
    assert distinctive_words("Trasmissione documentazione relativa al patrocinio") == ["patrocinio"]
    assert not near_equal("", "")
    assert not near_equal("Fattura 12 del 2026", "Fattura 13 del 2026")
    assert near_equal("Re: Fattura n. 12 del 2026", "Fattura n.12 del 2026")


@pytest.mark.parametrize(
    ("asked", "condition"),
    [({"email": MAIL}, f"email_key = '{MAIL}'"), ({"tax_code": SENDER.tax_code}, "tax_key = '01533300537'")],
)
def test_correspondence_is_found_by_an_index_under_row_security(
    town: Town, asked: dict[str, Any], condition: str
) -> None:
    """A million parties are not read one by one: what is asked for stands in the condition of the index."""
    arrive(town, subject="Variante al piano attuativo")
    with CaptureQueriesContext(connection) as captured:
        clerk = town.clerk("protocol_clerk")
        similar.earlier_parties(actor=clerk, area_id=town.area_id, **asked)
        similar.classification_suggestions(actor=clerk, area_id=town.area_id, **asked)
        similar.possible_duplicates(actor=clerk, area_id=town.area_id, subject="Variante", **asked)
    about = [query["sql"] for query in captured if "protocol_party as party" in query["sql"]]
    assert len(about) == 3
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        for sql in about:
            cursor.execute("explain " + sql.replace("%", "%%"))
            plan = [line for (line,) in cursor.fetchall()]
            assert any("Index Cond" in line and condition in line for line in plan), "\n".join(plan)
