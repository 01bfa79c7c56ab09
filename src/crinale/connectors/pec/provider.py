"""A simulated provider of certified mail: envelopes and receipts as a real one makes them, signed.

DM 2 November 2005 (RFC 6109): subjects, headers, certification data and what each of them encloses. For
demonstrations and tests; :mod:`crinale.connectors.pec.folder_provider` moves what is made here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import TYPE_CHECKING, Final, Literal
from uuid import uuid4

from lxml import etree

from crinale.connectors.pec.certification import ENVELOPES, ERRORS, FORMS, RECEIPTS
from crinale.connectors.pec.composing import (
    Leaf,
    file_leaf,
    head,
    mail_leaf,
    mailbox,
    multipart,
    one_line,
    text_leaf,
)
from crinale.connectors.pec.headers import Headers
from crinale.kernel import clock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crinale.connectors.pec.provider_keys import ProviderKeys
    from crinale.spine.exchange.mail_values import MailKind

Form = Literal["complete", "short", "synthetic"]
Error = Literal["none", "no_recipient", "no_domain", "virus", "other"]
_NAMES: Final = {kind: name for name, kind in {**RECEIPTS, **ENVELOPES}.items()}
_ERRORS: Final = {english: italian for italian, english in ERRORS.items()}
_FORMS: Final = {english: italian for italian, english in FORMS.items()}
_SUBJECTS: Final[dict[MailKind, str]] = {
    "certified": "POSTA CERTIFICATA",
    "anomaly_envelope": "ANOMALIA MESSAGGIO",
    "acceptance": "ACCETTAZIONE",
    "non_acceptance": "AVVISO DI NON ACCETTAZIONE",
    "taken_charge": "PRESA IN CARICO",
    "delivery": "CONSEGNA",
    "non_delivery": "AVVISO DI MANCATA CONSEGNA",
    "delivery_warning": "AVVISO DI MANCATA CONSEGNA PER SUPERAMENTO TEMPO MASSIMO",
    "virus_detected": "PROBLEMA DI SICUREZZA",
}
_SENTENCES: Final[dict[MailKind, str]] = {
    "certified": "è stato inviato da {sender}.",
    "acceptance": "è stato accettato dal sistema ed inoltrato.",
    "non_acceptance": "non è stato accettato: {error}.",
    "taken_charge": "è stato accettato dal sistema.",
    "delivery": "è stato consegnato nella casella di destinazione {about}.",
    "non_delivery": "non è stato consegnato a {about}: {error}.",
    "delivery_warning": "non è stato consegnato a {about} in dodici ore; si tenterà ancora.",
    "virus_detected": "contiene un virus e non è stato inoltrato.",
}


@dataclass(frozen=True, slots=True)
class Submitted:
    """A mail handed to a provider. ``recipients``: addresses, and whether each is a certified one."""

    raw: bytes
    sender: str
    recipients: tuple[tuple[str, bool], ...]
    identifier: str = field(default_factory=lambda: f"opec{uuid4().hex}")
    at: datetime = field(default_factory=clock.now)

    @property
    def headers(self) -> Headers:
        """Its headers."""
        return Headers.parse(self.raw.partition(b"\r\n\r\n")[0])

    @property
    def subject(self) -> str:
        """Its subject."""
        return self.headers.text("subject")

    @property
    def message_id(self) -> str:
        """The Message-ID that its sender gave."""
        return self.headers.message_id()

    @property
    def form(self) -> Form:
        """The form of the delivery receipt that its sender wants."""
        found = FORMS.get(self.headers.token("x-tiporicevuta"), "")
        return found or "complete"


class Provider:
    """Makes what a provider of certified mail makes; each function returns a whole mail."""

    def __init__(self, *, name: str, domain: str, keys: ProviderKeys) -> None:
        self.name, self.domain, self.keys = name, domain, keys
        self.address = f"posta-certificata@{domain}"

    def accept(self, mail: Submitted) -> bytes:
        """Make the ricevuta di accettazione."""
        return self._receipt("acceptance", mail, to=mail.sender)

    def refused(self, mail: Submitted, *, error: Error = "other", text: str = "errore formale") -> bytes:
        """Make the avviso di non accettazione."""
        return self._receipt("non_acceptance", mail, to=mail.sender, error=error, text=text)

    def taken_charge(self, mail: Submitted, *, by: str) -> bytes:
        """Make the ricevuta di presa in carico, for the provider of the sender."""
        return self._receipt("taken_charge", mail, to=by)

    def delivered(self, mail: Submitted, recipient: str, *, form: Form | None = None) -> bytes:
        """Make the ricevuta di avvenuta consegna for one recipient, in the form that the mail asks for."""
        wanted = form or mail.form
        enclosed: list[Leaf] = []
        if wanted == "complete":
            enclosed = [mail_leaf("postacert.eml", mail.raw)]
        elif wanted == "short":
            enclosed = [mail_leaf("postacert.eml", with_digests(mail.raw))]
        return self._receipt(
            "delivery", mail, to=mail.sender, about=recipient, form=wanted, enclosed=enclosed
        )

    def not_delivered(
        self, mail: Submitted, recipient: str, *, error: Error = "no_recipient", text: str = ""
    ) -> bytes:
        """Make the avviso di mancata consegna for one recipient."""
        said = text or "5.1.1 - casella inesistente"
        return self._receipt("non_delivery", mail, to=mail.sender, about=recipient, error=error, text=said)

    def delivery_warned(self, mail: Submitted, recipient: str) -> bytes:
        """Make the avviso after twelve hours without a delivery."""
        return self._receipt(
            "delivery_warning", mail, to=mail.sender, about=recipient, error="other", text="tempo superato"
        )

    def virus(self, mail: Submitted, *, to: str) -> bytes:
        """Make the avviso di rilevazione di virus, for the provider of the sender."""
        return self._receipt("virus_detected", mail, to=to, error="virus", text="virus")

    def wrap(self, mail: Submitted) -> bytes:
        """Make the busta di trasporto."""
        fields = {
            "X-Trasporto": _NAMES["certified"],
            "X-TipoRicevuta": _FORMS[mail.form],
            "Date": _date(mail.at),
            "Subject": f"{_SUBJECTS['certified']}: {mail.subject}",
            "From": mailbox(f"Per conto di: {mail.sender}", self.address),
            "Reply-To": mail.sender,
            "To": ", ".join(address for address, _ in mail.recipients),
            "Message-ID": f"<{mail.identifier}@{self.domain}>",
            "X-Riferimento-Message-ID": f"<{mail.message_id}>" if mail.message_id else "",
        }
        parts = [
            text_leaf(self._said("certified", mail)),
            file_leaf("daticert.xml", "application/xml", (self.certification("certified", mail),)),
            mail_leaf("postacert.eml", mail.raw),
        ]
        return self._signed(fields, parts)

    def anomaly(self, raw: bytes, recipient: str) -> bytes:
        """Make the busta di anomalia around an ordinary mail that came to a certified mailbox."""
        headers = Headers.parse(raw.partition(b"\r\n\r\n")[0])
        senders = headers.addresses("from", limit=1)
        sender = senders[0][1] if senders else "sconosciuto@invalid"
        fields = {
            "X-Trasporto": _NAMES["anomaly_envelope"],
            "Date": _date(clock.now()),
            "Subject": f"{_SUBJECTS['anomaly_envelope']}: {headers.text('subject')}",
            "From": mailbox(f"Per conto di: {sender}", self.address),
            "Reply-To": sender,
            "To": recipient,
            "Message-ID": f"<opec{uuid4().hex}@{self.domain}>",
        }
        text = "È arrivato un messaggio di posta ordinaria, che non si può certificare."
        return self._signed(fields, [text_leaf(text), mail_leaf("postacert.eml", raw)])

    def certification(
        self,
        kind: MailKind,
        mail: Submitted,
        *,
        error: Error = "none",
        text: str = "",
        about: str = "",
        form: Form | None = None,
    ) -> bytes:
        """Make the certification data (daticert.xml)."""
        root = etree.Element("postacert", tipo=_NAMES[kind], errore=_ERRORS[error])
        top = etree.SubElement(root, "intestazione")
        _add(top, "mittente", mail.sender)
        for address, certified in mail.recipients:
            _add(top, "destinatari", address, tipo="certificato" if certified else "esterno")
        _add(top, "risposte", mail.sender)
        _add(top, "oggetto", mail.subject)
        data = etree.SubElement(root, "dati")
        _add(data, "gestore-emittente", self.name)
        local = clock.now().astimezone(clock.ROME)
        when = etree.SubElement(data, "data", zona=local.strftime("%z"))
        _add(when, "giorno", local.strftime("%d/%m/%Y"))
        _add(when, "ora", local.strftime("%H:%M:%S"))
        _add(data, "identificativo", f"{mail.identifier}@{self.domain}")
        if mail.message_id:
            _add(data, "msgid", f"<{mail.message_id}>")
        if form or kind == "certified":
            etree.SubElement(data, "ricevuta", tipo=_FORMS[form or mail.form])
        if about:
            _add(data, "consegna", about)
        if text:
            _add(data, "errore-esteso", text)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8")

    def _receipt(
        self,
        kind: MailKind,
        mail: Submitted,
        *,
        to: str,
        error: Error = "none",
        text: str = "",
        about: str = "",
        form: Form | None = None,
        enclosed: Sequence[Leaf] = (),
    ) -> bytes:
        because = " PER VIRUS" if error == "virus" and kind != "virus_detected" else ""
        fields = {
            "X-Ricevuta": _NAMES[kind],
            "X-TipoRicevuta": _FORMS[form] if form else "",
            "X-VerificaSicurezza": "errore" if error == "virus" else "",
            "X-Mittente": mail.sender if kind == "virus_detected" else "",
            "Date": _date(clock.now()),
            "Subject": f"{_SUBJECTS[kind]}{because}: {mail.subject}",
            "From": mailbox("", self.address),
            "To": to,
            "Message-ID": f"<{kind.replace('_', '-')}.{uuid4().hex}@{self.domain}>",
            "X-Riferimento-Message-ID": f"<{mail.message_id}>" if mail.message_id else "",
        }
        data = self.certification(kind, mail, error=error, text=text, about=about, form=form)
        parts = [
            text_leaf(self._said(kind, mail, about=about, error=text)),
            file_leaf("daticert.xml", "application/xml", (data,)),
            *enclosed,
        ]
        return self._signed(fields, parts)

    def _said(self, kind: MailKind, mail: Submitted, *, about: str = "", error: str = "") -> str:
        local = clock.now().astimezone(clock.ROME)
        sentence = _SENTENCES[kind].format(sender=mail.sender, about=about, error=error)
        return (
            f"Il giorno {local:%d/%m/%Y} alle ore {local:%H:%M:%S} ({local:%z}) il messaggio\n"
            f'"{mail.subject}" proveniente da "{mail.sender}"\n{sentence}\n'
            f"Identificativo messaggio: {mail.identifier}@{self.domain}\n"
        )

    def _signed(self, fields: dict[str, str], parts: Sequence[Leaf]) -> bytes:
        seed = fields["Message-ID"]
        content = b"".join(multipart("mixed", parts, seed=seed)).rstrip(b"\r\n")
        signature = file_leaf("smime.p7s", "application/x-pkcs7-signature", (self.keys.sign(content),))
        whole = multipart(
            "signed",
            [_as_leaf(content), signature],
            seed=seed,
            parameters='protocol="application/x-pkcs7-signature"; micalg=sha-256; ',
        )
        return head({**fields, "MIME-Version": "1.0"}) + b"".join(whole)


def with_digests(raw: bytes) -> bytes:
    """Put digests in the place of the files of a mail, as a short receipt encloses it."""
    mail = message_from_bytes(raw)
    for part in mail.walk():
        if not part.is_multipart() and part.get_filename():
            content = part.get_payload(decode=True)
            digest = hashlib.sha256(content if isinstance(content, bytes) else b"").hexdigest()
            name = part.get_filename()
            del part["Content-Transfer-Encoding"], part["Content-Type"], part["Content-Disposition"]
            part["Content-Type"] = "text/plain"
            part.add_header("Content-Disposition", "attachment", filename=f"{name}.hash")
            part.set_payload(digest)
    return mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _as_leaf(entity: bytes) -> Leaf:
    fields, _, body = entity.partition(b"\r\n\r\n")
    return Leaf(fields + b"\r\n", (body,))


def _add(parent: etree._Element, name: str, text: str, **attributes: str) -> None:
    etree.SubElement(parent, name, attributes).text = one_line(text)


def _date(instant: datetime) -> str:
    return instant.astimezone(clock.ROME).strftime("%a, %d %b %Y %H:%M:%S %z")
