"""The document that the demonstration sends when the newcomer gives none: a PDF/A letter, set with typst."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.kernel import clock

if TYPE_CHECKING:
    from pathlib import Path

# Names that `demo --once --out` writes beside the documents.
RESERVED = frozenset(
    {
        "request.xml",
        "response.xml",
        "confirmation-request.xml",
        "segnatura.xml",
        "receipt.json",
        "seal-certificate.pem",
        "ca.pem",
        "pec-sent.eml",
        "pec-acceptance.eml",
        "pec-delivery.eml",
        "pec-arrived.eml",
        "pec-confirmation.eml",
        "conferma.xml",
        "pec-ca.pem",
    }
)
FILE_NAME = "richiesta-convenzione.pdf"
SUBJECT = "Proposta di convenzione per la gestione associata della biblioteca e dell'archivio storico"
CLASSIFICATION = "1.15"

_LETTER = """
#set document(title: sys.inputs.subject, author: sys.inputs.sender)
#set page(paper: "a4", margin: 2.5cm)
#set text(lang: "it", size: 11pt)
#set par(justify: true)
#text(size: 15pt, weight: "bold")[#sys.inputs.sender] \\
#text(fill: luma(35%))[Ufficio protocollo e archivio]
#v(2em)
#align(right)[A: #sys.inputs.recipient]
#v(1em)
#strong[Oggetto:] #sys.inputs.subject
#v(1em)
Con la presente si propone a codesta amministrazione una convenzione per la gestione associata della
biblioteca comunale e dell'archivio storico, ai sensi dell'articolo 30 del testo unico degli enti locali.
Si allega lo schema della convenzione e si resta in attesa di riscontro.
#v(1em)
#sys.inputs.place, #sys.inputs.day
"""


def write_sample(folder: Path, *, sender: str, recipient: str) -> Path:
    """Set the letter from `sender` to `recipient` in a folder and return its path."""
    import typst

    folder.mkdir(parents=True, exist_ok=True)
    target = folder / FILE_NAME
    content: bytes = typst.compile(
        _LETTER.encode(),
        pdf_standards=["a-2b"],
        sys_inputs={
            "subject": SUBJECT,
            "sender": sender,
            "recipient": recipient,
            "place": sender.removeprefix("Comune di "),
            "day": clock.today().strftime("%d/%m/%Y"),
        },
    )
    target.write_bytes(content)
    return target
