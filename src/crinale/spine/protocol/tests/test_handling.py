from __future__ import annotations

import pytest

from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine.protocol import actions, queries
from crinale.spine.protocol.rules.segnatura import parse
from crinale.spine.protocol.tests.town import SYSTEM, Town
from crinale.spine.protocol.views import EnclosureData
from crinale.spine.records import actions as records


def test_a_new_classification_leaves_the_registered_one_readable(town: Town) -> None:
    made = town.receive()
    seen = actions.reclassify(actor=SYSTEM, registration_id=made.id, classification="3.1", reason="Errore")
    assert (seen.classification.code, seen.first_classification.code) == ("3.1", "6.10")
    assert [(one.previous.code, one.current.code) for one in seen.classification_changes] == [("6.10", "3.1")]
    assert (seen.digest, seen.stamp) == (made.digest, made.stamp)
    for code in ("3.1", "99"):
        with pytest.raises(Invalid):
            actions.reclassify(actor=SYSTEM, registration_id=made.id, classification=code, reason="Altro")


def test_dossiers_collect_registrations_until_they_close(town: Town) -> None:
    dossier = records.open_dossier(
        actor=SYSTEM, area_id=town.area_id, title="Piano di protezione civile", classification_code="6.10"
    )
    received = town.receive()
    sent = town.send(dossier_id=dossier.id, seal=True)
    seen = actions.add_to_dossier(actor=SYSTEM, registration_id=received.id, dossier_id=dossier.id)
    again = actions.add_to_dossier(actor=SYSTEM, registration_id=received.id, dossier_id=dossier.id)
    assert seen.dossiers == again.dossiers == sent.dossiers
    segnatura = parse(queries.segnatura_xml(actor=SYSTEM, registration_id=sent.id))
    assert segnatura.dossier is not None
    assert segnatura.dossier.code == dossier.code
    found = queries.registrations(
        actor=SYSTEM, area_id=town.area_id, narrowed=queries.RegistrationFilter(dossier_id=dossier.id)
    )
    assert {row.id for row in found} == {received.id, sent.id}
    records.close_dossier(actor=SYSTEM, dossier_id=dossier.id)
    with pytest.raises(Conflict):
        actions.add_to_dossier(actor=SYSTEM, registration_id=received.id, dossier_id=dossier.id)
    with pytest.raises(Invalid):
        town.send(dossier_id=dossier.id)


def test_readers_change_nothing(town: Town, other_town: Town) -> None:
    made, reader = town.receive(), town.clerk("reader")
    with pytest.raises(NotVisible):
        actions.assign(actor=reader, registration_id=made.id, office_id=town.office_id)
    with pytest.raises(NotVisible):
        actions.reclassify(actor=reader, registration_id=made.id, classification="3.1", reason="Errore")
    with pytest.raises(NotVisible):
        actions.assign(actor=SYSTEM, registration_id=made.id, office_id=other_town.office_id)


def test_metadata_follow_the_register(town: Town) -> None:
    attachment = town.store(b"planimetria", name="planimetria.txt")
    made = town.receive(documents=[EnclosureData(town.document_id), EnclosureData(attachment, "Tavola 1")])
    actions.annul(actor=SYSTEM, registration_id=made.id, act="Determina 1", reason="Doppione")
    primary, second = queries.document_metadata(actor=SYSTEM, registration_id=made.id)
    registered = primary["DatiDiRegistrazione"]
    assert registered["TipologiaDiFlusso"] == "E"
    assert registered["TipoRegistro"]["ProtocolloOrdinario"]["NumeroProtocolloDocumento"] == "0000001"
    assert primary["Allegati"]["NumeroAllegati"] == 1
    assert [one["TipoModifica"] for one in primary["TracciatureModificheDocumento"]] == ["Annullamento"]
    assert [one["Ruolo"] for one in primary["Soggetti"]][:1] == [
        "Amministrazione che effettua la registrazione"
    ]
    assert {"Mittente", "Destinatario", "Operatore"} <= {one["Ruolo"] for one in primary["Soggetti"]}
    assert second["IdIdentificativoDocumentoPrimario"]["Identificativo"] == str(town.document_id)
    assert second["IdDoc"]["Identificativo"] == str(attachment)
