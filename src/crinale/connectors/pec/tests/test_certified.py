"""Certified mail as a provider makes it is read for what it is; what only pretends is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from crinale.connectors.aoo_soap.tests.support import MemoryStore
from crinale.connectors.pec import findings as f
from crinale.connectors.pec.folder_provider import VIRUS, FolderProvider
from crinale.connectors.pec.provider import with_digests
from crinale.connectors.pec.reading import MailReader
from crinale.connectors.pec.tests.support import (
    OURS,
    THEIRS,
    letter,
    provider,
    put,
    read,
    stranger,
    submitted,
)
from crinale.kernel import clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crinale.connectors.pec.provider import Provider, Submitted
    from crinale.spine.exchange.mail_values import MailKind, ReadMail

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
WITH_FILE = (
    b"Content-Type: multipart/mixed; boundary=b1\r\n\r\n"
    b"--b1\r\nContent-Type: text/plain\r\n\r\nIn allegato.\r\n"
    b'--b1\r\nContent-Type: application/xml; name="SEGNATURA.XML"\r\n\r\n<Segnatura/>\r\n'
    b'--b1\r\nContent-Type: application/pdf; name="lettera.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    b"JVBERi0xLjcgYQ==\r\n--b1--\r\n"
)
RECEIPTS: dict[MailKind, Callable[[Provider, Submitted], bytes]] = {
    "acceptance": lambda by, mail: by.accept(mail),
    "non_acceptance": lambda by, mail: by.refused(mail, text="errore formale"),
    "taken_charge": lambda by, mail: by.taken_charge(mail, by="posta-certificata@pec.altro.example"),
    "delivery": lambda by, mail: by.delivered(mail, THEIRS),
    "non_delivery": lambda by, mail: by.not_delivered(mail, THEIRS),
    "delivery_warning": lambda by, mail: by.delivery_warned(mail, THEIRS),
    "virus_detected": lambda by, mail: by.virus(mail, to="posta-certificata@pec.altro.example"),
}


@pytest.mark.parametrize("kind", RECEIPTS)
def test_every_receipt_says_what_it_is_about(kind: MailKind) -> None:
    with clock.frozen(NOW):
        mail = read(RECEIPTS[kind](provider(), submitted(letter(body=WITH_FILE))))

    assert mail.kind == kind
    assert mail.about == "nostro.1@montieri.example"
    assert mail.findings == ()
    assert mail.signature is not None
    assert (mail.signature.present, mail.signature.intact, mail.signature.trusted) == (True, True, True)
    assert mail.signature.signer == "Gestore di prova"
    assert mail.certification is not None
    assert mail.certification.kind == kind
    assert mail.certification.at == NOW
    assert mail.certification.sender == OURS
    assert mail.certification.recipients == ((THEIRS, True),)
    assert mail.certification.subject == "Richiesta"
    assert mail.certification.provider == "Gestore di prova"
    assert mail.certification.original_message_id == "nostro.1@montieri.example"
    # What a complete receipt brings back is ours: neither its files nor its segnatura come in again.
    assert (mail.files, mail.segnatura) == ((), None)


@pytest.mark.parametrize(
    ("receipt", "error", "about"),
    [
        ("accept", "none", ""),
        ("refused", "other", ""),
        ("not_delivered", "no_recipient", THEIRS),
        ("delivered", "none", THEIRS),
    ],
)
def test_errors_and_recipients_are_told(receipt: str, error: str, about: str) -> None:
    arguments = [THEIRS] if about else []
    found = read(getattr(provider(), receipt)(submitted(), *arguments)).certification

    assert found is not None
    assert (found.error, found.delivered_to) == (error, about)


@pytest.mark.parametrize(
    ("italian", "form"), [("completa", "complete"), ("breve", "short"), ("sintetica", "synthetic")]
)
def test_a_delivery_comes_in_the_form_that_was_asked_for(italian: str, form: str) -> None:
    raw = letter(body=WITH_FILE, X_TipoRicevuta=italian)
    receipt = provider().delivered(submitted(raw), THEIRS)

    found = read(receipt).certification

    assert found is not None
    assert found.receipt_form == form
    assert (raw in receipt) is (form == "complete")
    assert (b"postacert.eml" in receipt) is (form != "synthetic")


def test_a_short_receipt_holds_digests_in_the_place_of_files() -> None:
    short = with_digests(letter(body=WITH_FILE))
    assert b"lettera.pdf.hash" in short
    assert b"JVBERi0xLjcgYQ==" not in short
    assert b"In allegato." in short


def test_of_an_envelope_the_mail_inside_counts() -> None:
    store = MemoryStore()
    with clock.frozen(NOW):
        mail = read(provider().wrap(submitted(letter(body=WITH_FILE), identifier="opec1")), store=store)

    assert mail.kind == "certified"
    assert (mail.subject, mail.sender_address, mail.sender_name) == ("Richiesta", OURS, "Comune di Montieri")
    assert mail.message_id == "nostro.1@montieri.example"
    assert mail.outer_message_id == "opec1@pec.montieri.example"
    assert mail.recipients == (THEIRS,)
    assert mail.text == "In allegato."
    assert mail.segnatura == b"<Segnatura/>"
    assert [(file.name, file.path) for file in mail.files] == [("lettera.pdf", "postacert.eml/lettera.pdf")]
    assert store.blobs[mail.files[0].sha256] == b"%PDF-1.7 a"
    assert mail.certification is not None
    assert mail.certification.identifier == "opec1@pec.montieri.example"
    assert mail.about == ""
    assert mail.findings == ()


@pytest.mark.parametrize("name", ["Conferma", "eccezione", "AGGIORNAMENTO", "Annullamento"])
def test_an_answer_of_the_protocol_is_recognised(name: str) -> None:
    body = WITH_FILE.replace(b"SEGNATURA.XML", f"{name}.xml".encode())
    raw = letter(body=body, In_Reply_To="<loro.9@massa.example>", References="<a@b> <loro.9@massa.example>")

    mail = read(provider().wrap(submitted(raw)))

    assert mail.protocol_answer == (f"{name.capitalize()}.xml", b"<Segnatura/>")
    assert mail.segnatura is None
    assert mail.about == "loro.9@massa.example"
    assert mail.references == ("loro.9@massa.example", "a@b")


def test_an_ordinary_mail_in_a_certified_mailbox_is_an_anomaly() -> None:
    mail = read(provider().anomaly(letter(body=WITH_FILE), THEIRS))

    assert (mail.kind, mail.subject, mail.sender_address) == ("anomaly_envelope", "Richiesta", OURS)
    assert [file.name for file in mail.files] == ["lettera.pdf"]
    assert mail.signature is not None
    assert mail.signature.trusted
    assert mail.certification is None
    assert mail.findings == ()


def test_lines_that_lost_their_cr_do_not_break_the_signature() -> None:
    mail = read(provider().accept(submitted()).replace(b"\r\n", b"\n"))
    assert mail.signature is not None
    assert mail.signature.trusted


def test_an_envelope_whose_mail_is_in_base64_is_opened() -> None:
    from base64 import encodebytes

    raw = letter(body=WITH_FILE)
    plain = (
        b"X-Trasporto: posta-certificata\r\nFrom: posta-certificata@pec.montieri.example\r\n"
        b"Content-Type: multipart/mixed; boundary=o\r\n\r\n"
        b"--o\r\nContent-Type: message/rfc822; name=postacert.eml\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + encodebytes(raw) + b"\r\n--o--\r\n"
    )
    mail = read(plain)
    assert (mail.kind, mail.subject) == ("certified", "Richiesta")
    assert [file.name for file in mail.files] == ["lettera.pdf"]


def changed(mail: bytes, old: bytes, new: bytes) -> ReadMail:
    assert old in mail
    return read(mail.replace(old, new, 1))


def test_a_changed_byte_breaks_the_signature() -> None:
    mail = changed(provider().wrap(submitted()), b"Si trasmette.", b"Si trasmetta.")
    assert mail.signature is not None
    assert (mail.signature.present, mail.signature.intact, mail.signature.trusted) == (True, False, False)
    assert f.BROKEN_SIGNATURE in mail.findings


def test_a_provider_of_an_unknown_authority_is_not_believed() -> None:
    mail = read(stranger().wrap(submitted()))
    assert mail.signature is not None
    assert (mail.signature.intact, mail.signature.trusted) == (True, False)
    assert mail.signature.reason.startswith("unknown_issuer")
    assert mail.findings == (f.UNTRUSTED_SIGNATURE,)


def test_headers_alone_make_no_certified_mail() -> None:
    mail = read(
        letter(X_Ricevuta="avvenuta-consegna", X_Riferimento_Message_ID="<nostro.1@montieri.example>")
    )
    assert mail.kind == "delivery"
    assert mail.signature is not None
    assert not mail.signature.present
    assert mail.findings[:2] == (f.NO_CERTIFICATION, f.NO_SIGNATURE)


def test_a_true_receipt_under_another_header_stays_what_was_signed() -> None:
    mail = changed(
        provider().accept(submitted()), b"X-Ricevuta: accettazione", b"X-Ricevuta: avvenuta-consegna"
    )
    assert mail.kind == "acceptance"
    assert f.OTHER_KIND in mail.findings


def test_a_true_receipt_cannot_be_turned_to_another_mail() -> None:
    mail = changed(
        provider().accept(submitted()),
        b"X-Riferimento-Message-ID: <nostro.1@montieri.example>",
        b"X-Riferimento-Message-ID: <nostro.2@montieri.example>",
    )
    assert mail.about == "nostro.1@montieri.example"
    assert f.OTHER_KIND in mail.findings


def test_only_the_provider_that_is_the_sender_may_have_signed() -> None:
    mail = changed(provider().accept(submitted()), b"From: posta-certificata@", b"From: posta-certificate@")
    assert mail.signature is not None
    assert (mail.signature.intact, mail.signature.trusted) == (True, False)
    assert mail.signature.reason == "the sender is not the provider that signed"


def test_a_personal_certificate_of_the_same_authority_makes_no_provider() -> None:
    from crinale.connectors.pec.provider import Provider
    from crinale.connectors.pec.provider_keys import ProviderKeys
    from crinale.spine.records.signatures.certificates import TrustStore

    keys = ProviderKeys.make(name="Mario Rossi", address="mario@pec.montieri.example")
    person = Provider(name="Mario Rossi", domain="pec.montieri.example", keys=keys)
    person.address = "mario@pec.montieri.example"
    store = MemoryStore()
    reader = MailReader(store, TrustStore.from_pem(keys.authority_pem))

    mail = reader.read(put(store, person.accept(submitted())))

    assert mail.signature is not None
    assert (mail.signature.intact, mail.signature.trusted) == (True, False)
    assert mail.signature.reason == "the certificate is not of a certified mail provider"


def test_a_part_added_beside_the_signed_one_takes_the_signature_away() -> None:
    true = provider().accept(submitted())
    closing = true.rstrip().rpartition(b"\r\n")[2]
    added = (
        closing.removesuffix(b"--") + b"\r\nContent-Type: application/xml; name=daticert.xml\r\n\r\n"
        b"<postacert tipo='avvenuta-consegna'/>\r\n" + closing
    )
    mail = read(true.replace(closing, added))
    assert mail.signature is not None
    assert not mail.signature.present
    assert f.NO_SIGNATURE in mail.findings


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        (b"<!DOCTYPE postacert [<!ENTITY a 'b'>]><postacert/>", f.WRONG_CERTIFICATION),
        (b"<postacert tipo='avvenuta-consegna'", f.WRONG_CERTIFICATION),
        (b"<altro tipo='accettazione'/>", f.WRONG_CERTIFICATION),
        (b"<postacert tipo='mai-visto'/>", f.WRONG_CERTIFICATION),
        (b"<a>" * 200 + b"</a>" * 200, f.WRONG_CERTIFICATION),
        (b"<postacert tipo='accettazione'>" + b" " * 1_100_000 + b"</postacert>", f.WRONG_CERTIFICATION),
    ],
)
def test_bad_certification_data_are_told(damage: bytes, finding: str) -> None:
    raw = letter(
        X_Ricevuta="accettazione",
        body=b"Content-Type: application/xml; name=daticert.xml\r\n\r\n" + damage + b"\r\n",
    )
    mail = read(raw)
    assert mail.kind == "acceptance"
    assert mail.certification is None
    assert finding in mail.findings


def test_a_poor_receipt_gives_what_it_has() -> None:
    raw = letter(
        X_Ricevuta="accettazione",
        body=b"Content-Type: application/xml; name=daticert.xml\r\n\r\n"
        b"<postacert tipo='accettazione' errore='boh'><dati><data zona='+9999'><giorno>31/02/2026</giorno>"
        b"<ora>25:00:00</ora></data></dati></postacert>\r\n",
    )
    found = read(raw).certification
    assert found is not None
    assert (found.error, found.at, found.sender, found.recipients) == ("other", None, "", ())


def test_an_unknown_receipt_is_read_as_a_mail() -> None:
    mail = read(letter(X_Ricevuta="ricevuta-del-futuro"))
    assert mail.kind == "ordinary"
    assert mail.findings == (f.UNKNOWN_ENVELOPE,)


def test_an_envelope_without_its_mail_is_told() -> None:
    mail = changed(provider().wrap(submitted()), b"message/rfc822", b"application/x")
    assert mail.kind == "certified"  # its name is still postacert.eml
    assert mail.subject == "Richiesta"
    bare = read(letter(X_Trasporto="posta-certificata"))
    assert (bare.kind, bare.subject) == ("certified", "Richiesta")
    assert f.NO_INNER_MAIL in bare.findings


def test_a_signature_of_a_later_expired_certificate_is_judged_at_its_time() -> None:
    with clock.frozen(NOW):
        receipt = provider().accept(submitted())
    with clock.frozen(NOW + timedelta(days=365 * 30)):
        mail = read(receipt)
    assert mail.signature is not None
    assert mail.signature.trusted


# The folder provider: who gets what.


@pytest.fixture
def network(tmp_path: Path) -> FolderProvider:
    found = FolderProvider(tmp_path, domains=("pec.montieri.example", "pec.massa.example"))
    for address in (OURS, THEIRS):
        found.open_mailbox(address)
    return found


def kinds(network: FolderProvider, address: str) -> list[str]:
    store = MemoryStore()
    reader = MailReader(store, network.trust())
    return [
        reader.read(put(store, file.read_bytes())).kind for file in network.mailbox(address).mails().values()
    ]


def test_a_certified_mail_gives_two_receipts_and_an_envelope(network: FolderProvider) -> None:
    network.submit(letter(), sender=OURS, recipients=[THEIRS])
    assert kinds(network, OURS) == ["acceptance", "delivery"]
    assert kinds(network, THEIRS) == ["certified"]


def test_an_unknown_certified_address_gives_a_non_delivery(network: FolderProvider) -> None:
    to = "nessuno@pec.massa.example"
    network.submit(letter(To=to), sender=OURS, recipients=[to])
    assert kinds(network, OURS) == ["acceptance", "non_delivery"]


def test_an_ordinary_recipient_gives_no_delivery(network: FolderProvider) -> None:
    network.submit(letter(To="mario@posta.example"), sender=OURS, recipients=["mario@posta.example"])
    assert kinds(network, OURS) == ["acceptance"]
    assert kinds(network, "mario@posta.example") == ["certified"]


def test_an_ordinary_sender_reaches_certified_mailboxes_as_an_anomaly(network: FolderProvider) -> None:
    raw = letter(From="mario@posta.example")
    network.submit(raw, sender="mario@posta.example", recipients=[THEIRS, "anna@posta.example"])
    assert kinds(network, THEIRS) == ["anomaly_envelope"]
    assert kinds(network, "anna@posta.example") == ["ordinary"]


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (letter(From="altro@pec.montieri.example"), "other"),
        (letter(To="altro@pec.massa.example"), "other"),
        (letter(Bcc="altro@pec.massa.example"), "other"),
        (letter(body=b"\r\n" + VIRUS), "virus"),
        (letter(body=b"\r\n" + b"x" * (30 * 1024 * 1024)), "other"),
    ],
)
def test_what_the_access_point_refuses_goes_no_further(
    network: FolderProvider, raw: bytes, error: str
) -> None:
    network.submit(raw, sender=OURS, recipients=[THEIRS])

    assert kinds(network, OURS) == ["non_acceptance"]
    assert kinds(network, THEIRS) == []
    store = MemoryStore()
    (file,) = network.mailbox(OURS).mails().values()
    read_mail = MailReader(store, network.trust()).read(put(store, file.read_bytes()))
    assert read_mail.certification is not None
    assert read_mail.certification.error == error


def test_two_processes_see_one_provider(network: FolderProvider) -> None:
    again = FolderProvider(network.root, domains=network.domains)
    again.submit(letter(), sender=OURS, recipients=[THEIRS])
    assert kinds(network, THEIRS) == ["certified"]
    assert again.provider.keys.certificate == network.provider.keys.certificate


@pytest.mark.parametrize("address", ["../x@y.example", "a/b@y.example", "a@..", "", "a@b\0c", "@"])
def test_no_address_leads_out_of_the_folder(network: FolderProvider, address: str) -> None:
    with pytest.raises(ValueError):
        network.mailbox(address)


def test_a_submitted_mail_tells_its_form() -> None:
    assert submitted().form == "complete"
    assert replace(submitted(), raw=letter(X_TipoRicevuta="breve")).form == "short"
