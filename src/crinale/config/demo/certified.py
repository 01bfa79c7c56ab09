"""One document by certified mail: sent by the body outside, registered by itself, its number coming back.

What `demo --once --out` leaves of it in the folder, each mail byte for byte as it lay in its mailbox:

pec-sent.eml           what the body outside handed to its provider, with its Segnatura.xml
pec-acceptance.eml     ricevuta di accettazione
pec-delivery.eml       ricevuta di avvenuta consegna
pec-arrived.eml        busta di trasporto, in the mailbox of the town
pec-confirmation.eml   busta di trasporto of the town's Conferma.xml, in the mailbox of the body outside
conferma.xml           the confirmation, with the town's number
pec-ca.pem             the authority of the provider, which signed all but the first
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.config.demo import network, outside, post_office
from crinale.spine.protocol.rules.legacy_segnatura import parse_return_message
from crinale.spine.protocol.rules.segnatura_data import ConfirmationMessage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crinale.config.demo.homes import DemoHome
    from crinale.config.demo.post_office import Letter
    from crinale.spine.protocol.queries import Identifier

WRITER = outside.CONSORTIUM
SUBJECT = "Nulla osta idraulico per il guado sul torrente Bruna"
_LETTER = """Si rilascia il nulla osta idraulico per il ripristino del guado sul torrente Bruna,
con le prescrizioni già comunicate.
"""
_LOOK_EVERY_SECONDS = 0.1
_TOLD = {"acceptance": "its provider accepted it", "delivery": "it lies in the town's mailbox"}


@dataclass(frozen=True)
class Confirmed:
    """A mail whose confirmation came back."""

    message_id: str
    number: Identifier
    came_back: dict[str, Letter]


def write(home: DemoHome) -> str:
    """Send a document with its segnatura to the town; return the Message-ID of the mail."""
    folder = home.root / "sample"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "nulla-osta.txt"
    file.write_text(_LETTER, encoding="utf-8")
    return post_office.submit(
        home,
        post_office.Submission(
            sender=WRITER.address,
            recipient=network.SENDER.mail,
            subject=SUBJECT,
            files=[file],
            text=_LETTER,
            segnatura=True,
        ),
    )


def follow(
    home: DemoHome, message_id: str, *, seconds: float, tell: Callable[[str], None]
) -> Confirmed | None:
    """Tell what comes back to the body outside, until the confirmation is there or the time is over."""
    deadline = time.monotonic() + seconds
    came_back: dict[str, Letter] = {}
    seen = 0
    while time.monotonic() < deadline:
        for letter in post_office.letters(home, WRITER.address, after=seen):
            seen = letter.number
            if letter.read.about != message_id:
                continue
            if text := _TOLD.get(letter.read.kind):
                tell(f"certified mail from {WRITER.name}: {text}")
            came_back[letter.read.kind] = letter
            if (number := _number(letter)) is not None:
                tell(f"{network.SENDER.name} registered it by itself and sent back its number")
                return Confirmed(message_id, number, came_back)
        time.sleep(_LOOK_EVERY_SECONDS)
    return None


def _number(letter: Letter) -> Identifier | None:
    if letter.read.protocol_answer is None:
        return None
    answer = parse_return_message(letter.read.protocol_answer[1])
    return answer.identifier if isinstance(answer, ConfirmationMessage) else None


def collect(home: DemoHome, confirmed: Confirmed, *, folder: Path) -> None:
    """Leave in a folder what proves it."""
    for kind, name in (
        ("acceptance", "pec-acceptance.eml"),
        ("delivery", "pec-delivery.eml"),
        ("certified", "pec-confirmation.eml"),
    ):
        shutil.copyfile(confirmed.came_back[kind].file, folder / name)
    answer = confirmed.came_back["certified"].read.protocol_answer
    (folder / "conferma.xml").write_bytes(answer[1] if answer else b"")
    for letter in post_office.letters(home, network.SENDER.mail):
        if letter.read.message_id == confirmed.message_id:
            shutil.copyfile(letter.file, folder / "pec-arrived.eml")
    for letter in post_office.letters(home, WRITER.address, folder=post_office.SENT):
        if letter.read.message_id == confirmed.message_id:
            shutil.copyfile(letter.file, folder / "pec-sent.eml")
    shutil.copyfile(post_office.provider(home).authority, folder / "pec-ca.pem")
